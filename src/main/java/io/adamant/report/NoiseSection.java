package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Estimates of the gradient's noise beside each other, and what they say of batch and rate. */
final class NoiseSection {
  private NoiseSection() {}

  static Section of(List<ArmCurves> arms) {
    Section.Builder section =
        Section.of("noise", "Gradient noise on fresh data")
            .say(
                "A batch at the critical size is half noise: above it a larger batch saves few"
                    + " steps. Bands are 95 % intervals of one measurement.")
            .say(
                "The ratio from momentum counts only what gradients share over steps as signal;"
                    + " where it is below the others, the mean gradient turns faster than momentum"
                    + " decays.");
    arms.forEach(arm -> section.say(critical(arm)));
    return section
        .wide(
            estimates(
                arms,
                "snr-estimates",
                "Signal-to-noise ratio by three estimators, all parameters",
                "‖μ‖²/‖σ‖²",
                List.of(
                    new Prediction(all(Metrics.SNR_PROBE), "from a probe", Style.SOLID),
                    new Prediction(all(Metrics.SNR_MICRO), "from micro-batches", Style.DASH_DOTTED),
                    new Prediction(all(Metrics.SNR), "from momentum", Style.DASHED))))
        .wide(
            estimates(
                arms,
                "noise-scale",
                "Noise scale, the critical batch size",
                "sequences",
                List.of(
                    new Prediction(
                        all(Metrics.NOISE_SCALE_INDEPENDENT),
                        "B_simple from fresh gradients",
                        Style.SOLID),
                    new Prediction(
                        Metrics.PROBE + "." + Metrics.NOISE_SCALE_CURVED,
                        "B_noise in the curvature",
                        Style.DASH_DOTTED),
                    new Prediction(
                        all(Metrics.NOISE_SCALE), "B_simple from momentum", Style.DASHED))))
        .wide(bestRate(arms))
        .done();
  }

  private static String all(String quantity) {
    return Metrics.group(GroupCharts.ALL, quantity);
  }

  private static Optional<String> critical(ArmCurves arm) {
    Curve scale = arm.mean(all(Metrics.NOISE_SCALE_INDEPENDENT)).present();
    return scale.size() == 0
        ? Optional.empty()
        : Optional.of(
            "%s trained with batches of %s sequences; the critical batch (B_simple from fresh gradients) was %s at step %s and %s at step %s."
                .formatted(
                    arm.name(),
                    arm.arm().config().training().batch(),
                    Digits.significant(scale.y(0), 2),
                    Digits.count(scale.x(0)),
                    Digits.significant(scale.last(), 2),
                    Digits.count(scale.x(scale.size() - 1))));
  }

  /** A ratio, because the rates of two optimizers may lie decades apart. */
  private static List<Chart> bestRate(List<ArmCurves> arms) {
    String key = Metrics.PROBE + "." + Metrics.ETA_STAR;
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      Curve used = arm.mean(Metrics.LEARNING_RATE);
      lines.add(arm.line(key, "measured", Style.SOLID, best -> ratio(best, used)));
    }
    lines.removeIf(Series::blank);
    lines.add(ArmCurves.axes(arms).level("best rate = rate used", 1));
    return ArmCurves.chart(
        arms,
        "best-rate",
        "Best rate for one more step along the same update, over the rate used",
        Axes.vertical("best rate / rate used", lines, true),
        lines);
  }

  private static Curve ratio(Curve best, Curve used) {
    double[] ratios = best.ys();
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] /= used.valueAt(best.x(i));
    }
    return Curve.of(best.xs(), ratios).map(r -> r > 0 ? r : Double.NaN);
  }

  /** Drawn where there is more than what momentum tells. */
  private static List<Chart> estimates(
      List<ArmCurves> arms, String id, String title, String label, List<Prediction> estimates) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      for (Prediction each : estimates) {
        lines.add(arm.estimate(each.key(), each.meaning(), each.style()));
      }
    }
    lines.removeIf(Series::blank);
    return lines.stream().allMatch(line -> line.style() == Style.DASHED)
        ? List.of()
        : ArmCurves.chart(arms, id, title, Axes.logarithmic(label, lines), lines, meanings(lines));
  }

  /** The styles mean something else here than in the legend of all charts. */
  private static String meanings(List<Series> lines) {
    return lines.stream()
        .sorted(Comparator.comparing(Series::style))
        .map(line -> line.style().word() + ": " + line.meaning())
        .distinct()
        .collect(Collectors.joining("; ", "", "."));
  }
}
