package io.adamant.lab;

import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.simulate.SignalView;
import io.adamant.theory.SignalOperator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
    List<Series> input = List.of(PlotLines.dotted("signal", "input", 4, x, signal));
    sections.add(
        Section.of("input", "Input")
            .wide(PlotLines.chart("signal-input", "The signal", "step", "gradient", input))
            .done());
    filters.forEach(
        (name, filter) -> {
          List<Series> lines = new ArrayList<>();
          for (double beta : betas.subList(0, Math.min(COLOURS, betas.size()))) {
            String label = "beta " + LabNumbers.plain(beta);
            lines.add(PlotLines.solid(label, lines.size(), x, filter.apply(beta)));
          }
          String id = name.toLowerCase(Locale.ROOT);
          sections.add(
              Section.of(id, name)
                  .say(words(name))
                  .wide(
                      PlotLines.chart("signal-" + id, name + "'s update", "step", "update", lines))
                  .done());
        });
    sections.add(Section.of("peaks", "Largest update").table(peaks()).done());
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
              .formatted(sixDecimals(Math.exp(-2 * decay))));
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

  private static String sixDecimals(double value) {
    return LabNumbers.plain(Math.rint(1e6 * value) / 1e6);
  }

  private Table peaks() {
    int late = signal.length * 3 / 4;
    return new Table.Columns<Double>()
        .number("beta", LabNumbers::plain, beta -> beta)
        .number("largest", LabNumbers::number, beta -> peak(beta, 0))
        .number("largest in the last quarter", LabNumbers::number, beta -> peak(beta, late))
        .text(
            "transient factor a step",
            beta ->
                Double.isNaN(decay) ? "" : sixDecimals(SignalOperator.transientFactor(beta, decay)))
        .of("Adam's |update|; the last quarter shows whether it still falls", betas);
  }

  /** Adam's largest update from a step on. */
  private double peak(double beta, int from) {
    double[] update = filters.get("Adam").apply(beta);
    return Arrays.stream(update, from, update.length).map(Math::abs).max().orElse(0);
  }

  private Table csv() {
    Table.Columns<Integer> columns =
        new Table.Columns<Integer>().whole("step", k -> k).exact("signal", k -> signal[k]);
    filters.forEach(
        (name, filter) ->
            betas.forEach(
                beta -> {
                  double[] update = filter.apply(beta);
                  columns.exact(name + " " + beta, k -> update[k]);
                }));
    return columns.of("", IntStream.range(0, signal.length).boxed().toList());
  }

  @Override
  public String text() {
    Table table = peaks();
    StringBuilder text = new StringBuilder(table.caption()).append("\n\n");
    for (List<String> row : table.lines()) {
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
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("beta", beta);
      row.put("largest", peak(beta, 0));
      row.put("largest_late", peak(beta, signal.length * 3 / 4));
      if (!Double.isNaN(decay)) {
        row.put("transient_factor", SignalOperator.transientFactor(beta, decay));
      }
      rows.add(row);
    }
    root.put("adam", rows);
    return root;
  }
}
