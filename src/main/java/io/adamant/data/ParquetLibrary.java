package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The library that reads Parquet. It is large and few need it, so that no installation has it:
 * where the class path lacks it, it lies in the cache directory, and Maven brings it there once.
 */
final class ParquetLibrary {
  /** All of its jars but SLF4J and zstd-jni, which every installation has. */
  static final List<String> JARS =
      List.of(
          "blue.strategic.parquet:parquet-floor:2.3",
          "org.apache.parquet:parquet-hadoop:1.18.1",
          "org.apache.parquet:parquet-column:1.18.1",
          "org.apache.parquet:parquet-common:1.18.1",
          "org.apache.parquet:parquet-encoding:1.18.1",
          "org.apache.parquet:parquet-format-structures:1.18.1",
          "org.apache.parquet:parquet-jackson:1.18.1",
          "io.airlift:aircompressor:2.0.3",
          "javax.annotation:javax.annotation-api:1.3.2",
          "org.locationtech.jts:jts-core:1.20.0");

  private static final String ADAPTER = "io.adamant.data.parquet.";
  private static final String COPY =
      "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  private static final int MINUTES = 10;

  private final Path folder;

  private ParquetLibrary(Path cacheDirectory) {
    this.folder = cacheDirectory.resolve("libraries").resolve("parquet-1.18.1").toAbsolutePath();
  }

  private static ParquetLibrary ofUser() {
    return new ParquetLibrary(CacheDirectory.ofUser());
  }

  private static boolean isOnTheClassPath() {
    return ParquetLibrary.class.getResource("/org/apache/parquet/hadoop/ParquetFileReader.class")
        != null;
  }

  /** Brings it if it is not there, which takes some seconds once. */
  static void require(Consumer<String> progress) {
    if (!isOnTheClassPath()) {
      ofUser().bring(progress);
    }
  }

  /** Opens a column of a file. */
  static TextColumn open(Path file, String column) {
    ClassLoader own = ParquetLibrary.class.getClassLoader();
    return open(isOnTheClassPath() ? own : ofUser().loader(own), file, column);
  }

  private static TextColumn open(ClassLoader loader, Path file, String column) {
    try {
      return Class.forName(ADAPTER + "ParquetColumn", true, loader)
          .asSubclass(TextColumn.class)
          .getConstructor(Path.class, String.class)
          .newInstance(file, column);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InputException refused) {
        throw refused;
      }
      throw new IllegalStateException("cannot read " + file, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the Parquet library does not fit", e);
    }
  }

  /** Its classes and ours that are compiled against it; everything else is the parent's. */
  private ClassLoader loader(ClassLoader parent) {
    bring(line -> {});
    CacheLocks.of(folder.getParent().getParent()).use(lockKey(folder.getFileName().toString()));
    List<URL> urls = new ArrayList<>();
    try {
      for (Path jar : jars(folder.resolve("dependency"))) {
        urls.add(jar.toUri().toURL());
      }
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
    return new Loader(urls.toArray(new URL[0]), parent);
  }

  /** By which {@link CacheLocks} know a folder of libraries. */
  static String lockKey(String folder) {
    return new Sha256().add(folder).hex();
  }

  private static List<Path> jars(Path directory) {
    return JARS.stream()
        .map(jar -> jar.split(":", -1))
        .map(parts -> directory.resolve(parts[1] + "-" + parts[2] + ".jar"))
        .toList();
  }

  private static boolean isComplete(Path directory) {
    return jars(directory).stream().allMatch(Files::isRegularFile);
  }

  /**
   * Brings the jars by Maven, unless they are there.
   *
   * @param progress told of it before
   * @throws InputException if Maven cannot, with the command that does it where it can
   */
  private void bring(Consumer<String> progress) {
    Path jars = folder.resolve("dependency");
    if (isComplete(jars)) {
      return;
    }
    Path pom = folder.resolve("pom.xml");
    try {
      Files.createDirectories(folder);
      Files.writeString(pom, pom());
      progress.accept("fetching the library that reads Parquet, 10 MB, once ...");
      Path part = Files.createTempDirectory(folder, "part-");
      try {
        String failure = copy(pom, part);
        if (!failure.isEmpty() || !isComplete(part)) {
          throw missing(pom, failure.isEmpty() ? "jars are missing" : failure, null);
        }
        if (!isComplete(jars)) { // else another process has just brought the same
          delete(jars);
          Files.move(part, jars);
        }
      } finally {
        delete(part);
      }
    } catch (IOException e) {
      if (!isComplete(jars)) {
        throw missing(pom, StorageException.reason(e), e);
      }
    }
  }

  /** Runs Maven; what it complained of, or nothing. */
  private String copy(Path pom, Path target) throws IOException {
    Path log = Files.createTempFile(folder, "maven-", ".log");
    try {
      Process process;
      try {
        process =
            new ProcessBuilder(
                    "mvn", "-q", "-B", "-f", pom.toString(), COPY, "-DoutputDirectory=" + target)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
      } catch (IOException e) {
        return "there is no mvn on the PATH";
      }
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroy();
        return "no answer within " + MINUTES + " minutes";
      }
      if (process.exitValue() == 0) {
        return "";
      }
      try (Stream<String> lines = Files.lines(log)) {
        return lines
            .filter(line -> line.contains("ERROR"))
            .map(line -> line.replaceFirst("^\\S*ERROR\\S*\\s*", ""))
            .findFirst()
            .orElse("it ended with " + process.exitValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Maven ran", e);
    } finally {
      Files.deleteIfExists(log);
    }
  }

  private InputException missing(Path pom, String why, Exception cause) {
    return new InputException(
        "Parquet needs a library that is not in %s, and Maven could not bring it (%s); with a network, this command does: mvn -f %s %s"
            .formatted(folder.resolve("dependency"), why, pom, COPY),
        cause);
  }

  /** A project that depends on the jars; its build folder is the folder of the library. */
  private static String pom() {
    String dependencies =
        JARS.stream()
            .map(jar -> jar.split(":", -1))
            .map(
                parts ->
                    """
                        <dependency>
                          <groupId>%s</groupId>
                          <artifactId>%s</artifactId>
                          <version>%s</version>
                          <exclusions>
                            <exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>
                          </exclusions>
                        </dependency>
                    """
                        .formatted((Object[]) parts))
            .collect(Collectors.joining());
    return """
    <project>
      <modelVersion>4.0.0</modelVersion>
      <groupId>io.adamant</groupId>
      <artifactId>parquet-library</artifactId>
      <version>1</version>
      <packaging>pom</packaging>
      <dependencies>
    %s  </dependencies>
      <build>
        <directory>${project.basedir}</directory>
      </build>
    </project>
    """
        .formatted(dependencies);
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Defines the classes that are compiled against the library itself, so that they find it. */
  private static final class Loader extends URLClassLoader {
    Loader(URL[] urls, ClassLoader parent) {
      super(urls, parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(ADAPTER)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
