package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.cli.LauncherProject.Outcome;
import io.adamant.cli.LauncherProject.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Launchers that build at the same time, or are killed while they do. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTogetherTest {

  @TempDir private Path folder;
  private LauncherProject project;

  @BeforeEach
  void layOut() throws IOException {
    project = new LauncherProject(folder);
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
    LauncherProject.await(() -> project.mavenCalls().size() == together);
    Files.delete(slow);

    for (int i = 0; i < 4; i++) {
      Outcome outcome = starts.get(i).finish();
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("args [number, " + i + "]");
      assertThat(outcome.err().replace(LauncherProject.WAITING, ""))
          .isIn("", LauncherProject.BUILDING);
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
    LauncherProject.await(() -> !project.mavenCalls().isEmpty());
    killed.process().descendants().forEach(ProcessHandle::destroyForcibly);
    killed.process().destroyForcibly();
    Files.delete(slow);

    Outcome next = project.run();

    assertThat(next.exitCode()).isZero();
    assertThat(next.err()).isEqualTo(LauncherProject.BUILDING);
  }

  /** Its folder, wherever it runs, stays its own; only what nobody touched for two weeks goes. */
  @Test
  void aBuildUnderWayElsewhereIsNotRobbed() throws Exception {
    Path builds = Files.createDirectories(project.home.resolve(".adamant"));
    Path living = Files.createDirectories(builds.resolve("work.living"));
    Path left = Files.createDirectories(builds.resolve("work.left"));
    Files.createFile(living.resolve("maven.log"));
    Files.createFile(left.resolve("maven.log"));
    LauncherProject.age(left, 16);

    assertThat(project.run().exitCode()).isZero();

    assertThat(living.resolve("maven.log")).exists();
    assertThat(left).doesNotExist();
  }

  @Test
  void whoWaitsForAnotherBuildSaysSo() throws Exception {
    Path slow = Files.createFile(project.fake.resolve("slow"));
    Start first = project.start();
    LauncherProject.await(() -> !project.mavenCalls().isEmpty());
    Start second = project.start("a");
    LauncherProject.await(() -> !Files.readString(second.err()).isEmpty());
    Files.delete(slow);

    assertThat(second.finish().err()).isEqualTo(LauncherProject.WAITING);
    assertThat(Files.readString(second.out())).contains("args [a]");
    assertThat(first.finish().exitCode()).isZero();
    assertThat(project.mavenCalls()).hasSize(1);
  }
}
