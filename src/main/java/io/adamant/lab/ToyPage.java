package io.adamant.lab;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.simulate.ToyArm;
import io.adamant.simulate.ToyCurve;
import io.adamant.simulate.ToyMargins;
import io.adamant.simulate.ToyQuadratic.Spectrum;
import io.adamant.simulate.ToyResult;
import io.adamant.stats.Quartiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The toy quadratic's curves and margins as page, tables, text and JSON. */
public final class ToyPage implements Findings {

  private final List<ToyResult> results;
  private final List<ToyArm> arms;
  private final List<ToyMargins> margins = new ArrayList<>();

  public ToyPage(List<ToyResult> results, List<ToyArm> arms) {
    this.results = results;
    this.arms = arms;
    for (String[] pair : new String[][] {{"SGDM", "Signum"}, {"Signum", "Adam"}}) {
      if (results.stream().allMatch(r -> finite(r, pair[0]) && finite(r, pair[1]))) {
        margins.add(ToyMargins.of(results, pair[0], pair[1]));
      }
    }
  }

  private static boolean finite(ToyResult result, String arm) {
    return Double.isFinite(result.best(arm).finalMedian());
  }

  private ToyResult first() {
    return results.get(0);
  }

  private boolean heterogeneous() {
    return first().settings().spectrum() == Spectrum.HETEROGENEOUS;
  }

  @Override
  public ChartPage page() {
    FactTable rates = rates();
    FactTable factors = factors();
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section(
            "loss",
            "Loss over steps, each arm at its best rate",
            List.of(
                "First draw of the Hessian; line: median over seeds, band: quartiles.",
                "Steps as in theory.md §7: warm-up over 5 %, then a cosine to 0."),
            List.of(),
            List.of(loss("toy-loss", "SGDM, Signum and equal-beta Adam", 0, 3)),
            List.of()));
    sections.add(
        new Section(
            "margins",
            "Ratios of the arms' losses",
            margins.stream().map(this::verdict).toList(),
            List.of(factors),
            List.of(),
            List.of()));
    sections.add(
        new Section(
            "mollifier",
            "Signum with a fixed mollifier m/(|m| + ε)",
            List.of("A fixed ε does not turn Signum into Adam; a large ε shrinks its steps."),
            List.of(),
            List.of(loss("toy-mollifier", "Signum with mollifiers, and Adam", 1, arms.size())),
            List.of()));
    List<Chart> variance = variance();
    sections.add(
        new Section(
            "variance",
            "Adam's variance term by block",
            List.of("β·EMA[(m − g)²] of Proposition 1; line: median over seeds, band: quartiles."),
            List.of(),
            variance,
            List.of()));
    sections.add(
        new Section("rates", "Every rate", List.of(), List.of(rates), List.of(), List.of()));
    String title =
        "Toy quadratic, %s spectrum, %s design"
            .formatted(word(first().settings().spectrum()), word(first().settings().design()));
    Map<String, List<List<String>>> tables = new LinkedHashMap<>();
    tables.put("final.csv", LabNumbers.csv(finals()));
    tables.put("curves.csv", LabNumbers.csv(curves()));
    return new ChartPage(title, sections, tables);
  }

  private Chart loss(String id, String title, int from, int to) {
    List<Series> lines = new ArrayList<>();
    double[] x = IntStream.rangeClosed(0, first().settings().steps()).asDoubleStream().toArray();
    for (int i = from; i < to; i++) {
      ToyCurve best = first().best(arms.get(i).name());
      if (best.survivors() > 0) {
        String name = "%s, lr %s".formatted(best.arm(), LabNumbers.number(best.learningRate()));
        lines.add(banded(name, i, x, best.loss()));
      }
    }
    return PlotLines.chart(id, title, "step", "loss", lines);
  }

  private static Series banded(String name, int colour, double[] x, List<Quartiles> y) {
    return PlotLines.banded(
        name,
        colour,
        x,
        y.stream().mapToDouble(Quartiles::median).toArray(),
        y.stream().mapToDouble(Quartiles::lower).toArray(),
        y.stream().mapToDouble(Quartiles::upper).toArray());
  }

  private List<Chart> variance() {
    ToyCurve adam = first().best("Adam");
    double[] x = IntStream.rangeClosed(1, first().settings().steps()).asDoubleStream().toArray();
    List<Series> lines = new ArrayList<>();
    for (int block = 0; block < adam.varianceTerm().size(); block++) {
      String name = "block " + (block + 1);
      lines.add(banded(name, block, x, adam.varianceTerm().get(block)));
    }
    return lines.isEmpty()
        ? List.of()
        : List.of(
            PlotLines.chart(
                "toy-variance", "Variance term, median coordinate", "step", "variance", lines));
  }

  private String verdict(ToyMargins m) {
    String found =
        "%s over %s: median factor %s over %d draws (quartiles %s to %s, smallest %s)."
            .formatted(
                m.worse(),
                m.better(),
                LabNumbers.number(m.factors().median()),
                m.draws(),
                LabNumbers.number(m.factors().lower()),
                LabNumbers.number(m.factors().upper()),
                LabNumbers.number(m.smallest()));
    if (!heterogeneous()) {
      return found + " On this spectrum no reliable order is expected.";
    }
    double earlier = m.earlier();
    String median = m.factors().median() >= earlier ? "met" : "missed";
    String each = m.smallest() >= earlier ? "and by every draw" : "but not by every draw";
    return found
        + " The margin from our earlier run, %s, is %s by the median draw%s."
            .formatted(LabNumbers.number(earlier), median, median.equals("met") ? ", " + each : "");
  }

  private FactTable factors() {
    return new FactTable(
        "Ratio of the final median losses of two arms, each at its best rate",
        List.of("pair", "draws", "smallest", "lower quartile", "median", "upper quartile"),
        margins.stream()
            .map(
                m ->
                    List.of(
                        m.worse() + " / " + m.better(),
                        Integer.toString(m.draws()),
                        LabNumbers.number(m.smallest()),
                        LabNumbers.number(m.factors().lower()),
                        LabNumbers.number(m.factors().median()),
                        LabNumbers.number(m.factors().upper())))
            .toList());
  }

  /** First draw only: every arm and rate. */
  private FactTable rates() {
    return new FactTable(
        "First draw; final loss over the seeds that did not diverge",
        List.of("arm", "rate", "seeds left", "lower quartile", "median", "upper quartile"),
        first().curves().stream()
            .map(
                c -> {
                  Quartiles end = c.loss().get(c.loss().size() - 1);
                  return List.of(
                      c.arm(),
                      LabNumbers.number(c.learningRate()),
                      Integer.toString(c.survivors()),
                      LabNumbers.number(end.lower()),
                      LabNumbers.number(end.median()),
                      LabNumbers.number(end.upper()));
                })
            .toList());
  }

  private FactTable finals() {
    List<List<String>> rows = new ArrayList<>();
    for (ToyResult result : results) {
      for (ToyCurve c : result.curves()) {
        Quartiles end = c.loss().get(c.loss().size() - 1);
        rows.add(
            List.of(
                Long.toString(result.settings().hessianSeed()),
                c.arm(),
                Double.toString(c.learningRate()),
                Integer.toString(c.survivors()),
                Double.toString(end.lower()),
                Double.toString(end.median()),
                Double.toString(end.upper())));
      }
    }
    return new FactTable(
        "", List.of("draw", "arm", "lr", "survivors", "lower", "median", "upper"), rows);
  }

  private FactTable curves() {
    List<List<String>> rows = new ArrayList<>();
    for (ToyArm arm : arms) {
      ToyCurve best = first().best(arm.name());
      for (int k = 0; k < best.loss().size(); k++) {
        Quartiles q = best.loss().get(k);
        rows.add(
            List.of(
                arm.name(),
                Double.toString(best.learningRate()),
                Integer.toString(k),
                Double.toString(q.lower()),
                Double.toString(q.median()),
                Double.toString(q.upper())));
      }
    }
    return new FactTable("", List.of("arm", "lr", "step", "lower", "median", "upper"), rows);
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    for (ToyArm arm : arms) {
      ToyCurve best = first().best(arm.name());
      text.append(
          "%-24s lr %-8s final median loss %s (first draw)%n"
              .formatted(
                  arm.name(),
                  LabNumbers.number(best.learningRate()),
                  LabNumbers.number(best.finalMedian())));
    }
    text.append('\n');
    margins.forEach(m -> text.append(verdict(m)).append('\n'));
    return text.toString();
  }

  @Override
  public Object json() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("spectrum", word(first().settings().spectrum()));
    root.put("design", word(first().settings().design()));
    root.put("draws", results.size());
    Map<String, Object> best = new LinkedHashMap<>();
    for (ToyArm arm : arms) {
      ToyCurve curve = first().best(arm.name());
      best.put(arm.name(), Map.of("lr", curve.learningRate(), "final_median", curve.finalMedian()));
    }
    root.put("first_draw", best);
    Map<String, Object> pairs = new LinkedHashMap<>();
    for (ToyMargins m : margins) {
      Map<String, Object> pair = new LinkedHashMap<>();
      pair.put("smallest", m.smallest());
      pair.put("lower_quartile", m.factors().lower());
      pair.put("median", m.factors().median());
      pair.put("upper_quartile", m.factors().upper());
      pairs.put(m.worse() + " / " + m.better(), pair);
    }
    root.put("margins", pairs);
    return root;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
