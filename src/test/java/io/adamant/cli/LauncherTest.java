package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.cli.LauncherProject.Outcome;
import io.adamant.cli.LauncherProject.Start;
import io.adamant.train.LauncherSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

  @TempDir private Path folder;
  private LauncherProject project;

  @BeforeEach
  void layOut() throws IOException {
    project = new LauncherProject(folder);
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

  @ParameterizedTest
  @ValueSource(strings = {"flock", ""})
  void launchersStartedTogetherBuildOnceAndAllSucceed(String lockTool) throws Exception {
    if (lockTool.isEmpty()) {
      project.withoutFlock();
    }
    List<Start> starts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starts.add(project.start("number", "" + i));
    }

    int building = 0;
    for (int i = 0; i < 4; i++) {
      Outcome outcome = starts.get(i).finish();
      assertThat(outcome.exitCode()).isZero();
      assertThat(outcome.out()).contains("args [number, " + i + "]");
      assertThat(outcome.err()).isIn("", BUILDING);
      building += outcome.err().isEmpty() ? 0 : 1;
    }
    assertThat(building).isEqualTo(1);
    assertThat(project.mavenCalls()).hasSize(1);
    assertThat(project.builds())
        .noneMatch(name -> name.equals("work") || name.equals("lock.owner"));
  }

  @Test
  void theLockOfAKilledLauncherIsTakenOver() throws Exception {
    project.withoutFlock();
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Path builds = Files.createDirectories(project.home.resolve(".adamant"));
    Path lock = Files.createSymbolicLink(builds.resolve("lock.owner"), Path.of("" + gone.pid()));

    assertThat(project.run().exitCode()).isZero();
    assertThat(Files.isSymbolicLink(lock)).isFalse();
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
    for (String launcher : List.of("adamant", "src/main/resources/io/adamant/pack/launcher.sh")) {
      Path copy = odd.resolve("adamant");
      Files.copy(Path.of(launcher), copy, StandardCopyOption.REPLACE_EXISTING);
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

  @Test
  void thePackagesLauncherHasTheSameSettings() {
    assertThat(LauncherSettings.read(Path.of("src/main/resources/io/adamant/pack/launcher.sh")))
        .isEqualTo(LauncherSettings.read(Path.of("adamant")));
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
  void buildsNobodyStartedForTwoWeeksGoWithTheirLibraries() throws Exception {
    Path builds = Files.createDirectories(project.home.resolve(".adamant"));
    for (String name : List.of("old", "recent")) {
      Files.createDirectories(builds.resolve("lib-" + name));
      Path build = Files.createDirectories(builds.resolve(name));
      Files.createSymbolicLink(build.resolve("lib"), Path.of("../lib-" + name));
      Duration age = Duration.ofDays(name.equals("old") ? 16 : 10);
      Files.setLastModifiedTime(build, FileTime.from(Instant.now().minus(age)));
    }

    project.run();

    assertThat(project.builds()).contains("recent", "lib-recent").doesNotContain("old", "lib-old");
    assertThat(project.builds()).filteredOn(name -> name.matches("[0-9a-f]{16}")).hasSize(1);
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
