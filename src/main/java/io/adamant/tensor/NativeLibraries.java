package io.adamant.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The native libraries that this process has mapped, as Linux tells it. DJL does not say which of
 * several candidates it took; the process's own map does.
 *
 * @param files absolute paths of all shared libraries, in the order of the map, each once
 */
public record NativeLibraries(List<Path> files) {

  private static final Pattern JNI = Pattern.compile("(.*-)?libdjl_torch\\.(so|dylib)");
  private static final Pattern TORCH = Pattern.compile("lib(torch(_cpu|_cuda)?|c10(_cuda)?)\\.so");
  private static final Pattern RUNTIME = Pattern.compile("libcudart(-[0-9a-f]+)?\\.so.*");

  /** Copies the list. */
  public NativeLibraries {
    files = List.copyOf(files);
  }

  /**
   * This process's libraries.
   *
   * @return what is mapped now; nothing on systems without {@code /proc}
   */
  public static NativeLibraries detect() {
    try {
      return parse(Files.readAllLines(Path.of("/proc/self/maps")));
    } catch (IOException e) {
      return new NativeLibraries(List.of());
    }
  }

  /** Reads lines such as {@code 7f00-7f01 r-xp 00000000 08:01 123 /lib/libc.so.6}. */
  static NativeLibraries parse(List<String> maps) {
    Set<Path> found = new LinkedHashSet<>();
    for (String line : maps) {
      int slash = line.indexOf('/');
      if (slash > 0 && line.substring(slash).contains(".so")) {
        found.add(Path.of(line.substring(slash).replaceFirst(" \\(deleted\\)$", "")));
      }
    }
    return new NativeLibraries(new ArrayList<>(found));
  }

  /**
   * DJL's native library, the bridge to libtorch.
   *
   * @return its file; empty before the engine is loaded
   */
  public Optional<Path> jni() {
    return files.stream().filter(file -> named(file, JNI)).findFirst();
  }

  /**
   * The CUDA runtime, through which DJL counts GPUs.
   *
   * @return its file; empty if none is loaded
   */
  public Optional<Path> cudaRuntime() {
    return files.stream().filter(file -> named(file, RUNTIME)).findFirst();
  }

  /**
   * The parts of libtorch that have to fit DJL's library.
   *
   * @return their files
   */
  public List<Path> libtorch() {
    return files.stream().filter(file -> named(file, TORCH)).toList();
  }

  private static boolean named(Path file, Pattern name) {
    return name.matcher(file.getFileName().toString()).matches();
  }
}
