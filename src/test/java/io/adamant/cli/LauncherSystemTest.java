package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.cli.LauncherProject.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher asks of the machine: its system, Java, folder and GPU. */
@DisabledOnOs(OS.WINDOWS)
class LauncherSystemTest {

  @TempDir private Path folder;
  private LauncherProject project;

  @BeforeEach
  void layOut() throws IOException {
    project = new LauncherProject(folder);
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

  @Test
  void aSignalBeforeJavaRunsLeavesWorkToDo() throws Exception {
    Path asked = folder.resolve("asked");
    LauncherProject.script(
        project.fake.resolve("nvidia-smi"), "#!/bin/sh\n: >'" + asked + "'\nsleep 20\n");
    for (String signal : List.of("TERM", "USR1")) {
      Files.deleteIfExists(asked);
      LauncherProject.Start launcher = project.start("a");
      while (launcher.process().isAlive() && !Files.exists(asked)) {
        Thread.sleep(10);
      }
      new ProcessBuilder("kill", "-" + signal, Long.toString(launcher.process().pid()))
          .start()
          .waitFor();
      assertThat(launcher.finish().exitCode()).as(signal).isEqualTo(StopSignal.INTERRUPTED);
    }
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
