package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TorchContextTest {

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
