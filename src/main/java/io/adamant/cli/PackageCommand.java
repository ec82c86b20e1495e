package io.adamant.cli;

import io.adamant.pack.Packager;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant package}. */
@Command(
    name = "package",
    description = {
      "Make a folder that runs on similar machines without Java, Maven and the sources.",
      "It contains a Java runtime, the jars, configs/ and a launcher, but not libtorch: DJL downloads",
      "it at the first start, or uses PYTORCH_LIBRARY_PATH. Needs a JDK (jlink)."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant package ~/adamant-gpu",
      "  tar cJf adamant.tar.xz -C ~ adamant-gpu      47 MiB"
    })
final class PackageCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FOLDER",
      description = "Folder to create; it must be empty or not exist.")
  private Path folder;

  @Override
  public Integer call() {
    Path home = Path.of(System.getProperty("adamant.home", "."));
    Packager.ofThisProgram()
        .pack(
            folder,
            List.of(
                home.resolve("configs"),
                home.resolve("LICENSE"),
                home.resolve("NOTICE"),
                home.resolve("src/test/gpu/check.sh"),
                home.resolve("src/test/bench/torch_gpt.py")));
    spec.commandLine().getOut().println("package: " + folder);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
