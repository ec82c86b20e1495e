package io.adamant.doctor;

import static io.adamant.doctor.Finding.Level.NOTE;
import static io.adamant.doctor.Finding.Level.OK;
import static io.adamant.doctor.Finding.Level.PROBLEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.tensor.CudaView;
import io.adamant.tensor.EngineInfo;
import io.adamant.tensor.Gpu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A machine with an H100 on which all is well; each test springs one trap of DJL's. */
class CudaDoctorTest {

  private final Map<String, String> environment = new HashMap<>(Map.of("RUST_FLAVOR", "cpu"));
  private boolean driver = true;
  private boolean cudaLibtorch = true;
  private boolean cpuJar;
  private Optional<String> runtime = Optional.of("12.8");
  private int count = 1;
  private List<Path> otherCudart = List.of();
  private Optional<Path> mappedCudart = Optional.empty();
  private List<Gpu> gpus = List.of(new Gpu(0, "NVIDIA H100", 80L << 30, "9.0"));
  private Optional<Boolean> tf32 = Optional.of(false);
  private final List<String> libraries = new ArrayList<>();

  private List<Finding> findings(String device) {
    CudaFacts facts =
        new CudaFacts(
            environment,
            cpuJar,
            Optional.of(Path.of("/djl/2.7.1-cu128-linux-x86_64/0.35.1-libdjl_torch.so")),
            runtime.map(version -> Path.of("/cuda/libcudart.so")).or(() -> mappedCudart),
            otherCudart,
            gpus,
            tf32,
            libraries);
    CudaView view = new CudaView(driver, cudaLibtorch, runtime, count);
    EngineInfo engine =
        new EngineInfo("0.35.1", "2.7.1", Path.of("/torch"), Optional.of("2.7.1"), 2, view);
    return new CudaDoctor(facts, engine, device).findings();
  }

  private Finding finding(String topic, String device) {
    return findings(device).stream()
        .filter(finding -> finding.topic().equals(topic))
        .findFirst()
        .orElseThrow(() -> new AssertionError(topic + " is not in " + findings(device)));
  }

  private void hinders(String topic, String... advice) {
    assertThat(finding(topic, "auto").level()).isEqualTo(NOTE);
    assertThat(finding(topic, "cuda").level()).isEqualTo(PROBLEM);
    assertThat(finding(topic, "cuda:0").level()).isEqualTo(PROBLEM);
    assertThat(finding(topic, "cuda").advice()).contains(advice);
  }

  @Test
  void aGoodMachineIsDescribedWithoutAdvice() {
    assertThat(findings("auto"))
        .containsExactly(
            Finding.ok("CUDA", "runtime 12.8, GPUs: 1"),
            Finding.ok(
                "GPU 0", "NVIDIA H100, 80.0 GiB, compute capability 9.0, bfloat16 in hardware"),
            Finding.ok("cudart", "12.8 in /cuda/libcudart.so"),
            Finding.ok("flavor", "cu128"),
            Finding.ok("TF32", "off unless training.tf32 is true"));
  }

  @Test
  void aMachineWithoutADriverHasNothingToRepair() {
    driver = false;
    cudaLibtorch = false;
    runtime = Optional.empty();
    count = 0;
    gpus = List.of();

    assertThat(findings("auto")).allMatch(finding -> finding.level() == OK);
    assertThat(finding("CUDA", "auto").text()).contains("no NVIDIA driver");
  }

  @Test
  void aGpuWhoseDriverFilesAreHiddenIsNoted() {
    driver = false;
    count = 0;
    hinders("CUDA", "container");
  }

  @Test
  void aJarForTheCpuWins() {
    cpuJar = true;
    cudaLibtorch = false;
    hinders("CUDA", "ADAMANT_LIBTORCH=cuda", "-Pcuda");
  }

  @Test
  void aLibtorchForTheCpuWithoutSuchAJarIsAMatterOfTheFlavor() {
    cudaLibtorch = false;
    hinders("CUDA", "PYTORCH_FLAVOR=cu128", "PYTORCH_LIBRARY_PATH");
  }

  @Test
  void aMissingRuntimeIsFoundElsewhereIfItIsThere() {
    runtime = Optional.empty();
    count = 0;
    hinders("CUDA", "libcudart.so", "LD_LIBRARY_PATH", "nvidia-cuda-runtime-cu12");

    mappedCudart = Optional.of(Path.of("/site/nvidia/cuda_runtime/lib/libcudart.so.12"));
    hinders("CUDA", "ln -s /site/nvidia/cuda_runtime/lib/libcudart.so.12 ~/cudart/libcudart.so");

    otherCudart = List.of(Path.of("/usr/local/cuda/lib64/libcudart.so.12"));
    hinders("CUDA", "ln -s /usr/local/cuda/lib64/libcudart.so.12 ~/cudart/libcudart.so");
  }

  @Test
  void aRuntimeOlderThanTheFlavorMakesDjlTakeTheCpu() {
    runtime = Optional.of("12.4");
    hinders("cudart", "CUDA 12.8 or later");
    assertThat(finding("cudart", "auto").text()).contains("/cuda/libcudart.so", "cu128");

    runtime = Optional.of("12.10");
    assertThat(finding("cudart", "cuda").level()).as("12.10 is later than 12.8").isEqualTo(OK);
  }

  @Test
  void aGpuThatTheRuntimeDoesNotSee() {
    count = 0;
    environment.put("CUDA_VISIBLE_DEVICES", "7");
    hinders("CUDA", "CUDA_VISIBLE_DEVICES", "(it is 7)");
  }

  @Test
  void aLibtorchOfOnesOwnNeedsItsFlavor() {
    environment.put("PYTORCH_LIBRARY_PATH", "/opt/torch");
    libraries.add("libtorch.so");
    hinders("flavor", "PYTORCH_FLAVOR=cu128");

    environment.put("PYTORCH_FLAVOR", "cu128");
    assertThat(finding("flavor", "cuda")).isEqualTo(Finding.ok("flavor", "cu128"));
  }

  @Test
  void aFlavorWithoutCudaSkipsItsLibraries() {
    environment.put("PYTORCH_FLAVOR", "cpu");
    hinders("flavor", "PYTORCH_FLAVOR=cu128");
  }

  @Test
  void aFolderWithoutLibtorchOrWithAWholePythonIsNoted() {
    environment.put("PYTORCH_LIBRARY_PATH", "/opt/torch");
    environment.put("PYTORCH_FLAVOR", "cu128");
    assertThat(finding("libtorch path", "auto").text()).contains("DJL ignores it");

    libraries.add("libtorch.so");
    assertThat(finding("libtorch path", "auto").level()).isEqualTo(OK);

    for (int i = 0; i < 12; i++) {
      libraries.add("libother" + i + ".so");
    }
    assertThat(finding("libtorch path", "auto").advice()).contains("folder of links");
  }

  @Test
  void aLibtorchOfAnotherVersionIsNoted() {
    environment.put("PYTORCH_VERSION", "2.10.0");
    assertThat(finding("PYTORCH_VERSION", "cuda").level()).isEqualTo(NOTE);
    assertThat(finding("PYTORCH_VERSION", "cuda").advice()).contains("libtorch 2.7.1", "2.10.0");

    environment.put("PYTORCH_VERSION", "2.7.1");
    assertThat(findings("cuda")).noneMatch(f -> f.topic().equals("PYTORCH_VERSION"));
  }

  @Test
  void fallingBackInSilenceIsSaid() {
    cudaLibtorch = false;
    assertThat(finding("fallback", "auto").level()).isEqualTo(NOTE);
    assertThat(findings("cpu")).noneMatch(f -> f.topic().equals("fallback"));
    cudaLibtorch = true;
    assertThat(findings("auto")).noneMatch(f -> f.topic().equals("fallback"));
  }

  @Test
  void overridesOfTf32AreShown() {
    environment.put("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1");
    assertThat(finding("TF32", "cuda").text()).contains("overruled");
    environment.put("NVIDIA_TF32_OVERRIDE", "1");
    assertThat(finding("TF32", "cuda").level()).isEqualTo(NOTE);
    environment.put("NVIDIA_TF32_OVERRIDE", "0");
    assertThat(finding("TF32", "cuda").text()).contains("forbidden");
    environment.clear();
    tf32 = Optional.empty();
    assertThat(finding("TF32", "cuda").level()).isEqualTo(NOTE);
    assertThat(finding("tokenizers", "cuda").advice()).contains("RUST_FLAVOR=cpu");
  }

  @Test
  void anOldGpuHasNoBfloat16() {
    gpus = List.of(new Gpu(0, "Tesla T4", 15L << 30, "7.5"), new Gpu(1, "A100", 40L << 30, "8.0"));
    assertThat(finding("GPU 0", "cuda").level()).isEqualTo(NOTE);
    assertThat(finding("GPU 1", "cuda").level()).isEqualTo(OK);
  }
}
