package io.adamant.report;

import io.adamant.chart.Axes;
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

/** Learning rate and gradient norm over steps. */
final class StepSection {
  private StepSection() {}

  static Section of(List<ArmCurves> arms) {
    List<Series> rates =
        arms.stream()
            .map(arm -> arm.line(Metrics.LEARNING_RATE, "learning rate", Style.SOLID, c -> c))
            .toList();
    List<Series> norms = new ArrayList<>();
    clip(arms).ifPresent(c -> norms.add(ArmCurves.axes(arms).level("clip.global_norm", c)));
    arms.forEach(arm -> norms.add(arm.measured(Metrics.GRADIENT_NORM)));
    Axis norm = Axes.vertical("global gradient norm", norms, true);
    return Section.of("steps", "Learning rate and gradient norm")
        .say(peaks(arms))
        .say(clipped(arms))
        .panels(ArmCurves.chart(arms, "learning-rate", "Learning rate", rateAxis(rates), rates))
        .panels(
            ArmCurves.chart(arms, "gradient-norm", "Gradient norm before clipping", norm, norms))
        .done();
  }

  /** Logarithmic where the peaks of the arms lie far apart; a schedule alone does not need it. */
  private static Axis rateAxis(List<Series> rates) {
    List<Curve> all = rates.stream().map(Series::line).toList();
    List<Curve> peaks = all.stream().map(curve -> curve.map(y -> Statistics.max(curve))).toList();
    boolean log = Range.needsLog(peaks);
    Range range = log ? Range.logarithmic(all) : Range.linear(all, true);
    return new Axis("learning rate", "", log, range);
  }

  private static Optional<String> peaks(List<ArmCurves> arms) {
    List<ArmCurves> scheduled =
        arms.stream().filter(arm -> !arm.mean(Metrics.LEARNING_RATE).blank()).toList();
    List<String> peaks =
        scheduled.stream()
            .map(arm -> Statistics.max(arm.mean(Metrics.LEARNING_RATE)))
            .map(peak -> Digits.significant(peak, 2))
            .toList();
    return sentence("Highest learning rate: ", scheduled, peaks);
  }

  private static Optional<String> clipped(List<ArmCurves> arms) {
    List<ArmCurves> clipping =
        arms.stream()
            .filter(arm -> arm.arm().config().clip().enabled() && norms(arm).length > 0)
            .toList();
    List<String> shares =
        clipping.stream()
            .map(
                arm -> {
                  double threshold = arm.arm().config().clip().globalNorm();
                  double[] norms = norms(arm);
                  long above = Arrays.stream(norms).filter(norm -> norm > threshold).count();
                  return Digits.percentage((double) above, norms.length);
                })
            .toList();
    return sentence(
        "Share of steps whose gradient was longer than the clipping threshold and was scaled down"
            + " to it: ",
        clipping,
        shares);
  }

  private static Optional<String> sentence(
      String begin, List<ArmCurves> arms, List<String> values) {
    List<String> names = arms.stream().map(ArmCurves::name).toList();
    return arms.isEmpty()
        ? Optional.empty()
        : Optional.of(begin + Sentences.each(names, values) + ".");
  }

  private static double[] norms(ArmCurves arm) {
    return arm.seeds(Metrics.GRADIENT_NORM).stream()
        .flatMapToDouble(curve -> Arrays.stream(Statistics.present(curve)))
        .toArray();
  }

  /** The threshold, where all arms clip at the same one. */
  private static Optional<Double> clip(List<ArmCurves> arms) {
    List<ClipConfig> clips =
        arms.stream().map(arm -> arm.arm().config().clip()).distinct().toList();
    return clips.size() == 1 && clips.get(0).enabled()
        ? Optional.of(clips.get(0).globalNorm())
        : Optional.empty();
  }
}
