package io.adamant.report;

import io.adamant.base.Csv;
import io.adamant.chart.Digits;
import io.adamant.chart.Sentences;
import io.adamant.chart.Table;
import io.adamant.chart.Table.Column;
import io.adamant.results.Metrics;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The arms side by side, best validation loss first; arms with an unfinished run after those that
 * finished, arms with a diverged or failed run last.
 *
 * <p>Arms of different data are not ranked together: those of the first study's data come first.
 * Numbers are means over an arm's finished seeds (see {@link ArmRuns#shown}), missing where
 * unknown; RMS values are those of all parameters at each run's last measured step.
 *
 * @param rows the arms
 * @param first what stands first, in words
 * @param warning that the losses of these rows have different units, where they have
 */
public record ComparisonTable(List<ArmRuns> rows, String first, Optional<String> warning) {
  /** Confidence of the interval of the validation loss. */
  public static final double LEVEL = 0.95;

  private static final int WIDTH = 100;

  /** Takes a copy. */
  public ComparisonTable {
    rows = List.copyOf(rows);
  }

  /** Compares the arms of a study. */
  public static ComparisonTable of(StudyData study) {
    Comparator<ArmRuns> order =
        Comparator.comparingInt(ComparisonTable::rank)
            .thenComparingDouble(ArmRuns::valLoss) // NaN sorts last
            .thenComparing(ArmRuns::name);
    if (!study.comparable() && study.sameText()) {
      return new ComparisonTable(
          study.arms().stream()
              .sorted(
                  Comparator.comparingInt(ComparisonTable::rank)
                      .thenComparingDouble(ArmRuns::bitsPerByte)
                      .thenComparing(ArmRuns::name))
              .toList(),
          "Fewest bits per byte",
          study.warning());
    }
    return new ComparisonTable(
        study.data().stream()
            .flatMap(
                data -> study.arms().stream().filter(arm -> arm.data().equals(data)).sorted(order))
            .toList(),
        study.comparable()
            ? "Best validation loss"
            : "Grouped by data, within it best validation loss",
        study.warning());
  }

  private static int rank(ArmRuns arm) {
    if (arm.status() == RunStatus.FINISHED) {
      return 0;
    }
    if (!arm.status().bad()) {
      return 1;
    }
    return arm.lost() ? 3 : 2;
  }

  /** The first row of each arm: the point of its grid with the lowest loss, by study and arm. */
  Map<String, ArmRuns> winners() {
    return rows.stream()
        .collect(
            Collectors.toMap(
                arm -> arm.study() + "/" + arm.arm(),
                arm -> arm,
                (first, other) -> first,
                LinkedHashMap::new));
  }

  /** What people read. */
  Table table() {
    DoubleFunction<String> seconds = s -> s < 10 ? Digits.fixed(s, 1) : Digits.count(s);
    Table.Columns<ArmRuns> columns =
        new Table.Columns<ArmRuns>()
            .text("optimizer", ArmRuns::name)
            .add(number("validation", "loss", "loss"), ComparisonTable::loss);
    if (knowsReadout()) {
      columns.add(
          number("validation", "loss of the readout", "readout"),
          arm -> arm.lost() ? "" : Digits.fixed(arm.readoutValLoss(), 4));
    }
    columns.add(
        number("validation", "perplexity", "ppl"),
        arm -> arm.lost() ? "" : Digits.fixed(Math.exp(arm.valLoss()), 2));
    if (knowsBytes()) {
      columns.add(
          number("validation", "bits per byte", "bits/B"),
          arm -> arm.lost() ? "" : Digits.fixed(arm.bitsPerByte(), 4));
    }
    return columns
        .number("tokens/s", Digits::count, arm -> arm.mean(run -> run.summary().tokensPerSecond()))
        .number("seconds", seconds, arm -> arm.mean(run -> run.summary().seconds()))
        .add(number("update RMS", "measured", "meas."), rms(Metrics.UPDATE_RMS))
        .add(number("update RMS", "predicted", "pred."), rms(Metrics.UPDATE_RMS_PREDICTED))
        .add(number("weight RMS", "measured", "meas."), rms(Metrics.WEIGHT_RMS))
        .add(number("weight RMS", "predicted", "pred."), rms(Metrics.WEIGHT_RMS_PREDICTED))
        .of("", rows);
  }

  /** Runs of earlier versions do not know the bytes of their text. */
  private boolean knowsBytes() {
    return rows.stream().anyMatch(arm -> Double.isFinite(arm.bitsPerByte()));
  }

  private boolean knowsReadout() {
    return rows.stream().anyMatch(arm -> Double.isFinite(arm.readoutValLoss()));
  }

  private static Column number(String group, String heading, String brief) {
    return new Column(group, heading, brief, true);
  }

  private static String loss(ArmRuns arm) {
    return arm.lost()
        ? arm.status().word()
        : Digits.plusMinus(arm.valLoss(), arm.valLossHalfWidth(), 4);
  }

  private static Function<ArmRuns, String> rms(String quantity) {
    return arm -> Digits.significant(arm.measured(quantity), 3);
  }

  /** Aligned columns of at most 100 characters, notes below. */
  public String terminal() {
    return wrapped(warning.stream()) + table().terminal(WIDTH) + wrapped(notes().stream());
  }

  private static String wrapped(Stream<String> texts) {
    return texts
        .flatMap(text -> Sentences.wrapped(text, WIDTH).stream())
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** A GitHub-flavoured Markdown table, notes below. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    warning.ifPresent(words -> text.append("**").append(words).append("**\n"));
    text.append(table().markdown());
    notes().forEach(note -> text.append('\n').append(note).append('\n'));
    return text.toString().stripLeading();
  }

  /** Comma-separated values with every digit, for programs; blank where unknown. */
  public String csv() {
    Table.Columns<ArmRuns> columns =
        new Table.Columns<ArmRuns>()
            .text("arm", ArmRuns::name)
            .text("optimizer", ArmRuns::optimizer)
            .text("status", arm -> arm.status().word())
            .whole("seeds", arm -> arm.runs().size())
            .whole("seeds_averaged", arm -> arm.averaged().size())
            .number("val_loss", Csv::number, ArmRuns::valLoss)
            .number("val_loss_half_width_95", Csv::number, ArmRuns::valLossHalfWidth)
            .number("val_ppl", Csv::number, arm -> Math.exp(arm.valLoss()));
    if (knowsBytes()) {
      columns.number(Metrics.VAL_BITS_PER_BYTE, Csv::number, ArmRuns::bitsPerByte);
    }
    if (knowsReadout()) {
      columns.number(Metrics.READOUT_VAL_LOSS, Csv::number, ArmRuns::readoutValLoss);
    }
    columns
        .number("tokens_per_s", Csv::number, arm -> arm.mean(r -> r.summary().tokensPerSecond()))
        .number("seconds", Csv::number, arm -> arm.mean(run -> run.summary().seconds()));
    for (String quantity :
        List.of(
            Metrics.UPDATE_RMS,
            Metrics.UPDATE_RMS_PREDICTED,
            Metrics.UPDATE_RMS_FREE,
            Metrics.WEIGHT_RMS,
            Metrics.WEIGHT_RMS_PREDICTED)) {
      columns.number(quantity, Csv::number, arm -> arm.measured(quantity));
    }
    return columns.text("note", ComparisonTable::note).of("", rows).csv();
  }

  /** What the numbers are, and what must be said of some arms. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (rows.stream().anyMatch(arm -> Double.isFinite(arm.valLossHalfWidth()))) {
      notes.add("±: half-width of the 95 % t-interval of the mean over seeds.");
    }
    rows.stream()
        .filter(arm -> !note(arm).isEmpty())
        .forEach(arm -> notes.add(arm.name() + ": " + note(arm) + "."));
    return notes;
  }

  /** What a reader must know: unfinished, diverged and failed runs, skipped steps. */
  static String note(ArmRuns arm) {
    Map<RunStatus, List<RunData>> byStatus =
        arm.runs().stream()
            .collect(
                Collectors.groupingBy(
                    run -> run.summary().status(), TreeMap::new, Collectors.toList()));
    byStatus.remove(RunStatus.FINISHED);
    List<String> parts = new ArrayList<>();
    byStatus.forEach((status, runs) -> parts.add(statusNote(arm, status, runs)));
    if (arm.skippedSteps() > 0) {
      parts.add(Digits.plural(arm.skippedSteps(), "step") + " skipped");
    }
    return String.join("; ", parts);
  }

  private static String statusNote(ArmRuns arm, RunStatus status, List<RunData> runs) {
    RunData first = runs.get(0);
    String who = arm.runs().size() == 1 ? "" : runs.size() + " of " + arm.runs().size() + " seeds ";
    long planned = first.config().training().steps();
    String where = " at step " + Digits.count(first.summary().steps());
    String of = status.bad() ? "" : " of " + Digits.count(planned);
    String why = first.summary().reason().isEmpty() ? "" : " (" + first.summary().reason() + ")";
    return who + status.word() + where + of + why;
  }
}
