package io.adamant.doctor;

import io.adamant.tensor.CudaView;
import io.adamant.tensor.Gpu;
import io.adamant.tensor.NativeLibraries;
import io.adamant.tensor.TorchContext;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What decides whether and how DJL gets to a GPU, as plain values.
 *
 * @param environment the variables of {@link #VARIABLES} that are set
 * @param cpuJar whether the class path brings libtorch for the CPU
 * @param jni DJL's native library in use; empty if unknown
 * @param cudart the CUDA runtime in use; empty if none is
 * @param otherCudart CUDA runtimes on the disk under names that DJL does not look for
 * @param gpus what the machine has, whether DJL sees it or not
 * @param tf32 libtorch's switch for TensorFloat-32; empty if it cannot be read
 * @param librariesInPath shared libraries in the folder of PYTORCH_LIBRARY_PATH; empty without it
 */
public record CudaFacts(
    Map<String, String> environment,
    boolean cpuJar,
    Optional<Path> jni,
    Optional<Path> cudart,
    List<Path> otherCudart,
    List<Gpu> gpus,
    Optional<Boolean> tf32,
    List<String> librariesInPath) {

  /** Variables that DJL, libtorch or NVIDIA's libraries obey. */
  static final List<String> VARIABLES =
      List.of(
          "PYTORCH_LIBRARY_PATH",
          "PYTORCH_VERSION",
          "PYTORCH_FLAVOR",
          "LD_LIBRARY_PATH",
          "CUDA_VISIBLE_DEVICES",
          "RUST_FLAVOR",
          "NVIDIA_TF32_OVERRIDE",
          "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
          "CUBLAS_WORKSPACE_CONFIG");

  /** A machine without any of it. */
  static final CudaFacts NONE =
      new CudaFacts(
          Map.of(),
          true,
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          List.of());

  /** The folder of DJL's cache that holds a version and flavor: 2.7.1-20250812-cpu-linux-x86_64. */
  private static final Pattern CACHED =
      Pattern.compile("\\d[\\d.]*(?:-\\d{8})?-(.+)-(?:linux|osx|win)-\\w+");

  private static final List<Path> USUAL_FOLDERS =
      List.of(
          Path.of("/usr/local/cuda/lib64"),
          Path.of("/usr/local/cuda/targets/x86_64-linux/lib"),
          Path.of("/usr/lib/x86_64-linux-gnu"),
          Path.of("/usr/lib64"));

  /** Copies the collections. */
  public CudaFacts {
    environment = Map.copyOf(environment);
    otherCudart = List.copyOf(otherCudart);
    gpus = List.copyOf(gpus);
    librariesInPath = List.copyOf(librariesInPath);
  }

  /**
   * This process.
   *
   * @param view what DJL sees; empty if the engine is not loaded
   */
  static CudaFacts detect(Optional<CudaView> view) {
    Map<String, String> environment = new TreeMap<>();
    for (String name : VARIABLES) {
      Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
    }
    NativeLibraries libraries = NativeLibraries.detect();
    List<Gpu> gpus = NvidiaSmi.query();
    return new CudaFacts(
        environment,
        CudaFacts.class.getResource("/native/lib/pytorch.properties") != null
            && System.getProperty("java.class.path").contains("pytorch-native-cpu"),
        libraries.jni(),
        libraries.cudaRuntime(),
        otherCudart(environment),
        gpus.isEmpty() ? Gpu.ofRuntime(view.map(CudaView::gpus).orElse(0)) : gpus,
        view.flatMap(loaded -> TorchContext.ofEngine()).map(TorchContext::tf32),
        librariesInPath(environment));
  }

  private static List<Path> otherCudart(Map<String, String> environment) {
    Set<Path> folders = new LinkedHashSet<>();
    String own = environment.getOrDefault("PYTORCH_LIBRARY_PATH", "");
    for (String path : environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1)) {
      if (!path.isBlank()) {
        folders.add(Path.of(path));
      }
    }
    folders.addAll(USUAL_FOLDERS);
    if (!own.isBlank()) {
      Path libtorch = Path.of(own);
      folders.add(libtorch);
      // Beside torch/lib of a Python installation.
      folders.add(libtorch.resolve("../../nvidia/cuda_runtime/lib").normalize());
    }
    List<Path> found = new ArrayList<>();
    folders.forEach(folder -> found.addAll(named(folder, "libcudart(-[0-9a-f]+)?\\.so\\..+")));
    return found;
  }

  private static List<String> librariesInPath(Map<String, String> environment) {
    List<String> names = new ArrayList<>();
    for (String path :
        environment.getOrDefault("PYTORCH_LIBRARY_PATH", "").split(File.pathSeparator, -1)) {
      if (!path.isBlank()) {
        named(Path.of(path), ".*\\.so(\\..+)?")
            .forEach(file -> names.add(file.getFileName().toString()));
      }
    }
    return names;
  }

  private static List<Path> named(Path folder, String pattern) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().matches(pattern)).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** A variable's value, empty if it is not set. */
  String variable(String name) {
    return environment.getOrDefault(name, "");
  }

  /** The flavor of libtorch, such as cu128, as far as it is said anywhere. */
  Optional<String> flavor() {
    String asked = variable("PYTORCH_FLAVOR");
    if (!asked.isEmpty()) {
      return Optional.of(asked);
    }
    Optional<Matcher> cached =
        jni.map(Path::getParent).map(Path::getFileName).map(f -> CACHED.matcher(f.toString()));
    return cached.filter(Matcher::matches).map(matcher -> matcher.group(1));
  }

  /** The CUDA version that the flavor is made for: 12.8 for cu128. */
  Optional<String> flavorVersion() {
    return flavor()
        .filter(flavor -> flavor.matches("cu\\d{3}.*"))
        .map(flavor -> flavor.substring(2, 4) + "." + flavor.charAt(4));
  }
}
