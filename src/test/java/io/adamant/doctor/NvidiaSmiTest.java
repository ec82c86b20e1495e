package io.adamant.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.tensor.Gpu;
import java.util.List;
import org.junit.jupiter.api.Test;

class NvidiaSmiTest {

  @Test
  void readsItsAnswer() {
    assertThat(
            NvidiaSmi.query(
                List.of(
                    "/bin/sh",
                    "-c",
                    "echo '0, NVIDIA H100 80GB HBM3, 81559, 9.0'; echo '1, Tesla T4, 15360, 7.5'")))
        .containsExactly(
            new Gpu(0, "NVIDIA H100 80GB HBM3", 81559L << 20, "9.0"),
            new Gpu(1, "Tesla T4", 15360L << 20, "7.5"));
  }

  @Test
  void whatIsNoAnswerIsNoGpu() {
    assertThat(NvidiaSmi.query(List.of("/no/such/tool"))).isEmpty();
    assertThat(NvidiaSmi.query(List.of("/bin/sh", "-c", "echo '0, X, 1, 9.0'; exit 9"))).isEmpty();
    assertThat(NvidiaSmi.parse("NVIDIA-SMI has failed\n\n0, X, [N/A], 9.0\n")).isEmpty();
  }
}
