package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.cli.LauncherProject.Outcome;
import io.adamant.cli.LauncherProject.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How the launcher starts the program, and what it hands on: words, signals, exit codes, options.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

  @TempDir private Path folder;
  private LauncherProject project;

  @BeforeEach
  void layOut() throws IOException {
    project = new LauncherProject(folder);
  }

  @Test
  void exitCodesPassThrough() throws Exception {
    assertThat(project.run("exit", "2").exitCode()).isEqualTo(2);
    assertThat(project.run("exit", "1").exitCode()).isEqualTo(1);
  }

  @Test
  void signalsReachTheProgram() throws Exception {
    Start start = project.start("sleep");
    LauncherProject.await(() -> Files.readString(start.out()).contains("pid"));

    assertThat(Files.readString(start.out())).contains("pid " + start.process().pid() + "\n");
    start.process().destroy();

    assertThat(start.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(start.finish().exitCode()).isEqualTo(128 + 15);
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
}
