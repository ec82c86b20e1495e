package io.adamant.pack;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a folder with everything but libtorch: a Java runtime of the modules in use, the jars, the
 * configurations and a launcher. DJL fetches libtorch at the first start, or takes one that is
 * there: {@code PYTORCH_LIBRARY_PATH}, {@code PYTORCH_VERSION}, {@code PYTORCH_FLAVOR}.
 */
public final class Packager {

  private static final String MODULES =
      "java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.sql,"
          + "java.xml,jdk.crypto.ec,jdk.management,jdk.unsupported,jdk.zipfs";

  private final Path jar;
  private final Path javaHome;
  private final Slimmer slimmer;

  /**
   * Prepares to pack.
   *
   * @param jar Adamant's jar, with its libraries in the folder {@code lib} beside it
   * @param javaHome a JDK, whose {@code jlink} makes the runtime
   */
  public Packager(Path jar, Path javaHome) {
    this.jar = jar;
    this.javaHome = javaHome;
    this.slimmer =
        new Slimmer(Slimmer.platform(System.getProperty("os.name"), System.getProperty("os.arch")));
  }

  /**
   * A packager of the running program.
   *
   * @return from the jar that this class came from
   * @throws InputException if it did not come from a jar with its libraries beside it
   */
  public static Packager ofThisProgram() {
    String first = System.getProperty("java.class.path").split(File.pathSeparator, -1)[0];
    return new Packager(Path.of(first), Path.of(System.getProperty("java.home")));
  }

  /**
   * Makes the folder.
   *
   * @param target must not exist yet, or be empty; appears whole or not at all
   * @param extras files and folders to put beside the launcher, such as {@code configs}; those that
   *     do not exist are left out
   * @throws InputException if the target is in use, or what is needed is not there
   */
  public void pack(Path target, List<Path> extras) {
    Path lib = jar.resolveSibling("lib");
    Path jlink = javaHome.resolve("bin/jlink");
    require(
        jar.toString().endsWith(".jar") && Files.isDirectory(lib),
        "package: run it by ./adamant; " + jar + " is not a jar with a folder lib next to it");
    require(
        Files.isExecutable(jlink),
        "package: " + javaHome + " has no bin/jlink; expected: a JAVA_HOME that is a JDK");
    Path whole = target.toAbsolutePath().normalize();
    Path part = whole.resolveSibling(whole.getFileName() + ".part");
    try {
      require(
          isFree(whole),
          "package: " + target + " is in use; expected: a folder that does not exist or is empty");
      delete(part);
      Files.createDirectories(part.resolve("lib"));
      slimmer.copy(jar, part.resolve("adamant.jar"));
      try (Stream<Path> jars = Files.list(lib)) {
        for (Path library : jars.filter(Packager::wanted).sorted().toList()) {
          slimmer.copy(library, part.resolve("lib").resolve(library.getFileName()));
        }
      }
      link(jlink, part.resolve("runtime"));
      launcher(part.resolve("adamant"));
      for (Path extra : extras) {
        if (Files.exists(extra)) {
          copyTree(extra, part.resolve(extra.getFileName()));
        }
      }
      Files.deleteIfExists(whole);
      Files.move(part, whole);
    } catch (IOException e) {
      throw new StorageException("write", target, e);
    }
  }

  /** libtorch stays out: its CPU build is 110 MB and would win over a GPU's. */
  private static boolean wanted(Path library) {
    String name = library.getFileName().toString();
    return name.endsWith(".jar") && !name.startsWith("pytorch-native-");
  }

  private static void link(Path jlink, Path runtime) throws IOException {
    Process process =
        new ProcessBuilder(
                jlink.toString(),
                "--add-modules",
                MODULES,
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files",
                "--compress=0", // what is packed twice packs worse
                "--output",
                runtime.toString())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.Charset.defaultCharset());
    try {
      if (process.waitFor() != 0) {
        throw new IOException("jlink failed: " + said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while jlink ran", e);
    }
  }

  private static void launcher(Path file) throws IOException {
    try (InputStream in = Packager.class.getResourceAsStream("adamant")) {
      Files.copy(in, file);
    }
    require(
        file.toFile().setExecutable(true, false),
        "package: " + file + " cannot be made executable");
  }

  private static boolean isFree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return true;
    }
    try (Stream<Path> entries =
        Files.isDirectory(folder) ? Files.list(folder) : Stream.of(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new InputException(otherwise);
    }
  }
}
