package io.adamant.lab;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Digits;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.simulate.Measurement;
import io.adamant.simulate.SurgeCurve;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Best rates against batch sizes, three ways, as page, tables, text and JSON. */
public final class SurgePage implements Findings {

  private final LocalGeometry at;
  private final List<SurgeCurve> curves;
  private final Values inputs;

  public SurgePage(LocalGeometry at, List<SurgeCurve> curves, Values inputs) {
    this.at = at;
    this.curves = curves;
    this.inputs = inputs;
  }

  @Override
  public ChartPage page() {
    Section.Builder rates =
        Section.of("rates", "Best learning rate against batch size")
            .say(
                "Law and simulated step: the best rate of one step at the start. Training: the best peak rate of %s steps with a cosine schedule to 0, by the mean log loss at the end."
                    .formatted(inputs.text("steps")))
            .say(
                "The Hessian is %s, of %s coordinates; noise %s, B_simple %s at the start."
                    .formatted(
                        inputs.text("hessian"),
                        inputs.text("dimension"),
                        inputs.text("noise"),
                        LabNumbers.number(at.noiseScaleSimple())));
    for (int i = 0; i < curves.size(); i++) {
      rates.say(verdict(curves.get(i))).wide(chart(curves.get(i), "surge-" + (i + 1)));
    }
    Section falls =
        Section.of("falls", "Where it peaks and how far it falls").table(falls()).done();
    return new ChartPage(
        "Surge: best learning rate against batch size",
        List.of(rates.done(), falls),
        Map.of("surge.csv", csv()));
  }

  private static Chart chart(SurgeCurve curve, String id) {
    double[] x = array(curve.batches());
    double[] y = array(step(curve));
    double[] half = curve.oneStep().stream().mapToDouble(Measurement::halfWidth).toArray();
    double[] low = IntStream.range(0, y.length).mapToDouble(i -> y[i] - half[i]).toArray();
    double[] high = IntStream.range(0, y.length).mapToDouble(i -> y[i] + half[i]).toArray();
    List<Series> lines =
        List.of(
            PlotLines.dashed("law, one noise scale", 0, x, array(curve.law())),
            PlotLines.dashed("law, per coordinate", 5, x, array(curve.coordinateLaw())),
            PlotLines.banded("one step, simulated", 4, x, y, low, high),
            PlotLines.dotted("whole training", "trained", 1, x, array(curve.trained())));
    return PlotLines.chart(
        id, curve.method().title(), "batch size B (samples)", "best learning rate", lines);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<Double> step(SurgeCurve curve) {
    return curve.oneStep().stream().map(Measurement::value).toList();
  }

  private String verdict(SurgeCurve c) {
    double threshold = c.method().threshold(at);
    String law =
        Double.isInfinite(threshold)
            ? "the law has no surge"
            : "the law peaks at B = %s and then falls by %s"
                .formatted(LabNumbers.number(threshold), percent(c.fall(c.law())));
    return "%s: %s; the simulated step falls by %s after its peak on the grid, training by %s."
        .formatted(c.method().title(), law, percent(c.fall(step(c))), percent(c.fall(c.trained())));
  }

  private static String percent(double share) {
    return Digits.format("%.1f %%", 100 * share);
  }

  private Table falls() {
    return new Table.Columns<SurgeCurve>()
        .text("method", c -> c.method().title())
        .number(
            "B* of the law",
            b -> Double.isInfinite(b) ? "none" : LabNumbers.number(b),
            c -> c.method().threshold(at))
        .number("law falls by", SurgePage::percent, c -> c.fall(c.law()))
        .number("step peaks at", LabNumbers::plain, c -> c.peak(step(c)))
        .number("step falls by", SurgePage::percent, c -> c.fall(step(c)))
        .number("training peaks at", LabNumbers::plain, c -> c.peak(c.trained()))
        .number("training falls by", SurgePage::percent, c -> c.fall(c.trained()))
        .of("", curves);
  }

  /** What was found at one batch size of a curve. */
  private record Point(SurgeCurve curve, int index) {
    double of(Function<SurgeCurve, List<Double>> rates) {
      return rates.apply(curve).get(index);
    }

    Measurement step() {
      return curve.oneStep().get(index);
    }

    static Stream<Point> all(SurgeCurve curve) {
      return IntStream.range(0, curve.batches().size()).mapToObj(i -> new Point(curve, i));
    }
  }

  private Table csv() {
    return new Table.Columns<Point>()
        .text("method", point -> point.curve().method().title())
        .exact("beta1", point -> point.curve().method().beta1())
        .exact("batch", point -> point.of(SurgeCurve::batches))
        .exact("law", point -> point.of(SurgeCurve::law))
        .exact("coordinate_law", point -> point.of(SurgeCurve::coordinateLaw))
        .exact("one_step", point -> point.step().value())
        .exact("one_step_half_width_95", point -> point.step().halfWidth())
        .exact("trained", point -> point.of(SurgeCurve::trained))
        .of("", curves.stream().flatMap(Point::all).toList());
  }

  @Override
  public String text() {
    Table.Columns<Point> columns =
        new Table.Columns<Point>()
            .number("batch B", LabNumbers::plain, point -> point.of(SurgeCurve::batches))
            .number("law", LabNumbers::number, point -> point.of(SurgeCurve::law))
            .number(
                "law by coordinate",
                LabNumbers::number,
                point -> point.of(SurgeCurve::coordinateLaw))
            .text("one step, simulated", point -> simulated(point.step()))
            .number("training", LabNumbers::number, point -> point.of(SurgeCurve::trained));
    StringBuilder text = new StringBuilder();
    for (SurgeCurve c : curves) {
      text.append(c.method().title()).append('\n');
      for (List<String> line : columns.of("", Point.all(c).toList()).lines()) {
        text.append("%12s %12s %20s %22s %12s%n".formatted(line.toArray()));
      }
      text.append(verdict(c)).append("\n\n");
    }
    return text.toString();
  }

  private static String simulated(Measurement step) {
    double half = step.halfWidth();
    return LabNumbers.number(step.value())
        + " ± "
        + (half == 0 ? "0" : Digits.format("%.1e", half));
  }

  @Override
  public Object json() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (SurgeCurve c : curves) {
      Map<String, Object> node = new LinkedHashMap<>();
      node.put("method", c.method().title());
      node.put("batch", c.batches());
      node.put("law", c.law());
      node.put("coordinate_law", c.coordinateLaw());
      node.put("one_step", step(c));
      node.put("one_step_half_width_95", c.oneStep().stream().map(Measurement::halfWidth).toList());
      node.put("trained", c.trained());
      all.add(node);
    }
    return Map.of("curves", all);
  }
}
