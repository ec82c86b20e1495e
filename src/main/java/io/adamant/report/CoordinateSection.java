package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.chart.Thinning;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import io.adamant.stats.RatioHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
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

  private CoordinateSection() {}

  static Section of(List<ArmCurves> all) {
    List<ArmCurves> arms = measured(all, GroupCharts.ALL);
    Section.Builder section =
        Section.of("coordinates", "Signal-to-noise ratio of single coordinates")
            .say(
                "With equal betas σ² = v − m² is a variance, and each coordinate has its own "
                    + "signal-to-noise ratio |m|/σ. Below 1 the coordinate is noise-dominated: its "
                    + "update is not a sign but 1/√(1 + σ²/m²), about |m|/σ. The line is the median"
                    + " coordinate, the dark band contains half of all coordinates and the light"
                    + " band nine in ten.")
            .sayOfEach(
                "Noise-dominated coordinates: %s.",
                ArmCurves.each(arms, CoordinateSection::dominated))
            .table(table(arms))
            .wide(spread(arms, GroupCharts.ALL))
            .panels(
                line(arms, Metrics.NOISE_DOMINATED, "Share of coordinates with |m| < σ", "share"))
            .panels(
                line(
                    arms,
                    Metrics.MOLLIFICATION,
                    "Effective mollification: mean of 1/√(1 + σ²/m²)",
                    "mean |u|"));
    GroupCharts.GROUPS.stream()
        .filter(group -> !measured(arms, group).isEmpty())
        .forEach(group -> section.panels(spread(arms, group)));
    return section.done();
  }

  private static List<ArmCurves> measured(List<ArmCurves> arms, String group) {
    return arms.stream().filter(arm -> !histograms(arm, group).isEmpty()).toList();
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

  private static List<Chart> spread(List<ArmCurves> arms, String group) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      List<Histogram> histograms = histograms(arm, group);
      Curve median = quantiles(histograms, 0.5);
      Series line = new Series(arm.name(), "median coordinate", Style.SOLID, arm.colour(), median);
      lines.add(line.within(quantiles(histograms, 0.05), quantiles(histograms, 0.95)).behind());
      lines.add(line.within(quantiles(histograms, 0.25), quantiles(histograms, 0.75)));
      noiseMedian(arm)
          .map(noise -> median.map(y -> noise))
          .map(m -> new Series(arm.name(), "median on pure noise", Style.DOTTED, arm.colour(), m))
          .ifPresent(lines::add);
    }
    lines.add(ArmCurves.axes(arms).level("|m| = σ", EVEN));
    return ArmCurves.chart(
        arms,
        "coordinate-ratio-" + group,
        "|m|/σ over coordinates: " + GroupCharts.named(group),
        new Axis("|m| / σ", "", true, SPAN),
        lines,
        group.equals(GroupCharts.ALL)
            ? new String[] {"Dotted in an arm's colour: the median coordinate on pure noise."}
            : new String[0]);
  }

  /**
   * On pure noise m has the variance r, and with v at its expectation the median of |m|/&radic;(v
   * &minus; m&sup2;) is z/&radic;(1 &minus; z&sup2;), z = 0.674 &radic;r.
   */
  private static Optional<Double> noiseMedian(ArmCurves arm) {
    Object beta = arm.arm().config().optimizer().settings().get("beta1");
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

  private static List<Chart> line(
      List<ArmCurves> arms, String quantity, String title, String label) {
    String key = Metrics.group(GroupCharts.ALL, quantity);
    List<Series> lines = arms.stream().map(arm -> arm.measured(key)).toList();
    return ArmCurves.chart(
        arms,
        quantity.replace('_', '-'),
        title + ": all parameters",
        Axes.vertical(label, lines, true),
        lines);
  }

  private static Optional<String> dominated(ArmCurves arm) {
    Curve share = arm.mean(Metrics.group(GroupCharts.ALL, Metrics.NOISE_DOMINATED)).present();
    return share.size() == 0
        ? Optional.empty()
        : Optional.of(
            "%s at step %s, %s at step %s"
                .formatted(
                    Digits.percentage(share.y(0), 1),
                    Digits.count(share.x(0)),
                    Digits.percentage(share.last(), 1),
                    Digits.count(share.x(share.size() - 1))));
  }

  /** Two rows an arm: shares and means by group. */
  private static Table table(List<ArmCurves> arms) {
    List<String> headings = new ArrayList<>(List.of("arm", ""));
    GroupCharts.withAll().forEach(group -> headings.add(GroupCharts.named(group)));
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : arms) {
      rows.add(row(arm, "noise-dominated", Metrics.NOISE_DOMINATED, x -> percentage(x)));
      rows.add(row(arm, Metrics.MOLLIFICATION, Metrics.MOLLIFICATION, Digits.significant(3)));
    }
    return Table.of("Last measured step", headings, rows);
  }

  private static List<String> row(
      ArmCurves arm, String name, String quantity, DoubleFunction<String> written) {
    List<String> row = new ArrayList<>(List.of(arm.name(), name));
    GroupCharts.withAll().stream()
        .map(group -> written.apply(arm.mean(Metrics.group(group, quantity)).last()))
        .forEach(row::add);
    return row;
  }

  private static String percentage(double share) {
    return Double.isFinite(share) ? Digits.percentage(share, 1) : "";
  }
}
