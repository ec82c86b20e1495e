package io.adamant.lab;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Digits;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.onestep.Design;
import io.adamant.onestep.FrozenResult;
import io.adamant.onestep.FrozenResult.Cell;
import io.adamant.onestep.FrozenResult.Compared;
import io.adamant.onestep.FrozenResult.Surge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Best rates of one step at frozen weights beside their laws, as page, tables, text and JSON. */
public final class FrozenPage implements Findings {

  private final List<FrozenResult> points;

  public FrozenPage(List<FrozenResult> points) {
    this.points = List.copyOf(points);
  }

  /** A law in a cell at a point. */
  private record Line(FrozenResult point, Cell cell, Compared law) {}

  private Stream<Line> lines() {
    return points.stream()
        .flatMap(
            point ->
                point.cells().stream()
                    .flatMap(cell -> cell.laws().stream().map(law -> new Line(point, cell, law))));
  }

  @Override
  public ChartPage page() {
    List<Section> sections = new ArrayList<>();
    sections.add(
        Section.of("verdicts", "Which laws hold")
            .say(
                "Measured over law with its 95 % interval: within 10 % of 1 a law holds, within 30 % it holds roughly, else it fails, unless the interval is wide and holds 1, or the interval of the curvature holds 0: then the draws are too few. These numbers were fixed before the runs.")
            .say(
                "Expected beforehand: in a language model Σ follows H, so that the denominators of sign and Adam steps, which take noise for independent over coordinates, fail; SGD's law keeps Σ as it is and holds.")
            .table(verdicts())
            .done());
    for (int i = 0; i < points.size(); i++) {
      sections.add(section(points.get(i), i + 1));
    }
    return new ChartPage(
        "The one-step laws at frozen weights", sections, Map.of("frozen.csv", csv()));
  }

  private Section section(FrozenResult point, int number) {
    Section.Builder section =
        Section.of("point-" + number, point.point())
            .say(
                "A pool of %s windows. g, Σ, Σ|g| and P = Σ H_ij·sign(g_i·g_j) are the pool's own; tr H and tr(ΣH) are probed."
                    .formatted(point.samples()))
            .table(sums(point));
    Map<String, List<Cell>> methods =
        point.cells().stream()
            .collect(Collectors.groupingBy(Cell::method, LinkedHashMap::new, Collectors.toList()));
    int index = 0;
    for (Map.Entry<String, List<Cell>> method : methods.entrySet()) {
      index++;
      if (method.getValue().size() > 1) {
        section.wide(chart("frozen-" + number + "-" + index, method.getKey(), method.getValue()));
      }
    }
    return section
        .table(surges(point))
        .table(
            new Table.Columns<Line>()
                .text("rule", line -> line.cell().method())
                .whole("batch B", line -> line.cell().batch())
                .text("law", line -> line.law().law())
                .number("rate of the law", LabNumbers::number, line -> line.law().rate())
                .text("measured", line -> plusMinus(line.cell().rate(), line.cell().half()))
                .text("measured/law", line -> plusMinus(line.law().ratio(), line.law().half()))
                .text("verdict", line -> line.law().verdict().word())
                .text("what broke", line -> line.law().broken())
                .of("Every law", lines().filter(line -> line.point().equals(point)).toList()))
        .table(quadratic(point))
        .done();
  }

  private static String plusMinus(double value, double half) {
    return Double.isNaN(value)
        ? "none"
        : LabNumbers.number(value) + " ± " + LabNumbers.number(half);
  }

  private static Chart chart(String id, String title, List<Cell> cells) {
    double[] x = cells.stream().mapToDouble(Cell::batch).toArray();
    double[] y = cells.stream().mapToDouble(Cell::rate).toArray();
    double[] low = cells.stream().mapToDouble(c -> c.rate() - c.half()).toArray();
    double[] high = cells.stream().mapToDouble(c -> c.rate() + c.half()).toArray();
    List<Series> lines = new ArrayList<>();
    lines.add(PlotLines.banded("measured", 0, x, y, low, high));
    for (int k = 0; k < cells.get(0).laws().size(); k++) {
      int law = k;
      double[] rates = cells.stream().mapToDouble(c -> c.laws().get(law).rate()).toArray();
      lines.add(PlotLines.dashed(cells.get(0).laws().get(k).law(), k + 1, x, rates));
    }
    return PlotLines.chart(id, title, "batch B (windows)", "best learning rate", lines);
  }

  private static Table sums(FrozenResult point) {
    return new Table.Columns<Map.Entry<String, FrozenResult.Sum>>()
        .text("sum", entry -> entry.getKey().replace('_', ' '))
        .number("value", LabNumbers::number, entry -> entry.getValue().value())
        .text(
            "standard error",
            entry ->
                entry.getValue().error() == 0
                    ? "exact for the pool"
                    : LabNumbers.number(entry.getValue().error()))
        .of("The point", point.sums().entrySet());
  }

  private static Table surges(FrozenResult point) {
    return new Table.Columns<Surge>()
        .text("rule", Surge::method)
        .text(
            "B* of the law", s -> Double.isInfinite(s.law()) ? "none" : LabNumbers.number(s.law()))
        .whole("measured peak at B", Surge::peak)
        .text("measured fall behind it", s -> Digits.format("%.1f %%", 100 * s.fall()))
        .of("Where the rate falls although the batch grows", point.surges());
  }

  private static Table quadratic(FrozenResult point) {
    Table.Columns<Cell> columns =
        new Table.Columns<Cell>().text("rule", Cell::method).whole("batch B", Cell::batch);
    for (int r = 0; r < Design.RATES.size(); r++) {
      int rate = r;
      columns.text(
          LabNumbers.plain(Design.RATES.get(r)) + " η*",
          cell -> LabNumbers.number(cell.quadratic().get(rate)));
    }
    return columns.of(
        "The loss's change over that of the quadratic form, in a tenth of the draws",
        point.cells());
  }

  private Table verdicts() {
    Map<String, List<Line>> groups =
        lines()
            .collect(
                Collectors.groupingBy(
                    line ->
                        line.point().point()
                            + "\n"
                            + line.cell().method()
                            + "\n"
                            + line.law().law(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return new Table.Columns<List<Line>>()
        .text("point", group -> group.get(0).point().point())
        .text("rule", group -> group.get(0).cell().method())
        .text("law", group -> group.get(0).law().law())
        .text("by batch B", FrozenPage::byBatch)
        .text(
            "what broke",
            group ->
                group.stream()
                    .map(line -> line.law().broken().replaceFirst(":.*", ""))
                    .filter(text -> !text.isEmpty())
                    .distinct()
                    .collect(Collectors.joining("; ")))
        .of("", groups.values());
  }

  private static String byBatch(List<Line> group) {
    return group.stream()
        .map(line -> line.cell().batch() + " " + line.law().verdict().word())
        .collect(Collectors.joining(", "));
  }

  private Table csv() {
    return new Table.Columns<Line>()
        .text("point", line -> line.point().point())
        .text("rule", line -> line.cell().method())
        .whole("batch", line -> line.cell().batch())
        .whole("draws", line -> line.cell().draws())
        .exact("measured", line -> line.cell().rate())
        .exact("half_width_95", line -> line.cell().half())
        .exact("slope", line -> line.cell().alignment())
        .exact("curvature", line -> line.cell().curvature())
        .text("law", line -> line.law().law())
        .exact("law_rate", line -> line.law().rate())
        .exact("ratio", line -> line.law().ratio())
        .exact("ratio_half_width_95", line -> line.law().half())
        .text("verdict", line -> line.law().verdict().word())
        .text("broken", line -> line.law().broken())
        .of("", lines().toList());
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    lines()
        .forEach(
            line ->
                text.append(
                    Digits.format(
                        "%s  %-22s B %-5s %-24s measured %-24s /law %-20s %s%s%n",
                        line.point().point(),
                        line.cell().method(),
                        line.cell().batch(),
                        line.law().law(),
                        plusMinus(line.cell().rate(), line.cell().half()),
                        plusMinus(line.law().ratio(), line.law().half()),
                        line.law().verdict().word(),
                        line.law().broken().isEmpty() ? "" : " (" + line.law().broken() + ")")));
    return text.toString();
  }

  @Override
  public Object json() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (FrozenResult point : points) {
      Map<String, Object> node = new LinkedHashMap<>();
      node.put("point", point.point());
      node.put("windows", point.samples());
      Map<String, Object> sums = new LinkedHashMap<>();
      point
          .sums()
          .forEach(
              (name, sum) ->
                  sums.put(name, Map.of("value", sum.value(), "standard_error", sum.error())));
      node.put("sums", sums);
      node.put("cells", point.cells().stream().map(FrozenPage::json).toList());
      List<Object> surges = new ArrayList<>();
      for (Surge surge : point.surges()) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rule", surge.method());
        map.put("law", finite(surge.law()));
        map.put("peak", surge.peak());
        map.put("fall", surge.fall());
        surges.add(map);
      }
      node.put("surges", surges);
      all.add(node);
    }
    return Map.of("points", all);
  }

  private static Object finite(double value) {
    return Double.isNaN(value) ? "none" : value;
  }

  private static Map<String, Object> json(Cell cell) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("rule", cell.method());
    node.put("batch", cell.batch());
    node.put("draws", cell.draws());
    node.put("measured", finite(cell.rate()));
    node.put("half_width_95", finite(cell.half()));
    node.put("slope", cell.alignment());
    node.put("curvature", cell.curvature());
    node.put("quadratic", cell.quadratic().stream().map(FrozenPage::finite).toList());
    List<Object> laws = new ArrayList<>();
    for (Compared law : cell.laws()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("law", law.law());
      map.put("rate", finite(law.rate()));
      map.put("ratio", finite(law.ratio()));
      map.put("half_width_95", finite(law.half()));
      map.put("verdict", law.verdict().word());
      map.put("broken", law.broken());
      laws.add(map);
    }
    node.put("laws", laws);
    return node;
  }
}
