package io.adamant.chart;

import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a broken line shares its place with others of its style that lie on it: they take turns, a
 * dash each, so that all are seen.
 *
 * @param index whose turn it is, from 0
 * @param count of lines in one place, 1 for a line by itself
 */
public record Turn(int index, int count) {
  private static final Turn ALONE = new Turn(0, 1);

  /** About a line's thickness, as a share of the axis. */
  private static final double CLOSE = 0.008;

  private static final double EQUAL = 1e-6;

  /** One for each line of a chart, in their order. */
  public static List<Turn> of(Chart chart) {
    List<List<Integer>> places = new ArrayList<>();
    for (int i = 0; i < chart.series().size(); i++) {
      Series line = chart.series().get(i);
      int own = i;
      places.stream()
          .filter(place -> together(chart, chart.series().get(place.get(0)), line))
          .findFirst()
          .ifPresentOrElse(
              place -> place.add(own), () -> places.add(new ArrayList<>(List.of(own))));
    }
    Turn[] turns = new Turn[chart.series().size()];
    Arrays.fill(turns, ALONE);
    for (List<Integer> place : places) {
      for (int k = 0; k < place.size(); k++) {
        turns[place.get(k)] = new Turn(k, place.size());
      }
    }
    return List.of(turns);
  }

  /**
   * A chart whose broken lines of one style that lie on one another all along are drawn once, under
   * all their names: "a = b" where they are equal, "a ≈ b" where they are closer than a line is
   * thick.
   */
  public static Chart merged(Chart chart) {
    List<Series> merged = new ArrayList<>();
    for (Series line : chart.series()) {
      int place =
          IntStream.range(0, merged.size())
              .filter(i -> share(chart, merged.get(i), line, CLOSE * span(chart)) == 1)
              .findFirst()
              .orElse(-1);
      if (place < 0) {
        merged.add(line);
      } else {
        Series first = merged.get(place);
        boolean equal = share(chart, first, line, EQUAL * span(chart)) == 1;
        merged.set(place, first.named(first.name() + (equal ? " = " : " ≈ ") + line.name()));
      }
    }
    return new Chart(chart.id(), chart.title(), chart.x(), chart.y(), merged, chart.notes());
  }

  /** Whether two lines are closer than a line is thick over half of their length. */
  private static boolean together(Chart chart, Series one, Series other) {
    return share(chart, one, other, CLOSE * span(chart)) >= 0.5;
  }

  /**
   * How much of two broken lines of one style is so close; 0 where they have no point in common.
   */
  private static double share(Chart chart, Series one, Series other, double close) {
    double[] x = one.line().xs();
    if (one.style() == Style.SOLID
        || one.style() != other.style()
        || !Arrays.equals(x, other.line().xs())) {
      return 0;
    }
    int both = 0;
    int near = 0;
    for (int i = 0; i < x.length; i++) {
      double distance = Math.abs(height(chart, one.line().y(i)) - height(chart, other.line().y(i)));
      both += Double.isNaN(one.line().y(i)) && Double.isNaN(other.line().y(i)) ? 0 : 1;
      near += distance <= close ? 1 : 0;
    }
    return both > 0 ? near / (double) both : 0;
  }

  private static double span(Chart chart) {
    Range range =
        chart
            .y()
            .range()
            .orElseGet(
                () -> Range.linear(chart.series().stream().map(Series::line).toList(), false));
    return height(chart, range.high()) - height(chart, range.low());
  }

  private static double height(Chart chart, double y) {
    return chart.y().log() ? Math.log(y) : y;
  }
}
