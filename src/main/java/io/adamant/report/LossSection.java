package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Smoothing;
import io.adamant.results.Manifest;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Validation and training loss over steps. */
final class LossSection {
  /** Factor over the largest loss at the start beyond which a diverging curve is cut off. */
  private static final double CUT = 1.5;

  private final List<ArmCurves> arms;
  private final Axes axes;

  private LossSection(List<ArmCurves> arms) {
    this.arms = arms;
    this.axes = ArmCurves.axes(arms);
  }

  static Section of(List<ArmCurves> arms) {
    LossSection section = new LossSection(arms);
    return Section.of("loss", "Loss")
        .say(section.unigram().map(section::againstUnigram))
        .say(section.readout())
        .say(section.smoothing())
        .wide(section.validation())
        .wide(section.training())
        .done();
  }

  private List<Chart> validation() {
    List<Series> lines = new ArrayList<>();
    unigram().ifPresent(level -> lines.add(axes.level("unigram cross-entropy", level)));
    arms.forEach(arm -> lines.add(arm.loss(Metrics.VAL_LOSS, "measured", curve -> curve)));
    lines.addAll(averaged());
    return ArmCurves.chart(arms, "validation-loss", "Validation loss", losses(lines), lines);
  }

  private List<Chart> training() {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      lines.add(arm.line(Metrics.TRAIN_LOSS, "every step", Style.SOLID, raw -> raw).behind());
    }
    for (ArmCurves arm : arms) {
      Series smooth =
          arm.loss(
              Metrics.TRAIN_LOSS,
              "running mean",
              curve -> Smoothing.mean(curve, Smoothing.window(curve.size())));
      lines.add(smooth);
    }
    return ArmCurves.chart(arms, "training-loss", "Training loss", losses(lines), lines);
  }

  private Axis losses(List<Series> lines) {
    List<Curve> curves = lines.stream().map(Series::line).toList();
    double start =
        curves.stream().filter(c -> c.size() > 0).mapToDouble(c -> c.y(0)).max().orElse(1);
    double cut = Double.isFinite(start) ? CUT * start : Double.POSITIVE_INFINITY;
    Range range =
        Range.linear(curves.stream().map(c -> c.map(y -> Math.min(y, cut))).toList(), false);
    return new Axis("loss", "nats per token", false, range);
  }

  private String smoothing() {
    int points = arms.stream().mapToInt(arm -> arm.mean(Metrics.TRAIN_LOSS).size()).max().orElse(0);
    int window = Smoothing.window(points);
    boolean seeds = arms.stream().anyMatch(arm -> arm.arm().shown().size() > 1);
    return (window == 1
            ? "The training loss is that of single batches."
            : "In the training loss, faint lines are the losses of single batches and solid lines "
                + "their running means over "
                + Digits.plural(window, "step")
                + ".")
        + (seeds
            ? " Lines are medians over seeds, bands go from the lowest to the highest seed."
            : "");
  }

  private List<Series> averaged() {
    return ArmCurves.lines(
        arms,
        arm ->
            arm.line(
                Metrics.READOUT_VAL_LOSS,
                "averaged weights",
                Style.DASHED,
                mean -> arm.median(Metrics.READOUT_VAL_LOSS)));
  }

  private Optional<String> readout() {
    return Optional.of(
            "Dashed in the validation loss: the weights that training.readout keeps beside those"
                + " that are trained.")
        .filter(text -> !averaged().isEmpty());
  }

  private String againstUnigram(double level) {
    List<String> parts = new ArrayList<>();
    boolean allBelow = true;
    for (ArmCurves arm : arms) {
      double gap = level - arm.arm().valLoss();
      if (Double.isFinite(gap)) {
        allBelow &= gap > 0;
        parts.add(arm.name() + ": " + Digits.fixed(Math.abs(gap), 2) + (gap > 0 ? "" : " above"));
      }
    }
    String guess =
        "Guessing each token by its frequency alone costs %s nats per token (dotted)."
            .formatted(Digits.fixed(level, 2));
    if (parts.isEmpty()) {
      return guess; // nothing has finished yet
    }
    return guess
        + " Final validation losses below that: "
        + String.join("; ", parts)
        + (allBelow
            ? ". All of these have learned more than word frequencies."
            : ". An arm that ends above it has not learned even word frequencies.");
  }

  /** The level that all runs share, where they do. */
  private Optional<Double> unigram() {
    List<Double> levels =
        arms.stream()
            .flatMap(arm -> arm.arm().runs().stream())
            .map(run -> run.manifest().number(Manifest.Key.UNIGRAM_CROSS_ENTROPY))
            .filter(Double::isFinite)
            .distinct()
            .toList();
    return levels.size() == 1 ? Optional.of(levels.get(0)) : Optional.empty();
  }
}
