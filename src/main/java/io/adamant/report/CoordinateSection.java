package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Band;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.chart.Thinning;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import io.adamant.stats.RatioHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How m/&sigma; is spread over coordinates while training, for equal betas: the signal-to-noise
 * ratio of each coordinate as the optimizer sees it (theory &sect;6).
 */
final class CoordinateSection {

  /** Where |m| = &sigma;, between the noise-dominated regime and the other. */
  private static final double EVEN = 1;

  private static final Range SPAN = new Range(5e-3, 20);
  private static final double NORMAL_MEDIAN = 0.6744897501960817; // of |z|, z standard normal

  private final List<ArmCurves> arms;

  private CoordinateSection(List<ArmCurves> arms) {
    this.arms = arms.stream().filter(arm -> !histograms(arm, GroupCharts.ALL).isEmpty()).toList();
  }

  static Section of(List<ArmCurves> arms) {
    CoordinateSection section = new CoordinateSection(arms);
    List<Chart> wide = new ArrayList<>();
    List<Chart> panels = new ArrayList<>();
    if (!section.arms.isEmpty()) {
      wide.add(section.spread(GroupCharts.ALL));
      panels.add(
          section.line(Metrics.NOISE_DOMINATED, "Share of coordinates with |m| < σ", "share"));
      panels.add(
          section.line(
              Metrics.MOLLIFICATION,
              "Effective mollification: mean of 1/√(1 + σ²/m²)",
              "mean |u|"));
      GroupCharts.GROUPS.stream()
          .filter(g -> section.arms.stream().anyMatch(arm -> !histograms(arm, g).isEmpty()))
          .map(section::spread)
          .forEach(panels::add);
    }
    return new Section(
        "coordinates",
        "Signal-to-noise ratio of single coordinates",
        section.sentences(),
        section.arms.isEmpty() ? List.of() : List.of(section.table()),
        wide,
        panels);
  }

  /** A histogram of a step, mean over seeds. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; the shares are not shared
  private record Histogram(double step, double[] shares) {}

  private static List<Histogram> histograms(ArmCurves arm, String group) {
    List<Curve> bins =
        IntStream.range(0, RatioHistogram.BINS)
            .mapToObj(i -> arm.mean(Metrics.group(group, "ratio_histogram." + i)))
            .toList();
    List<Histogram> histograms = new ArrayList<>();
    for (double step : bins.get(0).xs()) {
      double[] shares = bins.stream().mapToDouble(bin -> bin.valueAt(step)).toArray();
      if (Arrays.stream(shares).allMatch(Double::isFinite)) {
        histograms.add(new Histogram(step, shares));
      }
    }
    return histograms;
  }

  private Chart spread(String group) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      List<Histogram> histograms = histograms(arm, group);
      lines.add(series(arm, histograms, 0.05, 0.95, true));
      lines.add(series(arm, histograms, 0.25, 0.75, false));
      noiseMedian(arm).ifPresent(median -> lines.add(pureNoise(arm, histograms, median)));
    }
    lines.add(ArmCurves.axes(arms).level("|m| = σ", "fixed level", EVEN));
    return new Chart(
        "coordinate-ratio-" + group,
        "|m|/σ over coordinates: " + GroupCharts.named(group),
        ArmCurves.axes(arms).steps(),
        new Axis("|m| / σ", "", true, Optional.of(SPAN)),
        lines,
        group.equals(GroupCharts.ALL)
            ? List.of("Dotted in an arm's colour: the median coordinate on pure noise.")
            : List.of());
  }

  private static Series series(
      ArmCurves arm, List<Histogram> histograms, double low, double high, boolean faint) {
    return new Series(
        arm.name(),
        "median coordinate",
        Style.SOLID,
        arm.colour(),
        faint,
        quantiles(histograms, 0.5),
        Optional.of(new Band(quantiles(histograms, low), quantiles(histograms, high))));
  }

  private static Series pureNoise(ArmCurves arm, List<Histogram> histograms, double median) {
    return new Series(
        arm.name(),
        "median on pure noise",
        Style.DOTTED,
        arm.colour(),
        false,
        quantiles(histograms, 0.5).map(y -> median),
        Optional.empty());
  }

  /**
   * On pure noise m has the variance r, and with v at its expectation the median of |m|/&radic;(v
   * &minus; m&sup2;) is z/&radic;(1 &minus; z&sup2;), z = 0.674 &radic;r.
   */
  private static Optional<Double> noiseMedian(ArmCurves arm) {
    Object beta = arm.arm().runs().get(0).config().optimizer().settings().get("beta1");
    if (!(beta instanceof Number beta1)) {
      return Optional.empty();
    }
    double r = (1 - beta1.doubleValue()) / (1 + beta1.doubleValue());
    double z = NORMAL_MEDIAN * Math.sqrt(r);
    return Optional.of(z / Math.sqrt(1 - z * z));
  }

  private static Curve quantiles(List<Histogram> histograms, double p) {
    Curve whole =
        Curve.of(
            histograms.stream().mapToDouble(Histogram::step).toArray(),
            histograms.stream().mapToDouble(h -> RatioHistogram.quantile(h.shares(), p)).toArray());
    return whole.at(everyFew(whole.size()));
  }

  /** Bands need the same steps at each edge, so they are thinned evenly. */
  private static int[] everyFew(int size) {
    int stride = Math.max(1, (size + Thinning.MOST - 1) / Thinning.MOST);
    return IntStream.range(0, size).filter(i -> i % stride == 0 || i == size - 1).toArray();
  }

  private Chart line(String quantity, String title, String label) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      lines.add(arm.measured(Metrics.group(GroupCharts.ALL, quantity), curve -> curve));
    }
    return new Chart(
        quantity.replace('_', '-'),
        title + ": all parameters",
        ArmCurves.axes(arms).steps(),
        Axes.vertical(label, "", lines, true),
        lines);
  }

  private List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "With equal betas σ² = v − m² is a variance, and each coordinate has its own "
            + "signal-to-noise ratio |m|/σ. Below 1 the coordinate is noise-dominated: its "
            + "update is not a sign but 1/√(1 + σ²/m²), about |m|/σ. The line is the median "
            + "coordinate, the dark band contains half of all coordinates and the light band "
            + "nine in ten.");
    List<String> shares = new ArrayList<>();
    for (ArmCurves arm : arms) {
      Curve share = arm.mean(Metrics.group(GroupCharts.ALL, Metrics.NOISE_DOMINATED)).present();
      if (share.size() > 0) {
        shares.add(
            "%s: %s at step %s, %s at step %s"
                .formatted(
                    arm.name(),
                    Digits.percentage(share.y(0), 1),
                    Digits.count(share.x(0)),
                    Digits.percentage(share.last(), 1),
                    Digits.count(share.x(share.size() - 1))));
      }
    }
    if (!shares.isEmpty()) {
      sentences.add("Noise-dominated coordinates: " + String.join("; ", shares) + ".");
    }
    return sentences;
  }

  private FactTable table() {
    List<String> groups = GroupCharts.withAll();
    List<String> headings = new ArrayList<>(List.of("arm", ""));
    groups.forEach(group -> headings.add(GroupCharts.named(group)));
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : arms) {
      List<String> shares = new ArrayList<>(List.of(arm.name(), "noise-dominated"));
      List<String> means = new ArrayList<>(List.of(arm.name(), Metrics.MOLLIFICATION));
      for (String group : groups) {
        shares.add(percentage(arm.mean(Metrics.group(group, Metrics.NOISE_DOMINATED)).last()));
        means.add(
            Digits.significant(arm.mean(Metrics.group(group, Metrics.MOLLIFICATION)).last(), 3));
      }
      rows.add(shares);
      rows.add(means);
    }
    return new FactTable("Last measured step", headings, rows);
  }

  private static String percentage(double share) {
    return Double.isFinite(share) ? Digits.percentage(share, 1) : "";
  }
}
