package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.Namespace;
import io.adamant.cli.LauncherProject.Outcome;
import io.adamant.cli.LauncherProject.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the launcher builds, where, and what becomes of builds. */
@DisabledOnOs(OS.WINDOWS)
class LauncherBuildTest {

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
    assertThat(first.err()).isEqualTo(LauncherProject.BUILDING);
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
  void buildsAnewWhenContentsChangeAndNotWhenTimesDo() throws Exception {
    Path source = project.home.resolve("src/main/java/A.java");
    project.run();
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(99)));
    assertThat(project.run().err()).isEmpty();

    Files.writeString(source, "other content");
    assertThat(project.run().err()).isEqualTo(LauncherProject.BUILDING);
    Files.move(source, source.resolveSibling("B.java"));
    assertThat(project.run().err()).isEqualTo(LauncherProject.BUILDING);
    Files.writeString(project.home.resolve("pom.xml"), "other versions");
    assertThat(project.run().err()).isEqualTo(LauncherProject.BUILDING);

    assertThat(project.mavenCalls()).hasSize(4);
    assertThat(project.mavenCalls().get(1)).contains("-Dmdep.skip=true"); // libraries are the same
    assertThat(project.mavenCalls().get(3)).contains("-Dmdep.skip=false");
    Files.move(source.resolveSibling("B.java"), source);
    Files.writeString(source, "content of src/main/java/A.java");
    Files.writeString(project.home.resolve("pom.xml"), "content of pom.xml");
    assertThat(project.run().err()).as("the first build is kept").isEmpty();
  }

  @Test
  void aDamagedBuildIsReplaced() throws Exception {
    project.run();
    String build =
        project.builds().stream().filter(name -> name.matches("[0-9a-f]{16}")).findAny().get();
    Files.delete(project.home.resolve(".adamant").resolve(build).resolve("lib"));

    Outcome outcome = project.run();

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEqualTo(LauncherProject.BUILDING);
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
            LauncherProject.BUILDING
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
    assertThat(outcome.err()).isEqualTo(LauncherProject.BUILDING);
    assertThat(project.mavenCalls()).hasSize(2);
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
    assertThat(first.err()).isEqualTo(LauncherProject.BUILDING);
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
  void buildsNobodyUsedForTwoWeeksGoWithTheirLibraries() throws Exception {
    Path builds = Files.createDirectories(project.home.resolve(".adamant"));
    for (String name : List.of("old", "recent", "in-use", "before-used-was-written")) {
      Path library = Files.createDirectories(builds.resolve("lib-" + name));
      Path build = Files.createDirectories(builds.resolve(name));
      Files.createSymbolicLink(build.resolve("lib"), Path.of("../lib-" + name));
      Files.createFile(build.resolve("adamant.jar"));
      if (!name.startsWith("before")) {
        LauncherProject.age(
            Files.createFile(build.resolve("used")), name.equals("in-use") ? 0 : 16);
      }
      LauncherProject.age(library, 99);
      LauncherProject.age(build, name.equals("recent") ? 10 : 99);
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
    LauncherProject.await(() -> Files.readString(study.out()).contains("pid"));
    String build =
        project.builds().stream().filter(name -> name.matches("[0-9a-f]{16}")).findAny().get();
    Path old = project.home.resolve(".adamant").resolve(build);
    LauncherProject.age(old.resolve("used"), 30);
    LauncherProject.age(old, 30);

    Files.writeString(project.home.resolve("pom.xml"), "other");
    project.run();
    assertThat(old.resolve("lib/some.jar")).exists();

    study.process().destroyForcibly().waitFor();
    Files.writeString(project.home.resolve("pom.xml"), "yet another");
    project.run();
    assertThat(old).doesNotExist();
  }
}
