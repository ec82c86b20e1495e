package io.adamant.report;

import io.adamant.chart.Axes;
import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Palette;
import io.adamant.chart.Thinning;
import io.adamant.results.Metrics;
import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/**
 * The curves of one drawn arm: the mean over its shown seeds, of losses the median, with a band
 * from the lowest to the highest.
 */
final class ArmCurves {
  private final ArmRuns arm;
  private final int colour;
  private final List<Metrics> metrics;

  ArmCurves(ArmRuns arm, int colour) {
    this.arm = arm;
    this.colour = colour;
    this.metrics = arm.shown().stream().map(RunData::metrics).toList();
  }

  ArmRuns arm() {
    return arm;
  }

  /** The axis of steps that spans all runs of these arms. */
  static Axes axes(List<ArmCurves> arms) {
    double last =
        arms.stream()
            .flatMap(arm -> arm.arm().shown().stream())
            .mapToDouble(run -> run.summary().steps())
            .max()
            .orElse(1);
    return new Axes(Math.max(1, last));
  }

  /** The same of each arm, where it has a value. */
  static List<Series> lines(List<ArmCurves> arms, Function<ArmCurves, Series> line) {
    return arms.stream().map(line).filter(series -> !series.blank()).toList();
  }

  /** A chart over steps; none where no line has a value. */
  static List<Chart> chart(
      List<ArmCurves> arms, String id, String title, Axis y, List<Series> lines, String... notes) {
    return lines.stream().allMatch(line -> line.colour() == Palette.NEUTRAL || line.blank())
        ? List.of()
        : List.of(new Chart(id, title, axes(arms).steps(), y, lines, List.of(notes)));
  }

  /** What a sentence says of each arm, with the arm's name; empty where there is nothing to say. */
  static List<String> each(List<ArmCurves> arms, Function<ArmCurves, Optional<String>> words) {
    return arms.stream()
        .flatMap(arm -> words.apply(arm).map(text -> arm.name() + ": " + text).stream())
        .toList();
  }

  /** Name of the arm, with what a reader of any curve must know: that a run is not complete. */
  String name() {
    if (arm.status() == RunStatus.FINISHED) {
      return arm.name();
    }
    RunStatus worst = arm.status();
    long count = arm.runs().stream().filter(run -> run.summary().status() == worst).count();
    String of = arm.runs().size() == 1 ? "" : count + " of " + arm.runs().size() + " ";
    return arm.name() + " (" + of + worst.word() + ")";
  }

  int colour() {
    return colour;
  }

  /** A recorded quantity, a curve a shown seed that has it. */
  List<Curve> seeds(String key) {
    return metrics.stream().map(m -> m.curve(key)).filter(curve -> curve.size() > 0).toList();
  }

  /** Mean over seeds of a recorded quantity, at the steps that all seeds have. */
  Curve mean(String key) {
    return combined(key, y -> Statistics.mean(y));
  }

  /** Median over seeds of a recorded quantity, at the steps that all seeds have. */
  Curve median(String key) {
    return combined(key, y -> Statistics.median(y));
  }

  /** A line without a band, thinned; its points are transformed before. */
  Series line(String key, String meaning, Style style, UnaryOperator<Curve> transform) {
    Curve whole = transform.apply(mean(key));
    Curve line = whole.at(Thinning.indices(whole));
    return new Series(name(), meaning, style, colour, line);
  }

  /**
   * A line with the interval that was recorded beside it, {@code _low} to {@code _high}, where
   * there is one; thinned. Points without a value are left out, so that the rest is joined.
   */
  Series estimate(String key, String meaning, Style style) {
    Curve whole = mean(key);
    Curve line = whole.present();
    int[] kept = Thinning.indices(line);
    Curve low = mean(Metrics.low(key));
    Curve high = mean(Metrics.high(key));
    boolean interval = Arrays.equals(low.xs(), whole.xs()) && Arrays.equals(high.xs(), whole.xs());
    Series estimate = new Series(name(), meaning, style, colour, line.at(kept));
    return interval
        ? estimate.within(at(low, estimate.line()), at(high, estimate.line()))
        : estimate;
  }

  /** The values of a curve at the abscissae of another. */
  private static Curve at(Curve values, Curve points) {
    double[] xs = points.xs();
    return Curve.of(xs, Arrays.stream(xs).map(values::valueAt).toArray());
  }

  /** A measured line, the mean, with the band of its seeds, thinned. */
  Series measured(String key) {
    return banded(key, "measured", mean(key), curve -> curve);
  }

  /** The median of a loss with the band of its seeds, thinned. */
  Series loss(String key, String meaning, UnaryOperator<Curve> transform) {
    return banded(key, meaning, median(key), transform);
  }

  private Series banded(String key, String meaning, Curve middle, UnaryOperator<Curve> transform) {
    Curve whole = transform.apply(middle);
    int[] kept = Thinning.indices(whole);
    Series line = new Series(name(), meaning, Style.SOLID, colour, whole.at(kept));
    if (metrics.size() == 1) {
      return line;
    }
    Curve low = transform.apply(combined(key, y -> present(y).min().orElse(Double.NaN)));
    Curve high = transform.apply(combined(key, y -> present(y).max().orElse(Double.NaN)));
    return line.within(low.at(kept), high.at(kept));
  }

  private static DoubleStream present(double[] values) {
    return Arrays.stream(values).filter(v -> !Double.isNaN(v));
  }

  private Curve combined(String key, ToDoubleFunction<double[]> combine) {
    List<Curve> curves = seeds(key);
    if (curves.isEmpty()) {
      return Curve.empty();
    }
    double[] steps =
        Arrays.stream(curves.get(0).xs())
            .filter(x -> curves.stream().allMatch(c -> Arrays.binarySearch(c.xs(), x) >= 0))
            .toArray();
    double[] values =
        Arrays.stream(steps)
            .map(
                x ->
                    combine.applyAsDouble(curves.stream().mapToDouble(c -> c.valueAt(x)).toArray()))
            .toArray();
    return Curve.of(steps, values);
  }
}
