package io.adamant.report;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Heat;
import io.adamant.chart.Digits;
import io.adamant.chart.Palette;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Sentences;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoublePredicate;

/**
 * How the loss depends on β1 and β2, for arms whose grid varies both: a map of the best loss at
 * each pair, and the same over |β1 − β2|, along which equal betas are told from unequal ones.
 */
final class BetaSection {
  private static final String BETA1 = "optimizer.beta1";
  private static final String BETA2 = "optimizer.beta2";

  private final ArmGrid grid;
  private final List<Double> betas1;
  private final List<Double> betas2;

  private BetaSection(ArmGrid grid) {
    this.grid = grid;
    this.betas1 = grid.values(BETA1);
    this.betas2 = grid.values(BETA2);
  }

  static Section of(StudyData study) {
    Section.Builder section =
        Section.of("betas", "Betas")
            .say(
                "For each pair of betas, the lowest mean validation loss over the other settings of"
                    + " the grid, such as the learning rate; ± as in the comparison table; empty if"
                    + " no run finished. Over |beta1 − beta2|, solid lines have beta2 above beta1,"
                    + " dotted lines below it.");
    ArmGrid.of(study).stream()
        .map(BetaSection::new)
        .filter(betas -> betas.betas1.size() > 1 && betas.betas2.size() > 1)
        .forEach(
            betas -> section.say(betas.sentence()).panel(betas.map()).panel(betas.distances()));
    return section.done();
  }

  private Optional<ArmRuns> best(double beta1, double beta2) {
    return ArmGrid.best(
        grid.points().stream()
            .filter(p -> p.setting(BETA1) == beta1 && p.setting(BETA2) == beta2)
            .toList());
  }

  private double loss(double beta1, double beta2) {
    return best(beta1, beta2).map(ArmRuns::wholeLoss).orElse(Double.NaN);
  }

  /** Half-width of the 95 % t-interval of a pair's loss, where there are seeds for one. */
  private String noise(double beta1, double beta2) {
    double half = best(beta1, beta2).map(ArmRuns::valLossHalfWidth).orElse(Double.NaN);
    return Double.isNaN(half) ? "" : "\n± " + Digits.fixed(half, 3);
  }

  private String sentence() {
    Optional<ArmRuns> best = ArmGrid.best(grid.points());
    if (best.isEmpty()) {
      return grid.name() + ": no run finished.";
    }
    double loss = best.get().wholeLoss();
    String lowest =
        "%s: lowest at beta1 = %s, beta2 = %s with %s nats"
            .formatted(
                grid.name(),
                Digits.rate(best.get().setting(BETA1)),
                Digits.rate(best.get().setting(BETA2)),
                Digits.fixed(loss, 4));
    if (equal(best.get())) {
      return lowest + ", where both are equal.";
    }
    return lowest
        + ArmGrid.best(grid.points().stream().filter(BetaSection::equal).toList())
            .map(
                other ->
                    "; the best pair of equal ones, %s, is %s above."
                        .formatted(
                            Digits.rate(other.setting(BETA1)),
                            Digits.fixed(other.wholeLoss() - loss, 4)))
            .orElse(".");
  }

  private static boolean equal(ArmRuns point) {
    return point.setting(BETA1) == point.setting(BETA2);
  }

  private Chart map() {
    List<List<Heat.Cell>> cells = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (double beta1 : betas1) {
      List<Heat.Cell> row = new ArrayList<>();
      for (double beta2 : betas2) {
        double loss = loss(beta1, beta2);
        row.add(new Heat.Cell(loss, Digits.fixed(loss, 3) + noise(beta1, beta2)));
        values.add(loss);
      }
      cells.add(row);
    }
    return Chart.of(
        id("beta-map"),
        grid.name() + ": validation loss by beta1 and beta2",
        "beta2",
        "beta1",
        new Heat(names(betas2), names(betas1), cells, Range.ofColours(values)));
  }

  private static List<String> names(List<Double> betas) {
    return betas.stream().map(Digits::rate).toList();
  }

  private String id(String kind) {
    return kind + "-" + Sentences.slug(grid.name());
  }

  private Chart distances() {
    List<Chart.Series> lines = new ArrayList<>();
    for (int i = 0; i < betas1.size(); i++) {
      double beta1 = betas1.get(i);
      int colour = i % Palette.size();
      line(beta1, colour, Chart.Style.SOLID, beta2 -> beta2 >= beta1).ifPresent(lines::add);
      line(beta1, colour, Chart.Style.DOTTED, beta2 -> beta2 <= beta1).ifPresent(lines::add);
    }
    double far =
        lines.stream().map(Chart.Series::line).mapToDouble(c -> c.x(c.size() - 1)).max().orElse(1);
    return new Chart(
        id("beta-distance"),
        grid.name() + ": validation loss by |beta1 − beta2|",
        new Chart.Axis("|beta1 − beta2|", "", false, new Range(0, Math.max(far, 1e-6))),
        ArmGrid.losses(lines),
        lines);
  }

  /** The losses of a beta1 on one side of it; empty unless there is something besides equality. */
  private Optional<Chart.Series> line(
      double beta1, int colour, Chart.Style style, DoublePredicate side) {
    NavigableMap<Double, ArmRuns> points = new TreeMap<>();
    for (double beta2 : betas2) {
      if (side.test(beta2)) {
        best(beta1, beta2).ifPresent(point -> points.put(Math.abs(beta1 - beta2), point));
      }
    }
    if (points.isEmpty() || (points.size() == 1 && style == Chart.Style.DOTTED)) {
      return Optional.empty();
    }
    String meaning = "beta2 " + (style == Chart.Style.SOLID ? "above" : "below") + " beta1";
    String name = "beta1 = " + Digits.rate(beta1);
    return Optional.of(ArmGrid.line(name, meaning, style, colour, points));
  }
}
