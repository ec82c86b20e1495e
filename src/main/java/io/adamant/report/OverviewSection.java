package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Palette;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.stats.TTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What was run and how it came out, in sentences. */
final class OverviewSection {
  private final StudyData study;
  private final ComparisonTable table;

  private OverviewSection(StudyData study, ComparisonTable table) {
    this.study = study;
    this.table = table;
  }

  static Section of(StudyData study, ComparisonTable table, Map<String, Integer> drawn) {
    OverviewSection overview = new OverviewSection(study, table);
    Section.Builder section =
        Section.of("overview", "What was run").say(study.warning()).say(overview.what());
    if (study.comparable()) {
      section.say(overview.winner());
    } else if (study.sameText()) {
      section.say(overview.fewestBits());
    }
    section
        .say(ConfirmSection.headline(study))
        .say(overview.health())
        .sayOfEach("What went wrong: %s.", overview.findings())
        .say(overview.incomplete());
    if (drawn.size() < study.arms().size()) {
      section.say(
          "The table has all %s settings; the charts show %s: for each arm the setting with the lowest validation loss, and at most %s arms."
              .formatted(study.arms().size(), drawn.size(), Palette.size()));
    }
    OverviewTables.of(study).forEach(section::table);
    return section.done();
  }

  /** Name of a model and its training, as far as all runs share them. */
  private String what() {
    StringBuilder text = new StringBuilder();
    text.append(runs()).append(" trained ");
    text.append(
        shared(run -> run.config().model())
            .map(
                m ->
                    "a GPT of %s and width %s"
                        .formatted(Digits.plural(m.layers(), "layer"), m.width()))
            .orElse("GPTs of several shapes"));
    shared(run -> run.manifest().number(Manifest.Key.PARAMETERS))
        .filter(Double::isFinite)
        .ifPresent(n -> text.append(" (").append(Digits.words(n)).append(" parameters)"));
    shared(run -> run.manifest().text(Manifest.Key.DATA_DESCRIPTION))
        .filter(data -> !data.isEmpty())
        .ifPresent(data -> text.append(" on ").append(data));
    shared(run -> run.config().training().steps())
        .ifPresent(steps -> text.append(" for ").append(Digits.plural(steps, "step")));
    boolean grow = study.runs().stream().anyMatch(run -> run.config().training().batchWarmup() > 0);
    shared(run -> run.config().tokensPerStep())
        .map(Digits::count)
        .ifPresent(n -> text.append(grow ? " of up to " : " of ").append(n).append(" tokens"));
    return text.append('.').toString();
  }

  /** How many runs of what. */
  private String runs() {
    if (study.runs().size() == 1) {
      return "One run of " + study.arms().get(0).name();
    }
    String settings = Digits.plural(study.arms().size(), "setting");
    List<Integer> seeds = study.arms().stream().map(arm -> arm.runs().size()).distinct().toList();
    return seeds.size() > 1
        ? Digits.plural(study.runs().size(), "run") + " of " + settings
        : settings + ", " + Digits.plural(seeds.get(0), "seed") + " each,";
  }

  private Optional<String> winner() {
    List<ArmRuns> ranked =
        table.rows().stream().filter(arm -> Double.isFinite(arm.wholeLoss())).toList();
    if (ranked.isEmpty()) {
      return Optional.empty();
    }
    ArmRuns best = ranked.get(0);
    String text =
        "Lowest validation loss: %s with %s nats per token (perplexity %s%s)"
            .formatted(
                best.name(),
                Digits.plusMinus(best.valLoss(), best.valLossHalfWidth(), 4),
                Digits.fixed(Math.exp(best.valLoss()), 1),
                Double.isNaN(best.bitsPerByte())
                    ? ""
                    : ", " + Digits.fixed(best.bitsPerByte(), 4) + " bits per byte");
    if (ranked.size() == 1) {
      return Optional.of(text + ".");
    }
    ArmRuns second = ranked.get(1);
    String ahead = Digits.fixed(second.valLoss() - best.valLoss(), 4);
    return Optional.of(
        "%s, %s below %s. %s".formatted(text, ahead, second.name(), resolution(best, second)));
  }

  private Optional<String> fewestBits() {
    return table.rows().stream()
        .filter(arm -> Double.isFinite(arm.wholeLoss()))
        .findFirst()
        .map(
            arm ->
                "Fewest bits per byte: %s with %s."
                    .formatted(arm.name(), Digits.fixed(arm.bitsPerByte(), 4)));
  }

  /** Whether seeds resolve the difference of two arms. */
  private static String resolution(ArmRuns best, ArmRuns second) {
    double[] a = best.losses();
    double[] b = second.losses();
    if (a.length < 2 || b.length < 2) {
      return a.length == b.length
          ? "With one seed per arm, this difference cannot be told from seed noise."
          : "With one seed in one arm, this difference cannot be told from seed noise.";
    }
    boolean paired = a.length == b.length && seeds(best).equals(seeds(second));
    TTest test =
        paired
            ? TTest.paired(b, a, ComparisonTable.LEVEL)
            : TTest.welch(b, a, ComparisonTable.LEVEL);
    String interval =
        " (95 %% interval of the difference %s to %s, %s t-test, p = %s)."
            .formatted(
                Digits.fixed(test.interval().low(), 4),
                Digits.fixed(test.interval().high(), 4),
                paired ? "paired" : "Welch's",
                Digits.significant(test.pValue(), 2));
    return test.significantAt(1 - ComparisonTable.LEVEL)
        ? "That is more than the noise between seeds explains" + interval
        : "That is within the noise between seeds" + interval;
  }

  private String health() {
    List<String> parts = new ArrayList<>();
    for (RunStatus status : RunStatus.values()) {
      List<RunData> runs =
          study.runs().stream().filter(run -> run.summary().status() == status).toList();
      if (!runs.isEmpty()) {
        parts.add(Digits.count(runs.size()) + " " + status.word());
      }
    }
    long skipped = study.arms().stream().mapToLong(ArmRuns::skippedSteps).sum();
    boolean all = study.runs().stream().allMatch(r -> r.summary().status() == RunStatus.FINISHED);
    String finished = study.runs().size() == 1 ? "It finished" : "All of them finished";
    return (all
            ? finished
            : "Of " + Digits.plural(study.runs().size(), "run") + " " + Sentences.list(parts))
        + "; "
        + (skipped == 0 ? "no step was" : Digits.plural(skipped, "step") + " had to be")
        + " skipped for non-finite numbers.";
  }

  /** What the divergence doctor recognised. */
  private List<String> findings() {
    List<String> parts = new ArrayList<>();
    for (ArmRuns arm : study.arms()) {
      for (RunData run : arm.runs()) {
        for (RunSummary.Finding found : run.summary().findings()) {
          parts.add(
              "%s (seed %s), step %s: %s%s, %s"
                  .formatted(
                      arm.name(),
                      run.seed(),
                      found.step(),
                      found.kind().replace('_', ' '),
                      found.tensor().isEmpty() ? "" : " in " + found.tensor(),
                      found.detail()));
        }
      }
    }
    return parts;
  }

  /** What study.yaml and the folder do not agree on. */
  private Optional<String> incomplete() {
    List<String> parts = new ArrayList<>();
    if (study.notBegun() > 0) {
      parts.add(Digits.plural(study.notBegun(), "planned run") + " not begun yet");
    }
    if (study.leftOut() > 0) {
      parts.add(
          Digits.plural(study.leftOut(), "run")
              + " in the folder left out, since study.yaml does not list them");
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("Not shown: " + Sentences.list(parts) + ".");
  }

  /** What all runs have in common, if they do. */
  private <T> Optional<T> shared(Function<RunData, T> fact) {
    List<T> values = study.runs().stream().map(fact).distinct().toList();
    return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
  }

  private static List<Long> seeds(ArmRuns arm) {
    return arm.shown().stream().map(RunData::seed).toList();
  }
}
