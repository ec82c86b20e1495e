package io.adamant.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;

/**
 * Keeps the build that this process runs from, which the launcher's {@code prune} removes when its
 * file {@code used} is two weeks old. A time on a shared disk is seen from every machine and every
 * container; locks and process numbers are not.
 */
final class BuildInUse {

  private static final Duration INTERVAL = Duration.ofHours(1);

  private BuildInUse() {}

  /** Begins for the jar that Java was started with, if it is a launcher's. */
  static void keep() {
    keep(System.getProperty("java.class.path").split(":", 2)[0], INTERVAL);
  }

  /** With everything given, for tests. */
  static void keep(String jar, Duration interval) {
    Path used = Path.of(jar).resolveSibling("used");
    if (!jar.endsWith(".jar") || !Files.isWritable(used)) {
      return;
    }
    write(used);
    TimerTask task =
        new TimerTask() {
          @Override
          public void run() {
            write(used);
          }
        };
    new Timer("build in use", true).schedule(task, interval.toMillis(), interval.toMillis());
  }

  /** Who may write but does not own a file cannot set its time. */
  private static void write(Path used) {
    try {
      Files.writeString(used, "used\n", StandardCharsets.UTF_8, StandardOpenOption.WRITE);
    } catch (IOException e) {
      return; // perhaps in an hour
    }
  }
}
