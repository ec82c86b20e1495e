package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.adamant.base.InputException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a training on CUDA sets; the switches exist in a libtorch for the CPU too. */
class Tf32PolicyTest {

  private static final Map<String, String> OVERRIDE =
      Map.of("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1");

  private final TorchContext context = TorchContext.ofEngine().orElseThrow();

  @AfterEach
  void asItWas() {
    context.tf32(false);
    context.deterministic(false);
  }

  @Test
  void fp32IsTrueFp32UnlessAsked() {
    context.tf32(true); // as a container's environment may have it
    TorchRuntime.apply(Optional.of(context), false, OVERRIDE);
    assertThat(TorchRuntime.tf32()).isFalse();

    TorchRuntime.apply(Optional.of(context), true, Map.of());
    assertThat(TorchRuntime.tf32()).isTrue();
  }

  @Test
  void determinismComesWithTheWorkspaceThatItNeeds() {
    TorchRuntime.apply(Optional.of(context), false, Map.of("CUBLAS_WORKSPACE_CONFIG", ":4096:8"));
    assertThat(TorchRuntime.deterministic()).isTrue();

    TorchRuntime.apply(Optional.of(context), false, Map.of());
    assertThat(TorchRuntime.deterministic()).as("else cuBLAS would refuse to work").isFalse();
  }

  @Test
  void aLibtorchThatCannotBeToldIsRefusedWhereItWouldMatter() {
    assertThatCode(() -> TorchRuntime.apply(Optional.empty(), false, Map.of()))
        .doesNotThrowAnyException();
    assertThatCode(() -> TorchRuntime.apply(Optional.empty(), true, OVERRIDE))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> TorchRuntime.apply(Optional.empty(), true, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.tf32 is true; allowed: false");
    assertThatThrownBy(() -> TorchRuntime.apply(Optional.empty(), false, OVERRIDE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.tf32 is false; allowed: true");
  }

  @Test
  void aCpuIsLeftAlone() {
    context.tf32(true);
    TorchRuntime.prepareDevice(Device.cpu(), false);
    assertThat(context.tf32()).isTrue();
  }
}
