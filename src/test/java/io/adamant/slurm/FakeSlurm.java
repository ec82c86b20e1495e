package io.adamant.slurm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Commands of Slurm that do what a test says, and note how they were called. */
final class FakeSlurm {

  private final Path folder;
  private final Path calls;

  FakeSlurm(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.calls = folder.resolve("calls");
    Files.writeString(calls, "");
  }

  /** A command; its body is shell. */
  FakeSlurm with(String command, String body) throws IOException {
    Path file = folder.resolve(command);
    Files.writeString(
        file, "#!/bin/sh\necho \"" + command + " $*\" >>'" + calls + "'\n" + body + "\n");
    file.toFile().setExecutable(true);
    return this;
  }

  Slurm commands() {
    return new Slurm(folder + ":/usr/bin:/bin");
  }

  List<String> calls() throws IOException {
    return Files.readAllLines(calls);
  }
}
