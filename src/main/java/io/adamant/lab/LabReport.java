package io.adamant.lab;

import io.adamant.base.Csv;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import io.adamant.chart.Table;
import io.adamant.lab.LabPoint.Compared;
import io.adamant.simulate.Measurement;
import io.adamant.theory.Formula;
import io.adamant.theory.Unit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A laboratory command's grid as a page, PNG figures and {@code values.csv}. */
final class LabReport {
  private static final int MOST_ROWS = 60;

  private LabReport() {}

  static ChartPage page(Lab lab) {
    Section.Builder charts =
        Section.of("charts", Sentences.sentence(lab.summary())).say("At " + lab.shared() + ".");
    if (!lab.points().get(0).simulated().isEmpty()) {
      charts.say("Bands and ± are 95 % intervals of the simulation.");
    }
    charts.say(LabCharts.notes(lab)).wide(LabCharts.of(lab));
    List<Section> sections =
        List.of(
            charts.done(),
            Section.of("values", "Every number").table(values(lab)).done(),
            Section.of("formulas", "The formulas, and when to trust them")
                .table(formulas(lab))
                .done());
    return new ChartPage(
        lab.command() + " " + lab.quantity(), sections, Map.of("values.csv", csv(lab)));
  }

  /** A line a point, formulas and simulations in columns; a long grid is in the CSV file only. */
  private static Table values(Lab lab) {
    int points = lab.points().size();
    String caption = "The first " + MOST_ROWS + " of " + points + " points; all in values.csv";
    return LabText.columns(lab, "", c -> LabText.number(c.formula().value()))
        .of(
            points > MOST_ROWS ? caption : "",
            lab.points().subList(0, Math.min(MOST_ROWS, points)));
  }

  private static Table formulas(Lab lab) {
    Map<String, Formula> formulas = new LinkedHashMap<>();
    lab.compared().forEach(c -> formulas.putIfAbsent(c.formula().key(), c.formula()));
    return new Table.Columns<Formula>()
        .text("key", Formula::key)
        .text("formula", Formula::title)
        .text("unit", formula -> formula.unit().word())
        .text("stated error", Formula::statedError)
        .text("valid for", Formula::validity)
        .text("source", Formula::source)
        .of("", formulas.values());
  }

  /** A number of a point, simulated or of a formula. */
  private record Line(LabPoint point, Optional<Measurement> simulated, Optional<Compared> formula) {
    <T> T of(Function<Measurement, T> ofSimulated, Function<Compared, T> ofFormula) {
      return simulated.map(ofSimulated).or(() -> formula.map(ofFormula)).orElseThrow();
    }

    static Stream<Line> all(LabPoint point) {
      return Stream.concat(
          point.simulated().stream().map(m -> new Line(point, Optional.of(m), Optional.empty())),
          point.formulas().stream().map(c -> new Line(point, Optional.empty(), Optional.of(c))));
    }
  }

  /** Tidy: a line a point and number. */
  static Table csv(Lab lab) {
    Table.Columns<Line> columns = new Table.Columns<>();
    for (String input : lab.points().get(0).inputs().keySet()) {
      columns.text(input, line -> line.point().inputs().get(input));
    }
    return columns
        .text("kind", line -> line.of(m -> "simulated", c -> "formula"))
        .text("key", line -> line.of(Measurement::key, c -> c.formula().key()))
        .text("value", line -> exact(line.of(Measurement::value, c -> c.formula().value())))
        .text("unit", line -> line.of(m -> unit(line.point(), m), c -> c.formula().unit().word()))
        .text("half_width_95", line -> line.of(m -> exact(m.halfWidth()), c -> ""))
        .text("against", l -> l.of(m -> "", c -> c.measured().map(Measurement::key).orElse("")))
        .text(
            "relative_error",
            line -> line.of(m -> "", c -> c.relativeError().map(Csv::number).orElse("")))
        .of("", lab.points().stream().flatMap(Line::all).toList());
  }

  /** Of the formulas that are held against it; empty for what no formula is for. */
  private static String unit(LabPoint point, Measurement measured) {
    return point.unit(measured).map(Unit::word).orElse("");
  }

  private static String exact(double value) {
    return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : Csv.number(value);
  }
}
