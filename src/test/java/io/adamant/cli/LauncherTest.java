package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.Namespace;
import io.adamant.cli.LauncherProject.Outcome;
import io.adamant.cli.LauncherProject.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

  private static final String BUILDING =
      "adamant: building Adamant (first start or changed sources) ...\n";
  private static final String WAITING =
      "adamant: another start of Adamant is building; waiting for it\n";

  @TempDir private Path folder;
  private LauncherProject project;

  @BeforeEach
  void layOut() throws IOException {
    project = new LauncherProject(folder);
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 300 && !condition.call(); i++) {
      Thread.sleep(100);
    }
    assertThat(condition.call()).as("within 30 s").isTrue();
  }

  private static void age(Path file, int days) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
  }

  @Test
  void buildsOnceAndRunsWhereTheUserStands() throws Exception {
    Outcome first = project.run("study", "two words", "*.yaml", "");
    Outcome second = project.run();

    assertThat(first.exitCode()).isZero();
    assertThat(first.err()).isEqualTo(BUILDING);
    assertThat(first.out().lines())
        .contains(
            "in " + project.elsewhere,
            "args [study, two words, *.yaml, ]",
            "offline true",
            "mine null");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).contains("args []");
    assertThat(project.mavenCalls()).hasSize(1);
    assertThat(project.mavenCalls().get(0))
        .startsWith(project.home + ": -q -B ")
        .contains("-Dquick", "-DsourceCommit=unknown")
        .endsWith(" package");
    assertThat(project.home.resolve("target")).doesNotExist();
  }

  @Test
  void exitCodesPassThrough() throws Exception {
    assertThat(project.run("exit", "2").exitCode()).isEqualTo(2);
    assertThat(project.run("exit", "1").exitCode()).isEqualTo(1);
  }

  @Test
  void signalsReachTheProgram() throws Exception {
    Start start = project.start("sleep");
    for (int i = 0; i < 300 && !Files.readString(start.out()).contains("pid"); i++) {
      Thread.sleep(100);
    }

    assertThat(Files.readString(start.out())).contains("pid " + start.process().pid() + "\n");
    start.process().destroy();

    assertThat(start.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(start.finish().exitCode()).isEqualTo(128 + 15);
  }

  @Test
  void buildsAnewWhenContentsChangeAndNotWhenTimesDo() throws Exception {
    Path source = project.home.resolve("src/main/java/A.java");
    project.run();
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(99)));
    assertThat(project.run().err()).isEmpty();

    Files.writeString(source, "other content");
    assertThat(project.run().err()).isEqualTo(BUILDING);
    Files.move(source, source.resolveSibling("B.java"));
    assertThat(project.run().err()).isEqualTo(BUILDING);
    Files.writeString(project.home.resolve("pom.xml"), "other versions");
    assertThat(project.run().err()).isEqualTo(BUILDING);

    assertThat(project.mavenCalls()).hasSize(4);
    assertThat(project.mavenCalls().get(1)).contains("-Dmdep.skip=true"); // libraries are the same
    assertThat(project.mavenCalls().get(3)).contains("-Dmdep.skip=false");
    Files.move(source.resolveSibling("B.java"), source);
    Files.writeString(source, "content of src/main/java/A.java");
    Files.writeString(project.home.resolve("pom.xml"), "content of pom.xml");
    assertThat(project.run().err()).as("the first build is kept").isEmpty();
  }

  /** Machines that share a folder may have a flock that does nothing, others have none. */
  @ParameterizedTest
  @ValueSource(strings = {"flock", "a flock that does nothing", ""})
  void launchersStartedTogetherAllEndWithTheSameWholeBuild(String lockTool) throws Exception {
    if (lockTool.isEmpty()) {
      project.withoutFlock();
    } else if (!lockTool.equals("flock")) {
      LauncherProject.script(project.fake.resolve("flock"), "#!/bin/sh\nexit 0\n");
    }
    int together = lockTool.equals("flock") ? 1 : 4;
    Path slow = Files.createFile(project.fake.resolve("slow"));
    List<Start> starts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starts.add(project.start("number", "" + i));
    }
    await(() -> project.mavenCalls().size() == together);
    Files.delete(slow);

    for (int i = 0; i < 4; i++) {
      Outcome outcome = starts.get(i).finish();
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("args [number, " + i + "]");
      assertThat(outcome.err().replace(WAITING, "")).isIn("", BUILDING);
    }
    assertThat(project.mavenCalls()).hasSize(together);
    try (Stream<Path> files = Files.walk(project.home.resolve(".adamant"))) {
      assertThat(files.map(Path::getFileName).map(Path::toString).sorted())
          .filteredOn(name -> !name.equals("lock"))
          .map(name -> name.replaceFirst("[0-9a-f]{16}$", "STAMP"))
          .containsExactlyInAnyOrder(
              ".adamant", "STAMP", "adamant.jar", "lib", "used", "lib-STAMP", "some.jar");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flock", ""})
  void aKilledLauncherBlocksNobody(String lockTool) throws Exception {
    if (lockTool.isEmpty()) {
      project.withoutFlock();
    }
    Path slow = Files.createFile(project.fake.resolve("slow"));
    Start killed = project.start();
    await(() -> !project.mavenCalls().isEmpty());
    killed.process().descendants().forEach(ProcessHandle::destroyForcibly);
    killed.process().destroyForcibly();
    Files.delete(slow);

    Outcome next = project.run();

    assertThat(next.exitCode()).isZero();
    assertThat(next.err()).isEqualTo(BUILDING);
  }

  /** Its folder, wherever it runs, stays its own; only what nobody touched for two weeks goes. */
  @Test
  void aBuildUnderWayElsewhereIsNotRobbed() throws Exception {
    Path builds = Files.createDirectories(project.home.resolve(".adamant"));
    Path living = Files.createDirectories(builds.resolve("work.living"));
    Path left = Files.createDirectories(builds.resolve("work.left"));
    Files.createFile(living.resolve("maven.log"));
    Files.createFile(left.resolve("maven.log"));
    age(left, 16);

    assertThat(project.run().exitCode()).isZero();

    assertThat(living.resolve("maven.log")).exists();
    assertThat(left).doesNotExist();
  }

  @Test
  void whoWaitsForAnotherBuildSaysSo() throws Exception {
    Path slow = Files.createFile(project.fake.resolve("slow"));
    Start first = project.start();
    await(() -> !project.mavenCalls().isEmpty());
    Start second = project.start("a");
    await(() -> !Files.readString(second.err()).isEmpty());
    Files.delete(slow);

    assertThat(second.finish().err()).isEqualTo(WAITING);
    assertThat(Files.readString(second.out())).contains("args [a]");
    assertThat(first.finish().exitCode()).isZero();
    assertThat(project.mavenCalls()).hasSize(1);
  }

  @Test
  void aDamagedBuildIsReplaced() throws Exception {
    project.run();
    String build =
        project.builds().stream().filter(name -> name.matches("[0-9a-f]{16}")).findAny().get();
    Files.delete(project.home.resolve(".adamant").resolve(build).resolve("lib"));

    Outcome outcome = project.run();

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEqualTo(BUILDING);
    assertThat(project.run().err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flock", ""})
  void aFailedBuildShowsMavensErrorsAndIsTriedAgain(String lockTool) throws Exception {
    if (lockTool.isEmpty()) {
      project.withoutFlock();
    }
    Files.createFile(project.fake.resolve("broken"));
    Outcome failed = project.run("exit", "2");

    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err())
        .isEqualTo(
            BUILDING
                + "COMPILATION ERROR: a semicolon\n"
                + "adamant: the build failed, see Maven's messages above\n");
    assertThat(project.mavenCalls()).hasSize(1);

    Files.delete(project.fake.resolve("broken"));
    assertThat(project.run().exitCode()).isZero();
  }

  @Test
  void withoutNetworkMavensCacheWillDo() throws Exception {
    Files.createFile(project.fake.resolve("offline"));

    Outcome outcome = project.run();

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEqualTo(BUILDING);
    assertThat(project.mavenCalls()).hasSize(2);
  }

  @Test
  void testRunsMavenInTheProjectAndPassesItsExitCode() throws Exception {
    Outcome outcome = project.run("test", "-Dtest=A b");

    assertThat(outcome.exitCode()).isEqualTo(7);
    assertThat(project.mavenCalls()).containsExactly(project.home + ": -B -ntp verify -Dtest=A b");
    assertThat(project.run("test", "--help").out()).contains("args [test, --help]");
  }

  @Test
  void worksThroughALinkAndWithOptionsForTheJvm() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("adamant-link"), project.launcher);
    project.variables.put("ADAMANT_JAVA_OPTS", "-Dmine=yes -Dai.djl.offline=false");

    Outcome outcome = project.start(link, "a").finish();

    assertThat(outcome.out()).contains("in " + project.elsewhere, "mine yes", "offline false");
    assertThat(project.builds()).contains("lock");
  }

  /** The class path of these tests holds the program and an optimizer that is not part of it. */
  @Test
  void anOptimizerInAJarOfTheUsersIsFound() throws Exception {
    String mine = System.getProperty("java.class.path");
    project.variables.put("ADAMANT_CLASSPATH", mine);
    Outcome listed = project.run("optimizers", "root_sgd");
    assertThat(listed.exitCode()).as(listed.err()).isZero();
    assertThat(listed.out()).contains("sign(m) sqrt(|m|)");

    project.variables.put("ADAMANT_CLASSPATH", mine + ":lib/*:nowhere/mine.jar");
    Files.createDirectories(project.elsewhere.resolve("lib"));
    Outcome missing = project.run("optimizers");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err())
        .isEqualTo("adamant: ADAMANT_CLASSPATH: there is no file or folder nowhere/mine.jar\n");
  }

  @Test
  void trainingHasSettingsForFlatMemoryAndTheUsersWin() throws Exception {
    String flat = "-Xms40m, -XX:+AlwaysPreTouch, -XX:TieredStopAtLevel=1";
    assertThat(project.run("train", "a.yaml").out()).contains("-XX:+UseSerialGC, -Xmn16m, " + flat);
    assertThat(project.run("simulate").out()).contains("-Xmn16m").doesNotContain("TieredStop");

    project.variables.put("ADAMANT_JAVA_OPTS", "-XX:+UseParallelGC");
    assertThat(project.run("train").out()).contains("-XX:+UseParallelGC").doesNotContain("-Xmn16m");
  }

  @ParameterizedTest
  @CsvSource({
    "JAVA_TOOL_OPTIONS, -XX:+UseParallelGC, -Xmn16m",
    "JDK_JAVA_OPTIONS, -XX:+UseG1GC, -XX:+UseSerialGC",
    "_JAVA_OPTIONS, -XX:+UseZGC, -XX:+UseSerialGC",
    "JAVA_TOOL_OPTIONS, -XX:TieredStopAtLevel=4, -XX:TieredStopAtLevel=1",
    "JDK_JAVA_OPTIONS, -Xms128m, -Xms40m",
    "JAVA_TOOL_OPTIONS, -Xmx24m, -Xms40m",
    "_JAVA_OPTIONS, -XX:-TieredCompilation, -XX:TieredStopAtLevel=1",
    "JAVA_TOOL_OPTIONS, -Dai.djl.offline=false, -Dai.djl.offline=true",
  })
  void theUsersOptionsWinFromEveryVariable(String variable, String option, String ours)
      throws Exception {
    project.variables.put(variable, option);

    Outcome outcome = project.run("train", "a.yaml");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("args [train, a.yaml]").doesNotContain(ours);
  }

  @Test
  void homeIsWhereTheVariableSays() throws Exception {
    project.variables.put("HOME", folder.resolve("my home").toString());
    assertThat(project.run().out()).contains("home " + folder.resolve("my home") + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "xx_XX.UTF-8", ""})
  void wordsBeyondAsciiArriveInEveryLocale(String locale) throws Exception {
    project.variables.put("LC_ALL", locale);
    project.variables.put("LANG", locale);

    Outcome outcome = project.run("données/ελληνικά 日本.txt");

    assertThat(outcome.out()).contains("args [données/ελληνικά 日本.txt]");
  }

  @Test
  void aFolderWithAColonIsRefusedWithTheReason() throws Exception {
    Path odd = Files.createDirectories(folder.resolve("at 12:30/x"));
    Path copy = Files.copy(Path.of("adamant"), odd.resolve("adamant"));
    copy.toFile().setExecutable(true);

    Outcome outcome = project.start(copy, "train").finish();

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualTo(
            "adamant: "
                + odd.toRealPath()
                + " has a colon, which no path of a Java class path can have; move it"
                + " elsewhere\n");
  }

  @Test
  void aDriverThatHangsIsWaitedForTenSeconds() throws Exception {
    LauncherProject.script(
        project.fake.resolve("nvidia-smi"), "#!/bin/sh\ntrap '' TERM\nsleep 100\nsleep 100\n");

    long start = System.nanoTime();
    Outcome outcome = project.run("a");

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(60));
    assertThat(outcome.out()).contains("args [a]", "offline true");
    assertThat(outcome.err())
        .contains("adamant: nvidia-smi gives no answer within 10 s; going on without a GPU");
  }

  /** Else Java's first files would have their numbers, and what the program prints. */
  @Test
  void closedStreamsLeadNowhere() throws Exception {
    Files.copy(project.fake.resolve("probe.jar"), project.home.resolve("adamant.jar"));
    Path java = project.home.resolve("runtime/bin/java");
    Files.createDirectories(java.getParent());
    LauncherProject.script(
        java,
        "#!/bin/sh\nfor n in 0 1 2; do all=\"${all:-} $(readlink /proc/$$/fd/$n)\"; done\n"
            + "echo \"$all\" >'%s/streams'\n".formatted(project.fake));

    String line = "exec '%s' train <&- >&- 2>&-".formatted(project.launcher);
    assertThat(new ProcessBuilder("sh", "-c", line).start().waitFor()).isZero();

    assertThat(project.fake.resolve("streams")).hasContent(" /dev/null /dev/null /dev/null\n");
  }

  /** There is one launcher; a package is a folder with a runtime. */
  @Test
  void inAPackageTheJarBesideItRunsWithTheFoldersJava() throws Exception {
    Files.copy(project.fake.resolve("probe.jar"), project.home.resolve("adamant.jar"));
    Path java = project.home.resolve("runtime/bin/java");
    Files.createDirectories(java.getParent());
    LauncherProject.script(
        java,
        "#!/bin/sh\nexec '" + System.getProperty("java.home") + "/bin/java' -Dmine=own \"$@\"\n");
    project.variables.put("JAVA_HOME", folder.resolve("nowhere").toString());

    Outcome outcome = project.run("train", "a.yaml");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .contains("args [train, a.yaml]", "mine own", "offline null", "-XX:TieredStopAtLevel=1");
    assertThat(project.mavenCalls()).isEmpty();
    assertThat(project.home.resolve(".adamant")).doesNotExist();

    java.toFile().setExecutable(false, false);
    Outcome forbidden = project.run();
    assertThat(forbidden.exitCode()).isEqualTo(2);
    assertThat(forbidden.err())
        .isEqualTo(
            "adamant: "
                + java
                + " may not be run (is the folder mounted noexec?); move the whole folder"
                + " elsewhere\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Darwin arm64           | exit 1 | exit 1 | this system is Darwin arm64; Adamant runs on
          MINGW64_NT-10.0 x86_64 | exit 1 | exit 1 | this system is MINGW64_NT-10.0 x86_64; Adamant
          CYGWIN_NT-10.0 x86_64  | exit 1 | exit 1 | this system is CYGWIN_NT-10.0 x86_64; Adamant
          Linux i686             | echo glibc 2.36 | exit 1 | this system is Linux i686; Adamant
          Linux armv7l           | echo glibc 2.36 | exit 1 | this system is Linux armv7l; Adamant
          Linux x86_64           | exit 1 | echo 'musl libc (x86_64)' >&2; exit 1 | this system's C library is musl
          Linux x86_64           | echo glibc 2.28 | exit 1 | this system has glibc 2.28, and libtorch needs 2.29;
          Linux aarch64          | echo glibc 2.31 | exit 1 | this system has glibc 2.31, and libtorch needs 2.32;
          Linux x86_64           | echo glibc 2.29 | exit 1 |
          Linux aarch64          | echo glibc 2.32 | exit 1 |
          Linux x86_64           | echo glibc 2.4.90 | exit 1 | this system has glibc 2.4.90, and libtorch needs
          Linux x86_64           | exit 1 | echo 'ldd (GNU libc) 2.36' |
          """)
  void aSystemWithoutLibtorchIsRefusedInOneLine(
      String system, String getconf, String ldd, String line) throws Exception {
    LauncherProject.script(project.fake.resolve("uname"), "#!/bin/sh\necho " + system + "\n");
    LauncherProject.script(project.fake.resolve("getconf"), "#!/bin/sh\n" + getconf + "\n");
    LauncherProject.script(project.fake.resolve("ldd"), "#!/bin/sh\n" + ldd + "\n");

    Outcome outcome = project.run();

    if (line == null) {
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    } else {
      assertThat(outcome.exitCode()).isEqualTo(2);
      assertThat(outcome.err()).startsWith("adamant: " + line);
      assertThat(outcome.err().lines()).hasSize(1);
      assertThat(project.mavenCalls()).isEmpty();
    }
    if (getconf.contains("2.28")) {
      project.variables.put("PYTORCH_LIBRARY_PATH", "/opt/torch");
      assertThat(project.run().exitCode()).as("a libtorch of the user's").isZero();
    }
  }

  /** A file where the folder of builds would be: not even root can write builds then. */
  @Test
  void aCheckoutThatMayNotBeWrittenIsBuiltInTheUsersCache() throws Exception {
    Files.createFile(project.home.resolve(".adamant"));
    Path cache = folder.resolve("a cache");
    project.variables.put("ADAMANT_CACHE", cache.toString());
    project.variables.put("XDG_CACHE_HOME", folder.resolve("xdg").toString());
    project.variables.put("HOME", folder.resolve("home").toString());

    Outcome first = project.run("a");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.err()).isEqualTo(BUILDING);
    assertThat(first.out()).contains("args [a]");
    assertThat(project.mavenCalls().get(0))
        .contains("-DbuildDirectory=" + cache.toRealPath().resolve("builds/work."));
    assertThat(project.run().err()).isEmpty();

    project.variables.put("ADAMANT_CACHE", "");
    project.run();
    assertThat(folder.resolve("xdg/adamant/builds/lock")).exists();
    project.variables.put("XDG_CACHE_HOME", "relative");
    project.run();
    assertThat(folder.resolve("home/.cache/adamant/builds/lock")).exists();
    project.variables.put("ADAMANT_CACHE", "~/mine");
    project.run();
    assertThat(folder.resolve("home/mine/builds/lock")).exists();

    project.variables.put("ADAMANT_CACHE", project.launcher.toString());
    Outcome nowhere = project.run();
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err())
        .isEqualTo(
            "adamant: cannot write %s/.adamant or %s/builds, where builds are kept; set ADAMANT_CACHE to a folder that may be written\n"
                .formatted(project.home, project.launcher));
  }

  @Test
  void aReadOnlyInstallationRuns() throws Exception {
    project.run();
    String mount = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && ";
    Namespace.assumeAllowed();

    Outcome outcome =
        project
            .start(
                Namespace.command(
                    mount + "! touch \"$0/x\" 2>/dev/null && exec \"$0/adamant\" a", project.home))
            .finish();

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).contains("args [a]");
  }

  @Test
  void aMissingOrOldJavaIsOneLine() throws Exception {
    Path old = Files.createDirectories(folder.resolve("old/bin"));
    LauncherProject.script(
        old.resolve("java"), "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
    project.variables.put("JAVA_HOME", old.getParent().toString());
    Outcome tooOld = project.run();
    project.variables.put("JAVA_HOME", folder.resolve("nowhere").toString());
    Outcome missing = project.run();

    assertThat(List.of(tooOld.exitCode(), missing.exitCode())).containsOnly(1);
    assertThat(tooOld.err())
        .isEqualTo(
            "adamant: "
                + old.resolve("java")
                + " is Java 11; install a JDK 17 or later, or set JAVA_HOME to one\n");
    assertThat(missing.err()).startsWith("adamant: no Java at " + folder.resolve("nowhere"));
    assertThat(missing.err().lines()).hasSize(1);
    assertThat(project.mavenCalls()).isEmpty();
  }

  @Test
  void buildsNobodyUsedForTwoWeeksGoWithTheirLibraries() throws Exception {
    Path builds = Files.createDirectories(project.home.resolve(".adamant"));
    for (String name : List.of("old", "recent", "in-use", "before-used-was-written")) {
      Path library = Files.createDirectories(builds.resolve("lib-" + name));
      Path build = Files.createDirectories(builds.resolve(name));
      Files.createSymbolicLink(build.resolve("lib"), Path.of("../lib-" + name));
      Files.createFile(build.resolve("adamant.jar"));
      if (!name.startsWith("before")) {
        age(Files.createFile(build.resolve("used")), name.equals("in-use") ? 0 : 16);
      }
      age(library, 99);
      age(build, name.equals("recent") ? 10 : 99);
    }

    project.run();

    assertThat(project.builds())
        .contains("recent", "lib-recent", "in-use", "lib-in-use")
        .noneMatch(name -> name.endsWith("old") || name.endsWith("written"));
    assertThat(project.builds()).filteredOn(name -> name.matches("[0-9a-f]{16}")).hasSize(1);
  }

  /** As of a user who may not write there, or after a month with the lid closed. */
  @Test
  void aBuildThatAProcessRunsFromStaysHoweverOldItLooks() throws Exception {
    Start study = project.start("sleep");
    await(() -> Files.readString(study.out()).contains("pid"));
    String build =
        project.builds().stream().filter(name -> name.matches("[0-9a-f]{16}")).findAny().get();
    Path old = project.home.resolve(".adamant").resolve(build);
    age(old.resolve("used"), 30);
    age(old, 30);

    Files.writeString(project.home.resolve("pom.xml"), "other");
    project.run();
    assertThat(old.resolve("lib/some.jar")).exists();

    study.process().destroyForcibly().waitFor();
    Files.writeString(project.home.resolve("pom.xml"), "yet another");
    project.run();
    assertThat(old).doesNotExist();
  }

  @Test
  void aGpuChoosesTheBuildForCuda() throws Exception {
    project.run();
    assertThat(project.mavenCalls().get(0)).doesNotContain("-Pcuda");

    LauncherProject.script(project.fake.resolve("nvidia-smi"), "#!/bin/sh\nexit 0\n");
    Outcome withGpu = project.run();
    assertThat(project.mavenCalls()).hasSize(2);
    assertThat(project.mavenCalls().get(1)).contains(" -Pcuda ");
    assertThat(withGpu.out()).contains("offline false");
    assertThat(project.builds()).filteredOn(name -> name.endsWith("-cuda")).hasSize(2);

    project.variables.put("PYTORCH_LIBRARY_PATH", "/opt/torch");
    assertThat(project.run().out()).contains("offline true");
    project.variables.put("ADAMANT_LIBTORCH", "cpu");
    assertThat(project.run().out()).contains("offline true");
    assertThat(project.mavenCalls()).hasSize(2); // both builds were there

    project.variables.put("ADAMANT_LIBTORCH", "tpu");
    Outcome wrong = project.run();
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .isEqualTo("adamant: ADAMANT_LIBTORCH is tpu; allowed: auto, cpu, cuda\n");
  }
}
