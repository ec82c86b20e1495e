package io.adamant.cli;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * A small project with the real launcher, and a Maven that puts a prepared jar where it is told to.
 * The Maven writes down its calls and fails on request.
 */
final class LauncherProject {

  static final String BUILDING = "adamant: building Adamant (first start or changed sources) ...\n";
  static final String WAITING = "adamant: another start of Adamant is building; waiting for it\n";

  private static final String MAVEN =
      """
      #!/bin/sh
      echo "$PWD: $*" >>"$FAKE/calls"
      case "$*" in *verify*) exit 7 ;; esac
      if [ -f "$FAKE/offline" ]; then
        case "$*" in *" -o "*) ;; *) echo "Could not transfer artifact"; exit 1 ;; esac
      fi
      [ ! -f "$FAKE/broken" ] || { echo "COMPILATION ERROR: a semicolon"; exit 1; }
      for option in "$@"; do
        case "$option" in -DbuildDirectory=*) directory=${option#*=} ;; esac
      done
      while [ -f "$FAKE/slow" ]; do sleep 0.1; done
      sleep 0.2
      mkdir -p "$directory/lib"
      echo library >"$directory/lib/some.jar"
      cp "$FAKE/probe.jar" "$directory/adamant-9.9.jar"
      """;

  private static final String TOOLS =
      "sh java mvn git cat cp cut dirname find getconf grep head ln ls mkdir mktemp mv readlink rm"
          + " sed sha256sum shasum sleep sort touch uname";

  /** How a start ended. */
  record Outcome(int exitCode, String out, String err) {}

  /** A start under way. */
  record Start(Process process, Path out, Path err) {
    Outcome finish() throws IOException, InterruptedException {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("the launcher ends").isTrue();
      return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }
  }

  final Path home;
  final Path launcher;
  final Path fake;
  final Path elsewhere;
  final Map<String, String> variables = new HashMap<>();
  private final Path outputs;

  LauncherProject(Path folder) throws IOException {
    home = Files.createDirectories(folder.resolve("a project")).toRealPath();
    fake = Files.createDirectories(folder.resolve("fake"));
    elsewhere = Files.createDirectories(folder.resolve("else where")).toRealPath();
    outputs = Files.createDirectories(folder.resolve("outputs"));
    launcher = Files.copy(Path.of("adamant"), home.resolve("adamant"));
    for (String file : List.of("pom.xml", "LICENSE", "NOTICE", "src/main/java/A.java")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.writeString(home.resolve(file), "content of " + file);
    }
    script(fake.resolve("mvn"), MAVEN);
    writeProbeJar(fake.resolve("probe.jar"));
    variables.put("FAKE", fake.toString());
    variables.put(
        "PATH",
        fake + ":" + Path.of(System.getProperty("java.home"), "bin") + ":" + System.getenv("PATH"));
  }

  /** Waits at most 30 s. */
  static void await(Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 1500 && !condition.call(); i++) {
      Thread.sleep(20);
    }
    assertThat(condition.call()).as("within 30 s").isTrue();
  }

  static void age(Path file, int days) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
  }

  static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, fromString("rwxr-xr-x"));
  }

  private static void writeProbeJar(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, LauncherProbe.class.getName());
    String entry = LauncherProbe.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        InputStream in = LauncherProbe.class.getResourceAsStream("/" + entry)) {
      out.putNextEntry(new JarEntry(entry));
      in.transferTo(out);
    }
  }

  /** A machine without flock: everything else that the launcher and the Maven call is there. */
  void withoutFlock() throws IOException {
    Path tools = Files.createDirectories(fake.resolve("tools"));
    String path = variables.get("PATH");
    for (String tool : TOOLS.split(" ", -1)) {
      for (String folder : path.split(":", -1)) {
        Path file = Path.of(folder, tool);
        if (Files.isExecutable(file)) {
          Files.createSymbolicLink(tools.resolve(tool), file);
          break;
        }
      }
    }
    variables.put("PATH", tools.toString());
  }

  Start start(String... args) throws IOException {
    return start(launcher, args);
  }

  Start start(Path program, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(args));
    return start(command);
  }

  Start start(List<String> command) throws IOException {
    // Files instead of pipes: nobody has to read both at once.
    Start start =
        new Start(
            null,
            Files.createTempFile(outputs, "start", ".out"),
            Files.createTempFile(outputs, "start", ".err"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile());
    builder
        .environment()
        .keySet()
        .removeAll(
            List.of(
                "JAVA_HOME",
                "ADAMANT_JAVA_OPTS",
                "ADAMANT_CLASSPATH",
                "JAVA_TOOL_OPTIONS",
                "JDK_JAVA_OPTIONS",
                "_JAVA_OPTIONS"));
    builder.environment().putAll(variables);
    builder.redirectOutput(start.out().toFile()).redirectError(start.err().toFile());
    return new Start(builder.start(), start.out(), start.err());
  }

  Outcome run(String... args) throws IOException, InterruptedException {
    return start(args).finish();
  }

  /** What Maven was called with so far. */
  List<String> mavenCalls() throws IOException {
    Path calls = fake.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  /** Names in the folder of builds. */
  List<String> builds() throws IOException {
    try (Stream<Path> entries = Files.list(home.resolve(".adamant"))) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
