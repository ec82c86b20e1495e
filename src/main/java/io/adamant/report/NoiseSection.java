package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Estimates of the gradient's noise beside each other, and what they say of batch and rate. */
final class NoiseSection {
  private final List<ArmCurves> arms;
  private final List<Chart> charts = new ArrayList<>();

  private NoiseSection(List<ArmCurves> arms) {
    this.arms = arms;
  }

  static Section of(List<ArmCurves> arms) {
    NoiseSection section = new NoiseSection(arms);
    section.add(
        "snr-estimates",
        "Signal-to-noise ratio by three estimators, all parameters",
        "‖μ‖²/‖σ‖²",
        List.of(
            new Line(
                Metrics.group(GroupCharts.ALL, Metrics.SNR_PROBE), "from a probe", Style.SOLID),
            new Line(
                Metrics.group(GroupCharts.ALL, Metrics.SNR_MICRO),
                "from micro-batches",
                Style.DASH_DOTTED),
            new Line(Metrics.group(GroupCharts.ALL, Metrics.SNR), "from momentum", Style.DASHED)));
    section.add(
        "noise-scale",
        "Noise scale, the critical batch size",
        "sequences",
        List.of(
            new Line(
                Metrics.group(GroupCharts.ALL, Metrics.NOISE_SCALE_INDEPENDENT),
                "B_simple from fresh gradients",
                Style.SOLID),
            new Line(
                Metrics.PROBE + "." + Metrics.NOISE_SCALE_CURVED,
                "B_noise in the curvature",
                Style.DASH_DOTTED),
            new Line(
                Metrics.group(GroupCharts.ALL, Metrics.NOISE_SCALE),
                "B_simple from momentum",
                Style.DASHED)));
    section.addBestRate();
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "A batch at the critical size is half noise: above it a larger batch saves few steps. Bands"
            + " are 95 % intervals of one measurement.");
    sentences.add(
        "The ratio from momentum counts only what gradients share over steps as signal; where "
            + "it is below the others, the mean gradient turns faster than momentum decays.");
    arms.stream().map(NoiseSection::critical).flatMap(Optional::stream).forEach(sentences::add);
    return new Section(
        "noise", "Gradient noise on fresh data", sentences, List.of(), section.charts, List.of());
  }

  /** What is drawn of each arm. */
  private record Line(String key, String meaning, Style style) {}

  private static Optional<String> critical(ArmCurves arm) {
    Curve scale =
        arm.mean(Metrics.group(GroupCharts.ALL, Metrics.NOISE_SCALE_INDEPENDENT)).present();
    if (scale.size() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        "%s trained with batches of %d sequences; the critical batch (B_simple from fresh gradients) was %s at step %s and %s at step %s."
            .formatted(
                arm.name(),
                arm.arm().runs().get(0).config().training().batch(),
                Digits.significant(scale.y(0), 2),
                Digits.count(scale.x(0)),
                Digits.significant(scale.y(scale.size() - 1), 2),
                Digits.count(scale.x(scale.size() - 1))));
  }

  /** A ratio, because the rates of two optimizers may lie decades apart. */
  private void addBestRate() {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      Curve rate = arm.mean(Metrics.LEARNING_RATE);
      Series line =
          arm.line(
              Metrics.PROBE + "." + Metrics.ETA_STAR,
              "measured",
              Style.SOLID,
              best -> {
                double[] ratios = best.ys();
                for (int i = 0; i < ratios.length; i++) {
                  ratios[i] /= rate.valueAt(best.x(i));
                }
                return Curve.of(best.xs(), ratios).map(r -> r > 0 ? r : Double.NaN);
              });
      if (!line.line().blank()) {
        lines.add(line);
      }
    }
    if (!lines.isEmpty()) {
      lines.add(ArmCurves.axes(arms).level("best rate = rate used", "fixed level", 1));
      charts.add(
          new Chart(
              "best-rate",
              "Best rate for one more step along the same update, over the rate used",
              ArmCurves.axes(arms).steps(),
              Axes.vertical("best rate / rate used", "", lines, true),
              lines));
    }
  }

  private void add(String id, String title, String label, List<Line> wanted) {
    List<Series> lines = new ArrayList<>();
    boolean fresh = false;
    for (ArmCurves arm : arms) {
      for (Line line : wanted) {
        Series series = arm.estimate(line.key(), line.meaning(), line.style());
        if (!series.line().blank()) {
          lines.add(series);
          fresh |= line.style() != Style.DASHED;
        }
      }
    }
    if (fresh) {
      charts.add(
          new Chart(
              id,
              title,
              ArmCurves.axes(arms).steps(),
              Axes.logarithmic(label, lines),
              lines,
              meanings(lines)));
    }
  }

  /** The styles mean something else here than in the legend of all charts. */
  private static List<String> meanings(List<Series> lines) {
    List<String> meanings =
        lines.stream()
            .sorted(Comparator.comparing(Series::style))
            .map(line -> line.style().word() + ": " + line.meaning())
            .distinct()
            .toList();
    return List.of(String.join("; ", meanings) + ".");
  }
}
