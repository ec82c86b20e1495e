package io.adamant.doctor;

import ai.djl.Device;
import ai.djl.util.Utils;
import io.adamant.base.Granted;
import io.adamant.base.UserPath;
import io.adamant.data.CacheDirectory;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.EngineCheck;
import io.adamant.tensor.EngineFit;
import io.adamant.tensor.EngineInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The facts about a machine that the doctor judges: plain values, so that a test can write down any
 * machine.
 *
 * @param java version, vendor and home of the running Java
 * @param options for the JVM, by the environment's variable that has them
 * @param system name, version and architecture of the operating system
 * @param cpu the processor
 * @param cores processors that this process may use
 * @param memory bytes that this process may use; empty if unknown
 * @param maxHeap bytes that Java's heap may grow to; tensors live outside
 * @param folders folders that are written to
 * @param engine the engine; empty if it could not be loaded
 * @param engineFailure why not; empty if it could
 * @param check runs the engine's check on a device: what is wrong, or empty
 * @param fit whether libtorch and DJL's native library fit, proven in a JVM of its own
 * @param cuda what decides how DJL gets to a GPU
 */
public record Environment(
    String java,
    Map<String, String> options,
    String system,
    CpuFeatures cpu,
    int cores,
    OptionalLong memory,
    long maxHeap,
    List<Folder> folders,
    Optional<EngineInfo> engine,
    String engineFailure,
    Function<Device, Optional<String>> check,
    EngineFit.Proof fit,
    CudaFacts cuda) {

  /** Copies the folders. */
  public Environment {
    options = Map.copyOf(options);
    folders = List.copyOf(folders);
    if (engine.isPresent() != engineFailure.isEmpty()) {
      throw new IllegalArgumentException(
          "engine is " + engine + " with the failure \"" + engineFailure + "\"");
    }
  }

  /**
   * This machine.
   *
   * @param results the folder that results go to
   * @param say takes lines while libtorch is tried, which takes seconds, or minutes with a download
   * @return its facts; the engine is loaded for them
   */
  public static Environment detect(Path results, Consumer<String> say) {
    Optional<EngineInfo> engine = Optional.empty();
    String failure = "";
    EngineFit.Proof fit = EngineFit.ofThisProcess(CacheDirectory.ofUser()).prove(say);
    if (fit.outcome() == EngineFit.Outcome.MISFIT
        || fit.outcome() == EngineFit.Outcome.UNLOADABLE) {
      failure = fit.detail(); // loading it here could end this process
    } else {
      try {
        engine = Optional.of(EngineInfo.detect());
      } catch (RuntimeException | LinkageError e) {
        failure = rootCause(e).toString();
      }
    }
    return new Environment(
        property("java.version") + " (" + property("java.vendor") + ") in " + property("java.home"),
        JvmOptions.of(System.getenv()),
        property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
        CpuFeatures.detect(),
        Granted.here().threads(),
        Granted.here().memory(),
        Runtime.getRuntime().maxMemory(),
        List.of(
            Folder.of("results", results, true),
            Folder.of("Adamant's cache (tokens)", CacheDirectory.ofUser(), true),
            Folder.of("DJL's cache (libtorch)", Utils.getEngineCacheDir(), true),
            Folder.of("Maven's repository", mavenRepository(), false)),
        engine,
        failure,
        EngineCheck::run,
        fit,
        CudaFacts.detect(engine.map(EngineInfo::cuda)));
  }

  private static Path mavenRepository() {
    String moved = System.getProperty("maven.repo.local", "");
    return moved.isEmpty() ? UserPath.home().resolve(".m2/repository") : Path.of(moved);
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
