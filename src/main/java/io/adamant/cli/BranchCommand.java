package io.adamant.cli;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Numbers;
import io.adamant.chart.Digits;
import io.adamant.chart.Table;
import io.adamant.data.CacheDirectory;
import io.adamant.study.BranchOutcome;
import io.adamant.study.BranchStudy;
import io.adamant.study.Shard;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyEstimate;
import io.adamant.study.StudyPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant branch}. */
@Command(
    name = "branch",
    description = "Continue a run's checkpoint with larger batches: the branched critical batch.",
    footer = {
      "",
      "Three branches with the batch as it was, each on other data, say how far final losses differ",
      "by chance; twice their deviation is the margin, written before a larger batch is trained.",
      "Results go to DIR/branch-RUN-STEP, a study like others; the same command again resumes.",
      "",
      "Examples:",
      "  ./adamant branch results/quickstart/runs/ID --at 200 --batch x1,x2,x4 --plan",
      "  ./adamant branch results/quickstart/runs/ID --at 200 --batch x1,x2,x4",
      "  ./adamant branch results/quickstart/runs/ID --at 200 --batch x2,x4 --scale linear"
    })
final class BranchCommand implements Callable<Integer> {

  private static final int MOST = 1 << 16;

  @Spec private CommandSpec spec;
  @Mixin private ResultsOption results;

  @Parameters(paramLabel = "RUN", description = "A finished run that kept checkpoints.")
  private Path path;

  @Option(
      names = "--at",
      paramLabel = "STEP",
      required = true,
      description = "Steps of the checkpoint to branch off from.")
  private String at;

  @Option(
      names = "--batch",
      paramLabel = "xK,..",
      split = ",",
      defaultValue = "x1,x2,x4,x8",
      description = "Multipliers of the batch, default ${DEFAULT-VALUE}.")
  private List<String> batches;

  @Option(
      names = "--scale",
      paramLabel = "RULE",
      description =
          "Factor on rates for a batch K times as large: sqrt, linear or none (default: linear for"
              + " SGD, sqrt for all others).")
  private String scale;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Branches of each larger batch, 1 to 3, default ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(names = "--plan", description = "Print the branches and the time, then end.")
  private boolean planOnly;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    OptionalLong step = Numbers.parseWhole(at);
    if (step.isEmpty() || step.getAsLong() < 1) {
      throw InputException.badValue("--at", at, "the steps of a checkpoint");
    }
    BranchStudy study = BranchStudy.of(path, step.getAsLong(), multipliers(), scale(), seeds);
    if (!planOnly) {
      results.require(study.name());
      new LogHead(err).who();
    }
    EngineFiles.requireFit(err);
    try (StudyPlan plan =
        StudyPlan.ofRuns(
            study.name(),
            "Branches of run %s at step %s".formatted(study.runId(), study.step()),
            study.runs(),
            1,
            CacheDirectory.ofUser(),
            err::println)) {
      Hooks.check(plan);
      StudyDirectory directory = new StudyDirectory(results.directory().resolve(plan.name()));
      directory.check(plan);
      PrintWriter said = json ? err : out;
      said.print(head(study));
      said.flush();
      if (planOnly) {
        out.println(
            PlanText.of(
                StudyEstimate.of(
                    plan.items(), List.of(), directory, item -> StudyCommand.measured(item, err)),
                1));
        out.flush();
        return 0;
      }
      directory.write(plan);
      List<StudyPlan.Item> unchanged = BranchOutcome.items(plan, study.arm(1));
      int code =
          new StudySession(
                  plan,
                  Shard.WHOLE,
                  directory,
                  Duration.ofSeconds(StudyOptions.DEFAULT_LEASE_SECONDS),
                  ChronoUnit.FOREVER.getDuration(),
                  said,
                  err)
              .run(unchanged, () -> fixed(study, unchanged, directory, err));
      if (code == 0 && plan.items().stream().allMatch(item -> directory.hasResult(item.id()))) {
        print(study, BranchOutcome.of(study, plan, directory), directory, out);
      }
      return code;
    }
  }

  private static boolean fixed(
      BranchStudy study,
      List<StudyPlan.Item> unchanged,
      StudyDirectory directory,
      PrintWriter err) {
    boolean fixed = BranchOutcome.fix(study, unchanged, directory);
    if (!fixed) {
      err.println(
          "adamant: a branch with the batch as it was did not finish, so there is no margin");
      err.flush();
    }
    return fixed;
  }

  private List<Integer> multipliers() {
    List<Integer> multipliers = new ArrayList<>();
    for (String text : batches) {
      OptionalLong k =
          text.startsWith("x") ? Numbers.parseWhole(text.substring(1)) : OptionalLong.empty();
      if (k.isEmpty() || k.getAsLong() < 1 || k.getAsLong() > MOST) {
        throw InputException.badValue("--batch", text, "multipliers such as x1,x2,x4,x8");
      }
      multipliers.add((int) k.getAsLong());
    }
    return multipliers;
  }

  private Optional<BranchStudy.Scale> scale() {
    return Optional.ofNullable(scale)
        .map(
            word ->
                Arrays.stream(BranchStudy.Scale.values())
                    .filter(rule -> rule.word().equals(word))
                    .findFirst()
                    .orElseThrow(
                        () ->
                            InputException.badValue(
                                "--scale",
                                word,
                                Arrays.stream(BranchStudy.Scale.values())
                                    .map(BranchStudy.Scale::word)
                                    .collect(Collectors.joining(", ")))));
  }

  private String head(BranchStudy study) {
    String rule =
        study.scale().word()
            + (scale == null ? ", the default of " + study.origin().optimizer().name() : "");
    return """
        run %s branches off after step %s of %s: %s tokens in each branch
        rates: those of the steps that a step stands for, on average, times a factor (%s)
        as in the run: betas and eps, per step, so momentum remembers more tokens; decay, with the rate; the
        place in the schedule, by tokens; another order of the data from there on
        """
            .formatted(
                study.runId(),
                study.step(),
                study.origin().training().steps(),
                Digits.words(study.steps(1) * (double) study.origin().tokensPerStep()),
                rule)
        + new Table.Columns<Integer>()
            .text("branch", study::arm)
            .whole(
                "runs",
                k -> study.runs().stream().filter(r -> r.arm().equals(study.arm(k))).count())
            .whole("batch", k -> (long) k * study.origin().training().batch())
            .whole("steps", k -> study.steps(k))
            .number("factor on rates", Digits.significant(3), k -> study.scale().factor(k))
            .of("Branches", study.multipliers())
            .terminal(Integer.MAX_VALUE);
  }

  private void print(
      BranchStudy study, BranchOutcome outcome, StudyDirectory directory, PrintWriter out) {
    String text = Json.pretty(outcome.json(study));
    Path file = DurableFiles.write(directory.root().resolve("branch.json"), text);
    if (json) {
      out.println(text);
      out.flush();
      return;
    }
    out.println();
    out.print(
        new Table.Columns<BranchOutcome.Row>()
            .text("branch", row -> study.arm(row.multiplier()))
            .whole("batch", BranchOutcome.Row::batch)
            .whole("steps", BranchOutcome.Row::steps)
            .number("factor on rates", Digits.significant(3), BranchOutcome.Row::rateFactor)
            .number("validation loss", Digits.fixed(4), BranchOutcome.Row::loss)
            .number("±", Digits.fixed(4), BranchOutcome.Row::halfWidth)
            .number("above x1", Digits.fixed(4), BranchOutcome.Row::difference)
            .text("within the margin", row -> row.within() ? "yes" : "no")
            .of("Final loss", outcome.rows())
            .terminal(Integer.MAX_VALUE));
    out.println(
        Digits.format(
            "margin: %.4f nats, twice the deviation of three x1 branches, fixed before the others",
            outcome.margin()));
    out.println(
        "critical batch by branches: %s%s sequences"
            .formatted(outcome.open() ? "at least " : "", outcome.critical().batch()));
    out.println("B_simple there: " + words(outcome.simple()));
    out.println("B_noise, in the curvature: " + words(outcome.curved()));
    out.println(file);
    out.flush();
  }

  private static String words(BranchOutcome.Scale scale) {
    return Double.isFinite(scale.value())
        ? "%s [%s, %s] sequences"
            .formatted(
                Digits.significant(scale.value(), 3),
                Digits.significant(scale.low(), 3),
                Double.isFinite(scale.high()) ? Digits.significant(scale.high(), 3) : "∞")
        : "no signal in the gradient seen";
  }
}
