package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Palette;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import io.adamant.config.RunConfig;
import io.adamant.report.ComparisonTable.Row;
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
    OverviewSection section = new OverviewSection(study, table);
    List<String> sentences = new ArrayList<>();
    study.warning().ifPresent(sentences::add);
    sentences.add(section.what());
    if (study.comparable()) {
      section.winner().ifPresent(sentences::add);
    }
    ConfirmSection.headline(study).ifPresent(sentences::add);
    sentences.add(section.health());
    section.findings().ifPresent(sentences::add);
    section.incomplete().ifPresent(sentences::add);
    if (drawn.size() < study.arms().size()) {
      sentences.add(
          "The table has all "
              + study.arms().size()
              + " settings; the charts show "
              + drawn.size()
              + ": for each arm the setting with the lowest validation loss, and at most "
              + Palette.size()
              + " arms.");
    }
    return new Section(
        "overview", "What was run", sentences, OverviewTables.of(study), List.of(), List.of());
  }

  /** Name of a model and its training, as far as all runs share them. */
  private String what() {
    StringBuilder text = new StringBuilder();
    text.append(runs()).append(" trained ");
    Optional<RunConfig> shape = shared(RunConfig::model).map(model -> study.runs().get(0).config());
    text.append(
        shape
            .map(
                run ->
                    "a GPT of %d layers and width %d"
                        .formatted(run.model().layers(), run.model().width()))
            .orElse("GPTs of several shapes"));
    sharedFact(Manifest.Key.PARAMETERS)
        .ifPresent(
            count ->
                text.append(" (")
                    .append(
                        Digits.words(
                            study.runs().get(0).manifest().number(Manifest.Key.PARAMETERS)))
                    .append(" parameters)"));
    sharedFact(Manifest.Key.DATA_DESCRIPTION).ifPresent(data -> text.append(" on ").append(data));
    shared(run -> run.training().steps())
        .ifPresent(steps -> text.append(" for ").append(Digits.plural(steps, "step")));
    shared(RunConfig::tokensPerStep)
        .ifPresent(tokens -> text.append(" of ").append(Digits.count(tokens)).append(" tokens"));
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
    List<Row> ranked =
        table.rows().stream()
            .filter(row -> row.status() == RunStatus.FINISHED && Double.isFinite(row.valLoss()))
            .toList();
    if (ranked.isEmpty()) {
      return Optional.empty();
    }
    Row best = ranked.get(0);
    String half = Digits.fixed(best.valLossHalfWidth(), 4);
    String text =
        "Lowest validation loss: "
            + best.name()
            + " with "
            + Digits.fixed(best.valLoss(), 4)
            + (half.isEmpty() ? "" : " ± " + half)
            + " nats per token (perplexity "
            + Digits.fixed(best.perplexity(), 1)
            + ")";
    if (ranked.size() == 1) {
      return Optional.of(text + ".");
    }
    Row second = ranked.get(1);
    return Optional.of(
        text
            + ", "
            + Digits.fixed(second.valLoss() - best.valLoss(), 4)
            + " below "
            + second.name()
            + ". "
            + resolution(arm(best.name()), arm(second.name())));
  }

  /** Whether seeds resolve the difference of two arms. */
  private static String resolution(ArmRuns best, ArmRuns second) {
    double[] a = best.values(run -> run.summary().valLoss());
    double[] b = second.values(run -> run.summary().valLoss());
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
  private Optional<String> findings() {
    List<String> parts = new ArrayList<>();
    for (ArmRuns arm : study.arms()) {
      for (RunData run : arm.runs()) {
        for (RunSummary.Finding found : run.summary().findings()) {
          parts.add(
              "%s (seed %d), step %d: %s%s, %s"
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
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("What went wrong: " + String.join("; ", parts) + ".");
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

  private <T> Optional<T> shared(Function<RunConfig, T> setting) {
    List<T> values =
        study.runs().stream().map(run -> setting.apply(run.config())).distinct().toList();
    return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
  }

  private Optional<String> sharedFact(Manifest.Key key) {
    List<String> values =
        study.runs().stream().map(r -> r.manifest().text(key)).distinct().toList();
    return values.size() == 1 && !values.get(0).isEmpty()
        ? Optional.of(values.get(0))
        : Optional.empty();
  }

  private ArmRuns arm(String name) {
    return study.arms().stream().filter(a -> a.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<Long> seeds(ArmRuns arm) {
    return arm.shown().stream().map(RunData::seed).toList();
  }
}
