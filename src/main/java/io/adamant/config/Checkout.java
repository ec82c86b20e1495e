package io.adamant.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The Git checkout that a configuration file lies in, as far as {@code git} can tell. */
public final class Checkout {

  private static final int PATIENCE_SECONDS = 10; // a file server that is away must not stop a run

  private Checkout() {}

  /**
   * The commit that a file comes from.
   *
   * @param file a configuration file
   * @return 40 hexadecimal digits, with {@code -dirty} if the file is not as in that commit; empty
   *     outside a checkout, or without {@code git}
   */
  public static String commit(Path file) {
    Path path = file.toAbsolutePath();
    Optional<String> commit = git(path.getParent(), "rev-parse", "--verify", "--quiet", "HEAD");
    Optional<String> changes =
        git(path.getParent(), "status", "--porcelain", "--ignored", "--", path.toString());
    return commit.isEmpty() || changes.isEmpty()
        ? ""
        : commit.get() + (changes.get().isEmpty() ? "" : "-dirty");
  }

  /** What a command says; empty if it fails. */
  private static Optional<String> git(Path folder, String... words) {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(words));
    try {
      Path out = Files.createTempFile("adamant-git-", "");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return Optional.empty();
        }
        return process.exitValue() == 0
            ? Optional.of(Files.readString(out, StandardCharsets.UTF_8).strip())
            : Optional.empty();
      } finally {
        Files.delete(out);
      }
    } catch (IOException e) {
      return Optional.empty(); // no git here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
