package io.adamant.base;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands with mounts of their own, which end with the command. */
public final class Namespace {
  private Namespace() {}

  /** Skips a test where this user may not mount. */
  public static void assumeAllowed() throws IOException, InterruptedException {
    Process trial;
    try {
      trial = new ProcessBuilder(command("mount -t tmpfs tmpfs /mnt", Path.of("."))).start();
    } catch (IOException e) {
      assumeThat(e).as("unshare").isNull();
      throw e;
    }
    assumeThat(trial.waitFor()).as("exit code of a trial mount: mounts are not allowed").isZero();
  }

  /**
   * A shell's command line.
   *
   * @param script that may mount; {@code $0} is the path, {@code $1} and so on the words
   * @param path to work on
   * @param words for it
   * @return to start
   */
  public static List<String> command(String script, Path path, String... words) {
    List<String> command =
        new ArrayList<>(
            List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, path.toString()));
    command.addAll(List.of(words));
    return command;
  }
}
