package io.adamant.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.ChartPage;
import io.adamant.chart.PlotLines;
import io.adamant.chart.Section;
import io.adamant.chart.Turn;
import io.adamant.stats.Curve;
import io.adamant.theory.Formula;
import io.adamant.theory.Parameter;
import io.adamant.theory.ParameterGrid;
import io.adamant.theory.Quantities;
import io.adamant.theory.Quantity;
import io.adamant.theory.Unit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What shares an axis has one unit, and all is drawn. */
class LabChartsTest {

  static Stream<Quantity> quantities() {
    return Quantities.all().stream();
  }

  private static Lab lab(Quantity quantity, Map<String, String> given) {
    ParameterGrid grid = ParameterGrid.of(quantity.parameters(), given);
    return new Lab(
        "theory",
        quantity.name(),
        quantity.summary(),
        Parameter.meanings(quantity.parameters()),
        grid.varied(),
        grid.points().stream().map(v -> LabPoint.of(v.texts(), quantity.at(v))).toList(),
        quantity::at);
  }

  /**
   * A range of each numeric input in turn, with few steps: each point of a curve takes them all.
   */
  private static List<Lab> labs(Quantity quantity) {
    return quantity.parameters().stream()
        .filter(p -> p.domain() != Parameter.Domain.CHOICE)
        .map(
            p -> {
              String range =
                  switch (p.domain()) {
                    case COUNT, WHOLE -> "1,9";
                    default -> p.fallback() + ",0.75";
                  };
              Map<String, String> given = new HashMap<>();
              if (quantity.parameters().stream().anyMatch(one -> one.name().equals("steps"))) {
                given.put("steps", "500");
              }
              given.put(p.name(), range);
              return lab(quantity, given);
            })
        .toList();
  }

  @ParameterizedTest
  @MethodSource("quantities")
  void twoUnitsNeverShareAnAxis(Quantity quantity) {
    for (Lab lab : labs(quantity)) {
      Map<String, Formula> formulas = new HashMap<>();
      lab.points()
          .forEach(p -> p.formulas().forEach(c -> formulas.put(c.formula().key(), c.formula())));
      Set<String> drawn = new HashSet<>();
      for (Chart chart : LabCharts.of(lab)) {
        Set<Unit> units = EnumSet.noneOf(Unit.class);
        for (Series line : chart.series()) {
          for (String name : line.name().split(" [=≈] ", -1)) {
            units.add(formulas.get(name).unit());
            assertThat(drawn.add(name)).as("%s drawn once", name).isTrue();
          }
        }
        assertThat(units).as(chart.title()).hasSize(1);
        Unit unit = units.iterator().next();
        assertThat(chart.y().unit()).isEqualTo(unit.symbol());
        assertThat(chart.y().label())
            .isIn(unit.label(), "RMS of the " + unit.label(), lab.quantity().replace('-', ' '));
        assertThat(chart.x().label()).contains(", ");
      }
      Set<String> rest = new HashSet<>();
      formulas.keySet().stream().filter(key -> !drawn.contains(key)).forEach(rest::add);
      for (String key : rest) {
        assertThat(values(lab, key)).as("%s over %s, not drawn", key, lab.varied()).hasSize(1);
      }
    }
  }

  /** The finite ones; infinite alone is one value too, which cannot be drawn. */
  private static Set<Double> values(Lab lab, String key) {
    return lab.points().stream()
        .flatMap(p -> p.formulas().stream())
        .filter(c -> c.formula().key().equals(key))
        .map(c -> c.formula().value())
        .collect(Collectors.toSet());
  }

  @Test
  void aSharesAxisIsNotThatOfBatchSizes() {
    List<Chart> charts = LabCharts.of(lab(Quantities.named("surge"), Map.of("beta1", "0.4,0.9")));
    assertThat(charts).hasSize(2);
    assertThat(charts.get(0).y().caption()).isEqualTo("batch size (samples)");
    assertThat(charts.get(0).y().log()).isTrue();
    assertThat(charts.get(1).series()).extracting(Series::name).containsOnly("adam_diagonal_fall");
    assertThat(charts.get(1).y().caption()).isEqualTo("share");
    assertThat(charts.get(1).y().log()).isFalse();
    assertThat(charts.get(1).y().range().orElseThrow().low()).isZero();
  }

  @Test
  void equalLinesAreDrawnOnceUnderAllTheirNames() {
    // Without signal the mean field is the parameter-free form, and EMASign's RMS is the same.
    Chart chart =
        LabCharts.of(lab(Quantities.named("update-rms"), Map.of("beta1", "0,0.5,0.9"))).get(0);
    assertThat(chart.series())
        .extracting(Series::name)
        .containsExactly(
            "mean_field = parameter_free = ema_sign", "second_order ≈ exact", "sign_type");
    assertThat(chart.y().label()).isEqualTo("RMS of the update");
  }

  @Test
  void aFormulaIsEvaluatedBetweenTheGivenPoints() {
    Quantity quantity = Quantities.named("update-rms");
    Chart chart = LabCharts.of(lab(quantity, Map.of("beta1", "0,0.9"))).get(0);
    Curve line = chart.series().get(0).line();
    assertThat(line.size()).isGreaterThan(90);
    for (int i = 0; i < line.size(); i++) {
      double beta1 = line.x(i);
      assertThat(line.y(i)).isCloseTo(Math.sqrt((1 - beta1) / (1 + beta1)), within(1e-9));
    }
    Lab whole = lab(Quantities.named("decay-sums"), Map.of("steps", "2,40"));
    assertThat(LabCharts.of(whole).get(0).series().get(0).line().xs())
        .hasSize(39)
        .containsExactly(IntStream.rangeClosed(2, 40).asDoubleStream().toArray());
  }

  @Test
  void linesOfArmsThatCoincideTakeTurns() {
    Chart.Axis axis = new Chart.Axis("y", "", false, Optional.empty());
    double[] x = {0, 1, 2};
    List<Series> lines =
        Stream.of(new double[] {1, 2, 3}, new double[] {3, 2, 0}, new double[] {1, 2, 3})
            .map(y -> PlotLines.dashed("a", 0, x, y))
            .toList();
    Chart chart = new Chart("dashed", "Dashed", axis, axis, lines);
    assertThat(Turn.of(chart)).containsExactly(new Turn(0, 2), new Turn(0, 1), new Turn(1, 2));
    List<Series> apart =
        chart.series().stream()
            .map(
                s ->
                    new Series(
                        s.name(), "m", Chart.Style.SOLID, 0, false, s.line(), Optional.empty()))
            .toList();
    assertThat(Turn.of(new Chart("solid", "Solid", axis, axis, apart)))
        .containsOnly(new Turn(0, 1));
  }

  /**
   * Grids of rates are geometric, whatever they are counted in; others are linear over a factor of
   * 4.
   */
  @Test
  void ratesStandOnALogarithmicAxis() {
    List<Series> lines = List.of(PlotLines.dashed("a", 0, new double[] {0.5, 1, 2}, new double[3]));
    for (String label : List.of("learning rate", "learning rate over the arm's best", "1 − β2")) {
      assertThat(PlotLines.horizontal(label, lines).log()).as(label).isTrue();
    }
    assertThat(PlotLines.horizontal("share", lines).log()).isFalse();
  }

  @Test
  void whatIsNotDrawnIsSaid() {
    Quantity quantity = Quantities.named("noise-scale");
    Lab batches = lab(quantity, Map.of("batch", "1:64:7log"));
    assertThat(LabCharts.of(batches))
        .extracting(c -> c.y().label())
        .containsExactly("share", "ratio");
    assertThat(LabCharts.notes(batches))
        .containsExactly(
            "Constant, so not drawn: simple, curved, maximal_learning_rate,"
                + " maximal_loss_decrease.");
    Lab many =
        lab(
            quantity,
            Map.of("batch", "1:64:7log", "noise-trace", "1,2,4", "gradient-square", "1,2"));
    assertThat(LabCharts.of(many)).hasSize(12);
    assertThat(LabCharts.notes(many).get(0)).startsWith("The first 12 of 30 charts are drawn");
  }

  private static String page(String quantity, Map<String, String> given) {
    List<Chart> charts = LabCharts.of(lab(Quantities.named(quantity), given));
    Section section = Section.of("s", "Charts").wide(charts).done();
    String html = new ChartPage("Page", List.of(section), Map.of()).html();
    return html.substring(html.indexOf("<main>"), html.indexOf("</main>"));
  }

  @Test
  void aLegendStandsWhereItsLinesAre() {
    String own = page("surge", Map.of("beta1", "0.4,0.9"));
    assertThat(own).doesNotContain("id=\"legend\"");
    assertThat(own.split("class=\"legend\"", -1)).hasSize(3);
    assertThat(own.indexOf("data-arm=\"adam_diagonal_fall\""))
        .isGreaterThan(own.indexOf("chart-theory-surge-1"));
    String shared = page("weight-rms", Map.of("lr", "0.001,0.01"));
    assertThat(shared).contains("id=\"legend\"").doesNotContain("class=\"legend\"");
    assertThat(shared.indexOf("data-arm=\"mean_field")).isLessThan(shared.indexOf("<figure"));
  }
}
