package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.parallel.World;
import io.adamant.plan.GpuCard;
import io.adamant.study.Shard;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import io.adamant.train.Training;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant train}. */
@Command(
    name = "train",
    description = "Train one run; run the same command again to resume it.",
    footer = {
      "",
      "Results go to DIR/NAME/runs/ID, where NAME is the file's name and ID a hash of everything that",
      "decides the result: a changed configuration is another run.",
      "",
      "Examples:",
      "  ./adamant train configs/train.yaml",
      "  ./adamant train configs/train.yaml --plan",
      "  ./adamant train configs/models/gpt-160m.yaml --plan --gpu h100",
      "  ./adamant train configs/train.yaml --set optimizer.lr=3e-3 --set training.steps=50"
    })
final class TrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private SetOptions set;
  @Mixin private ResultsOption results;

  @Parameters(paramLabel = "RUN.yaml", description = "The run's configuration.")
  private Path file;

  @Option(
      names = "--plan",
      description =
          "Print the parameters, memory, disk and time the run would need, without running it.")
  private boolean plan;

  @Option(
      names = "--gpu",
      paramLabel = "NAME",
      description =
          "With --plan: estimate for a GPU you do not have, from its data sheet; the time is then a"
              + " lower bound. One of ${COMPLETION-CANDIDATES}.",
      completionCandidates = GpuNames.class)
  private String gpu;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "With --gpu: the run is trained on N such cards together, see training.reduction.")
  private int ranks;

  /** The cards' names, for help and completion. */
  private static final class GpuNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    GpuNames() {
      super(Arrays.stream(GpuCard.values()).map(GpuCard::word).toList());
    }
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (gpu != null && !plan) {
      throw new InputException("--gpu " + gpu + " is for plans: give --plan too");
    }
    if (!plan) {
      OptionalInt follower = Launched.join();
      if (follower.isPresent()) {
        return follower.getAsInt();
      }
    }
    Optional<GpuCard> card = Optional.ofNullable(gpu).map(name -> GpuCard.of("--gpu", name));
    if (ranks != 1 && gpu == null) {
      throw new InputException(
          "--ranks " + ranks + " is for plans on cards: give --plan --gpu too");
    }
    RunConfig run = Configs.readRun(file, set.overrides());
    if (card.isPresent()) {
      RunPlanText.print(run, card.get(), ranks, spec.commandLine().getOut(), err::println);
      return 0;
    }
    String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    StudyPlan.check(name, run);
    if (!plan) {
      Training.requireRanks(run.training(), World.here().ranks().size());
      results.require(name);
      new LogHead(err).who();
    }
    EngineFiles.requireFit(err);
    try (StudyPlan study = StudyPlan.ofRun(name, run, CacheDirectory.ofUser(), err::println)) {
      Hooks.check(study);
      study.warnings().forEach(err::println);
      if (plan) {
        RunPlanText.print(study.items().get(0), spec.commandLine().getOut());
        return 0;
      }
      StudyDirectory directory = new StudyDirectory(results.directory().resolve(name), file);
      return new StudySession(
              study,
              Shard.WHOLE,
              directory,
              Duration.ofSeconds(StudyOptions.DEFAULT_LEASE_SECONDS),
              ChronoUnit.FOREVER.getDuration(),
              spec.commandLine().getOut(),
              err)
          .run(() -> directory.add(study));
    }
  }
}
