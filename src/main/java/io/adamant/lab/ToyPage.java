package io.adamant.lab;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
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
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.Function;
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
    List<Section> sections =
        List.of(
            Section.of("loss", "Loss over steps, each arm at its best rate")
                .say("First draw of the Hessian; line: median over seeds, band: quartiles.")
                .say("Steps as in theory.md §7: warm-up over 5 %, then a cosine to 0.")
                .wide(loss("toy-loss", "SGDM, Signum and equal-beta Adam", 0, 3))
                .done(),
            Section.of("margins", "Ratios of the arms' losses")
                .say(margins.stream().map(this::verdict).toList())
                .table(factors())
                .done(),
            Section.of("mollifier", "Signum with a fixed mollifier m/(|m| + ε)")
                .say("A fixed ε does not turn Signum into Adam; a large ε shrinks its steps.")
                .wide(loss("toy-mollifier", "Signum with mollifiers, and Adam", 1, arms.size()))
                .done(),
            Section.of("variance", "Adam's variance term by block")
                .say("β·EMA[(m − g)²] of Proposition 1; line: median over seeds, band: quartiles.")
                .wide(variance())
                .done(),
            Section.of("rates", "Every rate").table(rates()).done());
    String title =
        "Toy quadratic, %s spectrum, %s design"
            .formatted(word(first().settings().spectrum()), word(first().settings().design()));
    Map<String, Table> tables = new LinkedHashMap<>();
    tables.put("final.csv", finals());
    tables.put("curves.csv", curves());
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
        "%s over %s: median factor %s over %s draws (quartiles %s to %s, smallest %s)."
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

  private Table factors() {
    Table.Columns<ToyMargins> columns =
        new Table.Columns<ToyMargins>()
            .text("pair", m -> m.worse() + " / " + m.better())
            .whole("draws", ToyMargins::draws)
            .number("smallest", LabNumbers::number, ToyMargins::smallest);
    return quartiles(columns, " quartile", LabNumbers::number, ToyMargins::factors)
        .of("Ratio of the final median losses of two arms, each at its best rate", margins);
  }

  /** First draw only: every arm and rate. */
  private Table rates() {
    Table.Columns<ToyCurve> columns =
        new Table.Columns<ToyCurve>()
            .text("arm", ToyCurve::arm)
            .number("rate", LabNumbers::number, ToyCurve::learningRate)
            .whole("seeds left", ToyCurve::survivors);
    return quartiles(columns, " quartile", LabNumbers::number, ToyPage::end)
        .of("First draw; final loss over the seeds that did not diverge", first().curves());
  }

  private static Quartiles end(ToyCurve curve) {
    return curve.loss().get(last(curve));
  }

  /** A curve of one of the draws, or a step of it. */
  private record Row(ToyResult draw, ToyCurve curve, int step) {
    Quartiles loss() {
      return curve.loss().get(step);
    }
  }

  private Table finals() {
    Table.Columns<Row> columns =
        new Table.Columns<Row>()
            .whole("draw", row -> row.draw().settings().hessianSeed())
            .text("arm", row -> row.curve().arm())
            .exact("lr", row -> row.curve().learningRate())
            .whole("survivors", row -> row.curve().survivors());
    return quartiles(columns, "", Double::toString, Row::loss)
        .of(
            "",
            results.stream()
                .flatMap(draw -> draw.curves().stream().map(c -> new Row(draw, c, last(c))))
                .toList());
  }

  private static int last(ToyCurve curve) {
    return curve.loss().size() - 1;
  }

  private Table curves() {
    Table.Columns<Row> columns =
        new Table.Columns<Row>()
            .text("arm", row -> row.curve().arm())
            .exact("lr", row -> row.curve().learningRate())
            .whole("step", Row::step);
    return quartiles(columns, "", Double::toString, Row::loss)
        .of(
            "",
            arms.stream()
                .map(arm -> first().best(arm.name()))
                .flatMap(
                    c -> IntStream.rangeClosed(0, last(c)).mapToObj(k -> new Row(first(), c, k)))
                .toList());
  }

  private static <R> Table.Columns<R> quartiles(
      Table.Columns<R> columns,
      String kind,
      DoubleFunction<String> written,
      Function<R, Quartiles> of) {
    return columns
        .number("lower" + kind, written, row -> of.apply(row).lower())
        .number("median", written, row -> of.apply(row).median())
        .number("upper" + kind, written, row -> of.apply(row).upper());
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
      best.put(
          arm.name(),
          new TreeMap<>(Map.of("lr", curve.learningRate(), "final_median", curve.finalMedian())));
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
