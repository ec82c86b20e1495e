package io.adamant.lab;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.simulate.Measurement;
import io.adamant.simulate.SurgeCurve;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
    List<Chart> charts = new ArrayList<>();
    for (SurgeCurve curve : curves) {
      charts.add(chart(curve, "surge-" + (charts.size() + 1)));
    }
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Law and simulated step: the best rate of one step at the start. Training: the best peak rate of %s steps with a cosine schedule to 0, by the mean log loss at the end."
            .formatted(inputs.text("steps")));
    sentences.add(
        "The Hessian is %s, of %s coordinates; noise %s, B_simple %s at the start."
            .formatted(
                inputs.text("hessian"),
                inputs.text("dimension"),
                inputs.text("noise"),
                LabNumbers.number(at.noiseScaleSimple())));
    curves.forEach(curve -> sentences.add(verdict(curve)));
    Section rates =
        new Section(
            "rates",
            "Best learning rate against batch size",
            sentences,
            List.of(),
            charts,
            List.of());
    Section table =
        new Section(
            "falls",
            "Where it peaks and how far it falls",
            List.of(),
            List.of(falls()),
            List.of(),
            List.of());
    return new ChartPage(
        "Surge: best learning rate against batch size",
        List.of(rates, table),
        Map.of("surge.csv", csv()));
  }

  private static Chart chart(SurgeCurve curve, String id) {
    double[] x = array(curve.batches());
    double[] y = curve.oneStep().stream().mapToDouble(Measurement::value).toArray();
    double[] half = curve.oneStep().stream().mapToDouble(Measurement::halfWidth).toArray();
    double[] low = new double[y.length];
    double[] high = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      low[i] = y[i] - half[i];
      high[i] = y[i] + half[i];
    }
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

  private String verdict(SurgeCurve c) {
    double threshold = c.method().threshold(at);
    String law =
        Double.isInfinite(threshold)
            ? "the law has no surge"
            : "the law peaks at B = %s and then falls by %s"
                .formatted(LabNumbers.number(threshold), percent(c.fall(c.law())));
    List<Double> step = c.oneStep().stream().map(Measurement::value).toList();
    return "%s: %s; the simulated step falls by %s after its peak on the grid, training by %s."
        .formatted(c.method().title(), law, percent(c.fall(step)), percent(c.fall(c.trained())));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private FactTable falls() {
    return new FactTable(
        "",
        List.of(
            "method",
            "B* of the law",
            "law falls by",
            "step peaks at",
            "step falls by",
            "training peaks at",
            "training falls by"),
        curves.stream()
            .map(
                c -> {
                  List<Double> step = c.oneStep().stream().map(Measurement::value).toList();
                  double threshold = c.method().threshold(at);
                  return List.of(
                      c.method().title(),
                      Double.isInfinite(threshold) ? "none" : LabNumbers.number(threshold),
                      percent(c.fall(c.law())),
                      LabNumbers.plain(c.peak(step)),
                      percent(c.fall(step)),
                      LabNumbers.plain(c.peak(c.trained())),
                      percent(c.fall(c.trained())));
                })
            .toList());
  }

  private List<List<String>> csv() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "method",
            "beta1",
            "batch",
            "law",
            "coordinate_law",
            "one_step",
            "one_step_half_width_95",
            "trained"));
    for (SurgeCurve c : curves) {
      for (int i = 0; i < c.batches().size(); i++) {
        rows.add(
            List.of(
                c.method().title(),
                Double.toString(c.method().beta1()),
                Double.toString(c.batches().get(i)),
                Double.toString(c.law().get(i)),
                Double.toString(c.coordinateLaw().get(i)),
                Double.toString(c.oneStep().get(i).value()),
                Double.toString(c.oneStep().get(i).halfWidth()),
                Double.toString(c.trained().get(i))));
      }
    }
    return rows;
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    for (SurgeCurve c : curves) {
      text.append(c.method().title()).append('\n');
      text.append(
          "%12s %12s %20s %22s %12s%n"
              .formatted("batch B", "law", "law by coordinate", "one step, simulated", "training"));
      for (int i = 0; i < c.batches().size(); i++) {
        Measurement step = c.oneStep().get(i);
        String simulated =
            LabNumbers.number(step.value()) + " ± " + LabNumbers.half(step.halfWidth());
        text.append(
            "%12s %12s %20s %22s %12s%n"
                .formatted(
                    LabNumbers.plain(c.batches().get(i)),
                    LabNumbers.number(c.law().get(i)),
                    LabNumbers.number(c.coordinateLaw().get(i)),
                    simulated,
                    LabNumbers.number(c.trained().get(i))));
      }
      text.append(verdict(c)).append("\n\n");
    }
    return text.toString();
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
      node.put("one_step", c.oneStep().stream().map(Measurement::value).toList());
      node.put("one_step_half_width_95", c.oneStep().stream().map(Measurement::halfWidth).toList());
      node.put("trained", c.trained());
      all.add(node);
    }
    return Map.of("curves", all);
  }
}
