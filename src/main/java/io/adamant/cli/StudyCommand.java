package io.adamant.cli;

import io.adamant.config.Configs;
import io.adamant.config.StudyConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant study}. */
@Command(
    name = "study",
    description = "Train the runs of a study and compare its arms.",
    footer = {
      "",
      "Runs that are done are not trained again; an interrupted one goes on from its checkpoint.",
      "",
      "Examples:",
      "  ./adamant study configs/quickstart.yaml",
      "  ./adamant study configs/quickstart.yaml --set training.steps=50 --results /tmp/results"
    })
final class StudyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private SetOptions set;
  @Mixin private ResultsOption results;

  @Parameters(paramLabel = "STUDY.yaml", description = "The study.")
  private Path file;

  @Option(
      names = "--replace",
      description = "Take over a results folder that holds another study of this name.")
  private boolean replace;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    StudyConfig study = Configs.readStudy(file, set.overrides());
    try (StudyPlan plan = StudyPlan.of(study, CacheDirectory.ofUser(), err::println)) {
      StudyDirectory directory = new StudyDirectory(results.directory(), plan.name());
      if (!replace) {
        directory.check(plan);
      }
      return new StudySession(plan, directory, spec.commandLine().getOut(), err).run();
    }
  }
}
