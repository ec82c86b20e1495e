package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildInUseTest {

  private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

  @TempDir private Path folder;

  private Path used() throws IOException {
    Path used = Files.createFile(folder.resolve("used"));
    Files.setLastModifiedTime(used, LONG_AGO);
    return used;
  }

  private static boolean isFresh(Path used) throws IOException {
    return Files.getLastModifiedTime(used).compareTo(LONG_AGO) > 0;
  }

  @Test
  void aProcessSaysAgainAndAgainThatItUsesItsBuild() throws Exception {
    Path used = used();
    BuildInUse.keep(folder.resolve("adamant.jar").toString(), Duration.ofMillis(20));
    assertThat(isFresh(used)).as("at the start").isTrue();

    Files.setLastModifiedTime(used, LONG_AGO);
    for (int i = 0; i < 500 && !isFresh(used); i++) {
      Thread.sleep(20);
    }
    assertThat(isFresh(used)).as("later").isTrue();

    Files.delete(used);
    Thread.sleep(100);
    assertThat(used).as("what was removed does not come back").doesNotExist();
  }

  /** The class path's first entry need not exist. */
  @Test
  void theProgramSaysItForTheJarThatItWasStartedFrom() throws Exception {
    Path used = used();
    Process process =
        ChildJvm.of(
                List.of(),
                folder.resolve("adamant.jar") + ":" + System.getProperty("java.class.path"),
                Main.class,
                List.of("--version"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();

    assertThat(process.waitFor()).isZero();
    assertThat(isFresh(used)).isTrue();
  }
}
