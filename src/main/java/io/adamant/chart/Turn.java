package io.adamant.chart;

import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  /** Whether two lines are closer than a line is thick over half of their length. */
  private static boolean together(Chart chart, Series one, Series other) {
    double[] x = one.line().xs();
    if (one.style() == Style.SOLID
        || one.style() != other.style()
        || !Arrays.equals(x, other.line().xs())) {
      return false;
    }
    double close = CLOSE * span(chart);
    int both = 0;
    int near = 0;
    for (int i = 0; i < x.length; i++) {
      double distance = Math.abs(height(chart, one.line().y(i)) - height(chart, other.line().y(i)));
      both += Double.isNaN(distance) ? 0 : 1;
      near += distance <= close ? 1 : 0;
    }
    return both > 0 && 2 * near >= both;
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
