package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import io.adamant.config.ClipConfig;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Learning rate and gradient norm over steps. */
final class StepSection {
  private StepSection() {}

  static Section of(List<ArmCurves> arms) {
    Axes axes = ArmCurves.axes(arms);
    List<Chart> charts = new ArrayList<>();
    List<Series> rates =
        arms.stream()
            .map(
                arm ->
                    arm.line(
                        Metrics.LEARNING_RATE,
                        "learning rate",
                        Style.SOLID,
                        UnaryOperator.identity()))
            .toList();
    if (rates.stream().anyMatch(series -> !series.line().blank())) {
      charts.add(new Chart("learning-rate", "Learning rate", axes.steps(), rateAxis(rates), rates));
    }
    List<Series> norms = new ArrayList<>();
    clip(arms).ifPresent(c -> norms.add(axes.level("clip.global_norm", "fixed level", c)));
    arms.forEach(arm -> norms.add(arm.measured(Metrics.GRADIENT_NORM, UnaryOperator.identity())));
    if (norms.stream().anyMatch(s -> s.style() == Style.SOLID && !s.line().blank())) {
      Axis y = Axes.vertical("global gradient norm", "", norms, true);
      charts.add(
          new Chart("gradient-norm", "Gradient norm before clipping", axes.steps(), y, norms));
    }
    return new Section(
        "steps", "Learning rate and gradient norm", sentences(arms), List.of(), List.of(), charts);
  }

  /** Logarithmic where the peaks of the arms lie far apart; a schedule alone does not need it. */
  private static Axis rateAxis(List<Series> rates) {
    List<Curve> all = rates.stream().map(Series::line).toList();
    List<Curve> peaks = all.stream().map(curve -> curve.map(y -> Statistics.max(curve))).toList();
    boolean log = Range.needsLog(peaks);
    return new Axis(
        "learning rate",
        "",
        log,
        Optional.of(log ? Range.logarithmic(all) : Range.linear(all, true)));
  }

  private static List<String> sentences(List<ArmCurves> arms) {
    List<String> sentences = new ArrayList<>();
    List<ArmCurves> scheduled =
        arms.stream().filter(arm -> !arm.mean(Metrics.LEARNING_RATE).blank()).toList();
    if (!scheduled.isEmpty()) {
      List<String> names = scheduled.stream().map(ArmCurves::name).toList();
      List<String> peaks =
          scheduled.stream()
              .map(arm -> rate(Statistics.max(arm.mean(Metrics.LEARNING_RATE))))
              .toList();
      sentences.add("Highest learning rate: " + Sentences.each(names, peaks) + ".");
    }
    List<String> clipping = new ArrayList<>();
    List<String> shares = new ArrayList<>();
    for (ArmCurves arm : arms) {
      ClipConfig clip = arm.arm().runs().get(0).config().clip();
      double[] norms = norms(arm);
      if (clip.enabled() && norms.length > 0) {
        long above = Arrays.stream(norms).filter(norm -> norm > clip.globalNorm()).count();
        clipping.add(arm.name());
        shares.add(Digits.percentage((double) above, norms.length));
      }
    }
    if (!clipping.isEmpty()) {
      sentences.add(
          "Share of steps whose gradient was longer than the clipping threshold and was scaled down"
              + " to it: "
              + Sentences.each(clipping, shares)
              + ".");
    }
    return sentences;
  }

  private static double[] norms(ArmCurves arm) {
    return arm.seeds(Metrics.GRADIENT_NORM).stream()
        .flatMapToDouble(curve -> Arrays.stream(Statistics.present(curve)))
        .toArray();
  }

  private static String rate(double value) {
    return Digits.significant(value, 2);
  }

  /** The threshold, where all arms clip at the same one. */
  private static Optional<Double> clip(List<ArmCurves> arms) {
    List<ClipConfig> clips =
        arms.stream().map(arm -> arm.arm().runs().get(0).config().clip()).distinct().toList();
    return clips.size() == 1 && clips.get(0).enabled()
        ? Optional.of(clips.get(0).globalNorm())
        : Optional.empty();
  }
}
