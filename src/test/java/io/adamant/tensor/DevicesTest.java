package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import io.adamant.base.InputException;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {

  private static final Optional<String> RUNTIME = Optional.of("12.8");
  private static final CudaView TWO_GPUS = new CudaView(true, true, RUNTIME, 2);

  private static void refused(String device, CudaView cuda, String reason) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Devices.select(device, cuda))
        .withMessageStartingWith("training.device is " + device + "; allowed: ")
        .withMessageContaining(reason);
  }

  @Test
  void autoTakesTheFirstGpuThatCanBeUsed() {
    assertThat(Devices.select("auto", TWO_GPUS)).isEqualTo(Device.gpu(0));
  }

  @Test
  void ofSeveralRanksEachTakesAGpu() {
    CudaView oneGpu = new CudaView(true, true, RUNTIME, 1);
    assertThat(Devices.ofRank(0, TWO_GPUS)).isEqualTo(Device.gpu(0));
    assertThat(Devices.ofRank(1, TWO_GPUS)).isEqualTo(Device.gpu(1));
    assertThat(Devices.ofRank(3, oneGpu)).as("each sees its own only").isEqualTo(Device.gpu(0));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Devices.ofRank(2, TWO_GPUS))
        .withMessageContaining("finds 2 GPUs on its machine");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Devices.ofRank(0, CudaView.NONE))
        .withMessageContaining("no NVIDIA driver");
  }

  @Test
  void cpuIsCpuBesideAnyGpu() {
    assertThat(Devices.select("cpu", TWO_GPUS)).isEqualTo(Device.cpu());
  }

  @Test
  void aGpuCanBeChosenByNumber() {
    assertThat(Devices.select("cuda", TWO_GPUS)).isEqualTo(Device.gpu(0));
    assertThat(Devices.select("cuda:1", TWO_GPUS)).isEqualTo(Device.gpu(1));
    refused("cuda:2", TWO_GPUS, "cuda:0 to cuda:1 (GPUs seen: 2)");
    refused("cuda:1", new CudaView(true, true, RUNTIME, 1), "auto, cpu or cuda:0 (GPUs seen: 1)");
  }

  @Test
  void cudaIsRefusedWithTheReasonAndAutoFallsBack() {
    CudaView noDriver = CudaView.NONE;
    CudaView cpuBuild = new CudaView(true, false, RUNTIME, 1);
    CudaView noRuntime = new CudaView(true, true, Optional.empty(), 0);
    CudaView noGpu = new CudaView(true, true, RUNTIME, 0);

    refused("cuda", noDriver, "no NVIDIA driver");
    refused("cuda", cpuBuild, "libtorch in use is built for the CPU");
    refused("cuda:0", noRuntime, "DJL finds no libcudart.so");
    refused("cuda", noGpu, "CUDA runtime 12.8 sees no GPU");
    for (CudaView machine : new CudaView[] {noDriver, cpuBuild, noRuntime, noGpu}) {
      assertThat(Devices.select("auto", machine)).isEqualTo(Device.cpu());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:12345", "cpu:0", "cuda 1"})
  void otherWordsAreRefusedOnAnyMachine(String device) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Devices.select(device, TWO_GPUS))
        .withMessageContaining("allowed: auto, cpu, cuda or cuda:N");
  }

  @Test
  void aCountOfGpusNeedsTheLibraryThatCounts() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CudaView(true, true, Optional.empty(), 1))
        .withMessageContaining("gpus is 1");
  }

  @Test
  void thisMachineWithoutADriverRefusesCuda() {
    Assumptions.assumeFalse(CudaView.detect().driver(), "this machine has an NVIDIA driver");

    assertThat(Devices.select("auto")).isEqualTo(Device.cpu());
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Devices.select("cuda"))
        .withMessageContaining("no NVIDIA driver");
  }
}
