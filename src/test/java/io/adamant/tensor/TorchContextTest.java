package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TorchContextTest {

  /** A child of the next test. */
  static final class Asks {
    private Asks() {}

    public static void main(String[] args) {
      System.out.println("switches " + TorchContext.ofEngine().isPresent());
    }
  }

  /** As where the folder that JNA unpacks its library to forbids programs. */
  @Test
  void withoutJnaThereAreNoSwitchesAndNoError() throws Exception {
    Process child =
        ChildJvm.of(
                List.of("-Djna.nounpack=true", "-Djna.nosys=true"),
                System.getProperty("java.class.path"),
                Asks.class,
                List.of())
            .redirectErrorStream(true)
            .start();

    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains("switches false");
    assertThat(child.waitFor()).isZero();
  }

  @Test
  void theSwitchesOfTheLoadedLibtorchObey() {
    TorchContext context = TorchContext.ofEngine().orElseThrow();
    boolean tf32 = context.tf32();
    boolean deterministic = context.deterministic();
    try {
      context.tf32(true);
      assertThat(context.tf32()).isTrue();
      assertThat(context.deterministic()).as("the other switch").isEqualTo(deterministic);
      context.tf32(false);
      assertThat(context.tf32()).isFalse();

      context.deterministic(true);
      assertThat(context.deterministic()).isTrue();
      assertThat(context.tf32()).as("the other switch").isFalse();
      context.deterministic(false);
      assertThat(context.deterministic()).isFalse();
    } finally {
      context.tf32(tf32);
      context.deterministic(deterministic);
    }
  }
}
