package io.adamant.lab;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.simulate.SignalView;
import io.adamant.theory.SignalOperator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A signal and what optimizers make of it, as page, table, text and JSON. */
public final class SignalPage implements Findings {

  private static final int COLOURS = 8;

  private final double[] signal;
  private final List<Double> betas;
  private final double decay; // NaN for a signal from a file
  private final Map<String, Function<Double, double[]>> filters = new LinkedHashMap<>();

  public SignalPage(double[] signal, List<Double> betas, SignalView.Start start, double decay) {
    this.signal = signal;
    this.betas = betas;
    this.decay = decay;
    filters.put("Adam", beta -> SignalView.adam(beta, start).apply(signal));
    filters.put("EMASign", beta -> SignalView.emaSign(beta).apply(signal));
    filters.put("Signum", beta -> SignalView.signum(beta).apply(signal));
  }

  @Override
  public ChartPage page() {
    double[] x = steps();
    List<Section> sections = new ArrayList<>();
    Chart input =
        PlotLines.chart(
            "signal-input",
            "The signal",
            "step",
            "gradient",
            List.of(PlotLines.dotted("signal", "input", 4, x, signal)));
    sections.add(new Section("input", "Input", List.of(), List.of(), List.of(input), List.of()));
    filters.forEach(
        (name, filter) -> {
          List<Series> lines = new ArrayList<>();
          for (int i = 0; i < Math.min(COLOURS, betas.size()); i++) {
            lines.add(
                PlotLines.solid(
                    "beta " + LabNumbers.plain(betas.get(i)), i, x, filter.apply(betas.get(i))));
          }
          String id = name.toLowerCase(java.util.Locale.ROOT);
          Chart chart =
              PlotLines.chart("signal-" + id, name + "'s update", "step", "update", lines);
          sections.add(new Section(id, name, words(name), List.of(), List.of(chart), List.of()));
        });
    sections.add(
        new Section("peaks", "Largest update", List.of(), List.of(peaks()), List.of(), List.of()));
    return new ChartPage("Optimizers as filters", sections, Map.of("signal.csv", csv()));
  }

  private List<String> words(String name) {
    List<String> words = new ArrayList<>();
    if (betas.size() > COLOURS) {
      words.add("Only the first " + COLOURS + " betas are drawn; all are in signal.csv.");
    }
    if (name.equals("Adam") && !Double.isNaN(decay)) {
      words.add(
          "Insensitive to the decay, and so eventually periodic, for every beta below %s."
              .formatted(LabNumbers.plain(Math.rint(1e6 * Math.exp(-2 * decay)) / 1e6)));
    }
    if (name.equals("EMASign")) {
      words.add("A filtered square wave: the size of the gradient is lost before the average.");
    }
    if (name.equals("Signum")) {
      words.add("±1 only: the shape is lost after the average.");
    }
    return words;
  }

  private double[] steps() {
    return IntStream.range(0, signal.length).asDoubleStream().toArray();
  }

  private FactTable peaks() {
    List<List<String>> rows = new ArrayList<>();
    for (double beta : betas) {
      double[] adam = filters.get("Adam").apply(beta);
      rows.add(
          List.of(
              LabNumbers.plain(beta),
              LabNumbers.number(peak(adam, 0)),
              LabNumbers.number(peak(adam, signal.length * 3 / 4)),
              Double.isNaN(decay)
                  ? ""
                  : LabNumbers.plain(
                      Math.rint(1e6 * SignalOperator.transientFactor(beta, decay)) / 1e6)));
    }
    return new FactTable(
        "Adam's |update|; the last quarter shows whether it still falls",
        List.of("beta", "largest", "largest in the last quarter", "transient factor a step"),
        rows);
  }

  private static double peak(double[] update, int from) {
    return Arrays.stream(update, from, update.length).map(Math::abs).max().orElse(0);
  }

  private List<List<String>> csv() {
    List<String> headings = new ArrayList<>(List.of("step", "signal"));
    List<double[]> columns = new ArrayList<>(List.of(signal));
    filters.forEach(
        (name, filter) ->
            betas.forEach(
                beta -> {
                  headings.add(name + " " + beta);
                  columns.add(filter.apply(beta));
                }));
    List<List<String>> rows = new ArrayList<>();
    rows.add(headings);
    for (int k = 0; k < signal.length; k++) {
      List<String> row = new ArrayList<>(List.of(Integer.toString(k)));
      for (double[] column : columns) {
        row.add(Double.toString(column[k]));
      }
      rows.add(row);
    }
    return rows;
  }

  @Override
  public String text() {
    FactTable table = peaks();
    StringBuilder text = new StringBuilder(table.caption()).append("\n\n");
    for (List<String> row : LabNumbers.csv(table)) {
      text.append("%6s%10s%30s%27s%n".formatted(row.toArray()));
    }
    return text.toString();
  }

  @Override
  public Object json() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("length", signal.length);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (double beta : betas) {
      double[] adam = filters.get("Adam").apply(beta);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("beta", beta);
      row.put("largest", peak(adam, 0));
      row.put("largest_late", peak(adam, signal.length * 3 / 4));
      if (!Double.isNaN(decay)) {
        row.put("transient_factor", SignalOperator.transientFactor(beta, decay));
      }
      rows.add(row);
    }
    root.put("adam", rows);
    return root;
  }
}
