package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import com.sun.jna.NativeLibrary;
import io.adamant.base.LoadFailure;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@link EngineFit} runs in a JVM of its own, where a crash harms nobody: loads the engine,
 * checks it, and says on standard output which files it used and whether they fit.
 */
final class EngineProof {

  static final String FILE = "file ";
  static final String WRONG = "wrong ";
  static final String FITS = "fits";
  static final String UNLOADABLE = "unloadable ";

  private EngineProof() {}

  public static void main(String[] args) {
    String verdict;
    try {
      verdict = check().map(wrong -> WRONG + wrong.lines().findFirst().orElse("")).orElse(FITS);
      NativeLibraries libraries = NativeLibraries.detect();
      libraries.jni().ifPresent(EngineProof::tell);
      libraries.libtorch().forEach(EngineProof::tell);
    } catch (RuntimeException | LinkageError e) {
      verdict =
          LoadFailure.explain(e)
              .map(UNLOADABLE::concat)
              .orElseGet(() -> WRONG + rootCause(e).toString().lines().findFirst().orElse(""));
    }
    System.out.println(verdict);
    System.out.flush();
    // A misfit may leave threads that never end.
    Runtime.getRuntime().halt(0);
  }

  private static Optional<String> check() {
    Engine.getInstance();
    CudaView view = CudaView.detect();
    if (view.driver() && view.cudaLibtorch()) {
      // DJL counts GPUs through JNA, and takes the CPU without a word where that cannot be loaded.
      NativeLibrary.getProcess();
    }
    Device best = Devices.select("auto");
    Optional<String> wrong = EngineCheck.run(Device.cpu());
    return wrong.isEmpty() && best.isGpu() ? EngineCheck.run(best) : wrong;
  }

  private static void tell(Path file) {
    System.out.println(FILE + file);
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
