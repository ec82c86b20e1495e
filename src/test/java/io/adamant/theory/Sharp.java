package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;

/**
 * Assertions that could not pass with a formula that is wrong by a little: each checks the value,
 * and that the same value scaled by 1.03 would be turned away by the same tolerance.
 */
final class Sharp {

  private static final double SCALE = 1.03;

  private Sharp() {}

  /** The value agrees within an absolute tolerance, and 1.03 times the value does not. */
  static void close(double value, double expected, double tolerance) {
    assertThat(value).isCloseTo(expected, Offset.offset(tolerance));
    assertThat(Math.abs(SCALE * value - expected))
        .as("tolerance %s is too wide to reject 1.03 x %s", tolerance, value)
        .isGreaterThan(tolerance);
  }

  /** The value agrees within a relative tolerance, which must be below 3 %. */
  static void relative(double value, double expected, double tolerance) {
    close(value, expected, tolerance * Math.abs(expected));
  }

  /**
   * The value lies within a simulation's interval (half width {@code interval}, which the caller
   * may widen to its own confidence); scaling it by 1.03, or by three intervals if that is more,
   * takes it out.
   */
  static void within(double value, double simulated, double interval) {
    assertThat(value).isCloseTo(simulated, Offset.offset(interval));
    double scale = Math.max(SCALE, 1 + 3 * interval / Math.abs(simulated));
    assertThat(Math.abs(scale * value - simulated))
        .as("interval %s is too wide to reject %s x %s", interval, scale, value)
        .isGreaterThan(interval);
  }

  /** Collects relative errors of an approximation over a grid, to hold against its stated band. */
  static final class Band {
    private final List<double[]> pairs = new ArrayList<>();

    void add(double value, double reference) {
      pairs.add(new double[] {value, reference});
    }

    int size() {
      return pairs.size();
    }

    /** All errors lie in [low, high]; scaled by 1.03 or 1/1.03, some do not. */
    void liesIn(double low, double high) {
      assertThat(pairs).isNotEmpty();
      assertThat(error(1, false)).as("smallest error").isGreaterThanOrEqualTo(low);
      assertThat(error(1, true)).as("largest error").isLessThanOrEqualTo(high);
      assertThat(error(SCALE, true)).as("largest error, scaled up").isGreaterThan(high);
      assertThat(error(1 / SCALE, false)).as("smallest error, scaled down").isLessThan(low);
    }

    private double error(double scale, boolean largest) {
      var errors = pairs.stream().mapToDouble(p -> scale * p[0] / p[1] - 1);
      return largest ? errors.max().orElseThrow() : errors.min().orElseThrow();
    }
  }
}
