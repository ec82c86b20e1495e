package io.adamant.parallel;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Structure;
import com.sun.jna.ptr.IntByReference;
import io.adamant.base.InputException;
import io.adamant.tensor.GpuContext;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** NVIDIA's library of exchanges between GPUs, wherever it is, and its functions. */
final class Nccl {

  /** {@code ncclUniqueId}, which is handed over by value. */
  @Structure.FieldOrder("internal")
  public static final class UniqueId extends Structure {

    /** The same by value. */
    @Structure.FieldOrder("internal")
    public static final class Value extends Structure implements Structure.ByValue {
      /** All of it. */
      public byte[] internal = new byte[NcclRanks.ID_BYTES];
    }

    /** All of it. */
    public byte[] internal = new byte[NcclRanks.ID_BYTES];
  }

  private static final String FILE = "libnccl.so.2";
  private static final String FIRST = "ncclSend"; // came with 2.7; all else is older

  private final NativeLibrary library;
  private final Function errorString;
  private final String version;

  private Nccl(NativeLibrary library) {
    this.library = library;
    errorString = library.getFunction("ncclGetErrorString");
    IntByReference code = new IntByReference();
    call("ncclGetVersion", code);
    version = version(code.getValue());
  }

  /**
   * The library of this process.
   *
   * @param environment variables
   * @throws InputException if there is none
   */
  static Nccl find(Map<String, String> environment) {
    String asked = environment.getOrDefault(NcclRanks.LIBRARY, "");
    if (!asked.isEmpty()) {
      try {
        return open(asked);
      } catch (UnsatisfiedLinkError e) {
        throw new InputException(
            "the environment's %s is %s, which is no NCCL of 2.7 or later: %s"
                .formatted(
                    NcclRanks.LIBRARY,
                    asked,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
            e);
      }
    }
    for (String name : candidates(GpuContext.folder(), environment, Path.of("/"))) {
      Optional<Nccl> there = ifThere(name);
      if (there.isPresent()) {
        return there.get();
      }
    }
    throw new InputException(
        "no NCCL is found, with which ranks on GPUs exchange tensors: install libnccl2, or with Python nvidia-nccl-cu12, or set %s to the file %s"
            .formatted(NcclRanks.LIBRARY, FILE));
  }

  private static Optional<Nccl> ifThere(String name) {
    try {
      return Optional.of(open(name));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty(); // not there, or a libtorch without it
    }
  }

  /** A library by its file or name; an error of the linker if there is none, or a too old one. */
  static Nccl open(String name) {
    NativeLibrary library = NativeLibrary.getInstance(name);
    library.getFunction(FIRST);
    return new Nccl(library);
  }

  /**
   * Where to look, in this order: libtorch's folder, since one that brings its own NCCL is known to
   * work with it; the system; Python's packages.
   */
  static List<String> candidates(Path libtorch, Map<String, String> environment, Path root) {
    List<String> names = new ArrayList<>();
    for (String file : List.of(System.mapLibraryName("torch_cuda"), FILE)) {
      if (Files.exists(libtorch.resolve(file))) {
        names.add(libtorch.resolve(file).toString());
      }
    }
    names.add(FILE);
    List<Path> prefixes = new ArrayList<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      if (!environment.getOrDefault(variable, "").isEmpty()) {
        prefixes.add(Path.of(environment.get(variable)));
      }
    }
    if (!environment.getOrDefault("HOME", "").isEmpty()) {
      prefixes.add(Path.of(environment.get("HOME"), ".local"));
    }
    for (String folder : List.of("usr/local", "usr", "opt/conda", "opt/venv")) {
      prefixes.add(root.resolve(folder));
    }
    for (Path prefix : prefixes) {
      names.addAll(ofPython(prefix.resolve("lib")));
    }
    return names;
  }

  private static List<String> ofPython(Path lib) {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> pythons = Files.newDirectoryStream(lib, "python3*")) {
      for (Path python : pythons) {
        for (String packages : List.of("site-packages", "dist-packages")) {
          Path file = python.resolve(packages).resolve("nvidia/nccl/lib").resolve(FILE);
          if (Files.exists(file)) {
            found.add(file.toString());
          }
        }
      }
    } catch (IOException e) {
      return List.of(); // no such Python
    }
    return found;
  }

  /** Such as 2.21.5 of 22105; until 2.8 it was 2708 for 2.7.8. */
  static String version(int code) {
    return code < 10_000
        ? "%s.%s.%s".formatted(code / 1000, code / 100 % 10, code % 100)
        : "%s.%s.%s".formatted(code / 10_000, code / 100 % 100, code % 100);
  }

  String version() {
    return version;
  }

  /**
   * Calls a function.
   *
   * @throws IllegalStateException with NCCL's words if it fails
   */
  void call(String name, Object... arguments) {
    int error = library.getFunction(name).invokeInt(arguments);
    if (error != 0) {
      throw new IllegalStateException(
          "%s failed: %s (NCCL %s; NCCL_DEBUG=WARN in the environment tells more)"
              .formatted(name, errorString.invokeString(new Object[] {error}, false), version));
    }
  }
}
