package io.adamant.tensor;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Whether DJL will download libtorch when the engine is loaded, and how far it has come.
 *
 * @param folder where DJL keeps what it downloads
 * @param expected whether there is no libtorch at hand
 */
record LibtorchDownload(Path folder, boolean expected) {

  private static final String LIBTORCH = System.mapLibraryName("torch");

  /**
   * Looks where DJL looks: the class path, {@code PYTORCH_LIBRARY_PATH}, its own folder.
   *
   * @param bundled whether the class path brings a libtorch
   * @param offline whether DJL may not download
   * @param variable value of an environment variable, empty if it is not set
   */
  static LibtorchDownload of(
      Path folder, boolean bundled, boolean offline, UnaryOperator<String> variable) {
    String own = variable.apply("PYTORCH_LIBRARY_PATH");
    // Without a libtorch there, DJL ignores the variable.
    boolean given = !own.isEmpty() && Files.exists(Path.of(own).resolve(LIBTORCH));
    String version = variable.apply("PYTORCH_VERSION");
    String flavor = variable.apply("PYTORCH_FLAVOR");
    return new LibtorchDownload(
        folder, !bundled && !offline && !given && !kept(folder, version, flavor));
  }

  /** What this process has to expect. */
  static LibtorchDownload ofThisProcess(boolean bundled, UnaryOperator<String> variable) {
    boolean offline = Boolean.getBoolean("ai.djl.offline");
    return of(Utils.getEngineCacheDir("pytorch"), bundled, offline, variable);
  }

  /** DJL's folders have names such as {@code 2.7.1-cu128-linux-x86_64}. */
  private static boolean kept(Path folder, String version, String flavor) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith(version))
          .filter(entry -> entry.getFileName().toString().contains(flavor))
          .anyMatch(entry -> Files.exists(entry.resolve(LIBTORCH)));
    } catch (IOException | UncheckedIOException e) {
      return false; // no folder yet
    }
  }

  /** Bytes of all files in the folder; best effort while DJL moves them about. */
  long bytes() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(LibtorchDownload::size).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
