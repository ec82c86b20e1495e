package io.adamant.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.stats.RateGrid.Edge;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a search over learning rates asks of its points. */
class RateGridTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  private static RateGrid<Double> grid(Map<Double, Double> losses) {
    return new RateGrid<>(losses, loss -> loss);
  }

  @Test
  void theBestIsTheLowestFiniteLossAndOfEqualOnesTheFirst() {
    assertThat(grid(Map.of(1.0, 3.0, 2.0, 2.5, 4.0, 2.5, 8.0, Double.NaN)).best()).contains(2.0);
    assertThat(grid(Map.of(1.0, 3.0, 2.0, 2.5)).lowest()).isEqualTo(2.5);
    assertThat(grid(Map.of(1.0, INF, 2.0, Double.NaN)).best()).isEmpty();
    assertThat(grid(Map.of(1.0, INF)).lowest()).isEqualTo(INF);
    assertThat(RateGrid.best(List.of("bb", "a", "c"), String::length)).contains("a");
  }

  @Test
  void neighboursAreTheNextLowerAndTheNextHigherRate() {
    RateGrid<Double> grid = grid(Map.of(1.0, 0.0, 2.0, 0.0, 8.0, 0.0));
    assertThat(grid.neighbours(2)).containsExactly(1.0, 8.0);
    assertThat(grid.neighbours(1)).containsExactly(2.0);
    assertThat(grid.neighbours(8)).containsExactly(2.0);
    grid.put(4, 0.0);
    assertThat(grid.neighbours(2)).containsExactly(1.0, 4.0);
  }

  @Test
  void anEdgeIsWhereNothingLiesBeyond() {
    RateGrid<Double> grid = grid(Map.of(1.0, 0.0, 2.0, 0.0, 8.0, 0.0));
    assertThat(List.of(grid.edge(1), grid.edge(2), grid.edge(8)))
        .containsExactly(Edge.LOWEST, Edge.NONE, Edge.HIGHEST);
    assertThat(grid(Map.of(1.0, 0.0)).edge(1)).isEqualTo(Edge.LOWEST);
  }
}
