package io.adamant.lab;

import io.adamant.base.Csv;
import io.adamant.chart.Chart;
import io.adamant.chart.ChartPage;
import io.adamant.chart.Section;
import io.adamant.chart.Section.FactTable;
import io.adamant.chart.Sentences;
import io.adamant.lab.LabPoint.Compared;
import io.adamant.lab.LabPoint.Measured;
import io.adamant.theory.Formula;
import io.adamant.theory.Unit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A laboratory command's grid as a page, PNG figures and {@code values.csv}. */
public final class LabReport {
  private static final int MOST_ROWS = 60;

  private LabReport() {}

  /**
   * Writes it.
   *
   * @param lab what was found
   * @param more charts of its own, such as a course over steps
   * @param folder where the files go
   * @return the files: the page first
   */
  public static List<Path> write(Lab lab, List<Chart> more, Path folder) {
    List<String> sentences = new ArrayList<>();
    sentences.add("At " + lab.shared() + ".");
    if (!lab.points().get(0).simulated().isEmpty()) {
      sentences.add("Bands and ± are 95 % intervals of the simulation.");
    }
    sentences.addAll(LabCharts.notes(lab));
    List<Chart> all = new ArrayList<>(LabCharts.of(lab));
    all.addAll(more);
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section(
            "charts", Sentences.sentence(lab.summary()), sentences, List.of(), all, List.of()));
    sections.add(
        new Section(
            "values", "Every number", List.of(), List.of(values(lab)), List.of(), List.of()));
    sections.add(
        new Section(
            "formulas",
            "The formulas, and when to trust them",
            List.of(),
            List.of(formulas(lab)),
            List.of(),
            List.of()));
    ChartPage page =
        new ChartPage(
            lab.command() + " " + lab.quantity(), sections, Map.of("values.csv", csv(lab)));
    return page.write(folder);
  }

  /** A line a point, formulas and simulations in columns; a long grid is in the CSV file only. */
  private static FactTable values(Lab lab) {
    Set<String> keys = new LinkedHashSet<>();
    lab.points().forEach(p -> p.simulated().forEach(m -> keys.add("simulated " + m.key())));
    lab.points().forEach(p -> p.formulas().forEach(c -> keys.add(c.formula().key())));
    List<String> headings = new ArrayList<>(lab.varied());
    headings.addAll(keys);
    List<List<String>> rows = new ArrayList<>();
    for (LabPoint point : lab.points().subList(0, Math.min(MOST_ROWS, lab.points().size()))) {
      Map<String, String> cells = new LinkedHashMap<>();
      point.simulated().forEach(m -> cells.put("simulated " + m.key(), LabText.withInterval(m)));
      point
          .formulas()
          .forEach(c -> cells.put(c.formula().key(), LabText.number(c.formula().value())));
      List<String> row = new ArrayList<>();
      lab.varied().forEach(name -> row.add(point.inputs().get(name)));
      keys.forEach(key -> row.add(cells.getOrDefault(key, "")));
      rows.add(row);
    }
    String caption =
        lab.points().size() > MOST_ROWS
            ? "The first " + MOST_ROWS + " of " + lab.points().size() + " points; all in values.csv"
            : "";
    return new FactTable(caption, headings, rows);
  }

  private static FactTable formulas(Lab lab) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (LabPoint point : lab.points()) {
      for (Compared compared : point.formulas()) {
        Formula f = compared.formula();
        rows.putIfAbsent(
            f.key(),
            List.of(
                f.key(), f.title(), f.unit().word(), f.statedError(), f.validity(), f.source()));
      }
    }
    return new FactTable(
        "",
        List.of("key", "formula", "unit", "stated error", "valid for", "source"),
        List.copyOf(rows.values()));
  }

  /** Tidy: a line a point and number. */
  static List<List<String>> csv(Lab lab) {
    List<List<String>> lines = new ArrayList<>();
    List<String> inputs = List.copyOf(lab.points().get(0).inputs().keySet());
    List<String> headings = new ArrayList<>(inputs);
    headings.addAll(
        List.of("kind", "key", "value", "unit", "half_width_95", "against", "relative_error"));
    lines.add(headings);
    for (LabPoint point : lab.points()) {
      for (Measured m : point.simulated()) {
        lines.add(
            line(
                point,
                "simulated",
                m.key(),
                m.value(),
                unit(point, m),
                exact(m.halfWidth()),
                "",
                ""));
      }
      for (Compared c : point.formulas()) {
        lines.add(
            line(
                point,
                "formula",
                c.formula().key(),
                c.formula().value(),
                c.formula().unit().word(),
                "",
                c.measured().map(Measured::key).orElse(""),
                c.relativeError().map(Csv::number).orElse("")));
      }
    }
    return lines;
  }

  /** Of the formulas that are held against it; empty for what no formula is for. */
  private static String unit(LabPoint point, Measured measured) {
    return point.unit(measured).map(Unit::word).orElse("");
  }

  private static List<String> line(
      LabPoint point,
      String kind,
      String key,
      double value,
      String unit,
      String half,
      String against,
      String error) {
    List<String> line = new ArrayList<>(point.inputs().values());
    line.addAll(List.of(kind, key, exact(value), unit, half, against, error));
    return line;
  }

  private static String exact(double value) {
    return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : Csv.number(value);
  }
}
