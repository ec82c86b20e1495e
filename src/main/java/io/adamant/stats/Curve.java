package io.adamant.stats;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Points (x, y) in order of x, which rises strictly; y is NaN where a value is missing. Immutable.
 */
public final class Curve {
  private static final Curve EMPTY = new Curve(new double[0], new double[0]);

  private final double[] x;
  private final double[] y;

  private Curve(double[] x, double[] y) {
    this.x = x;
    this.y = y;
  }

  /**
   * A curve through points.
   *
   * @param x finite, strictly rising
   * @param y as many values, NaN where there is none
   * @return the curve
   * @throws IllegalArgumentException if lengths differ or x does not rise
   */
  public static Curve of(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException("x has " + x.length + " values, y " + y.length);
    }
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(x[i]) || (i > 0 && x[i] <= x[i - 1])) {
        throw new IllegalArgumentException("x[" + i + "] is " + x[i] + "; x must rise strictly");
      }
    }
    return new Curve(x.clone(), y.clone());
  }

  /**
   * The curve without points.
   *
   * @return no points
   */
  public static Curve empty() {
    return EMPTY;
  }

  /**
   * Number of points, missing values included.
   *
   * @return at least 0
   */
  public int size() {
    return x.length;
  }

  /**
   * Abscissa of a point.
   *
   * @param i from 0
   * @return x_i
   */
  public double x(int i) {
    return x[i];
  }

  /**
   * Ordinate of a point.
   *
   * @param i from 0
   * @return y_i, NaN where missing
   */
  public double y(int i) {
    return y[i];
  }

  /**
   * All abscissae.
   *
   * @return a copy
   */
  public double[] xs() {
    return x.clone();
  }

  /**
   * All ordinates.
   *
   * @return a copy
   */
  public double[] ys() {
    return y.clone();
  }

  /**
   * Whether no point has a value.
   *
   * @return true if every y is NaN or there is no point
   */
  public boolean blank() {
    return Arrays.stream(y).allMatch(Double::isNaN);
  }

  /**
   * The same abscissae with other ordinates.
   *
   * @param f applied to each y, NaN included
   * @return a new curve
   */
  public Curve map(DoubleUnaryOperator f) {
    return new Curve(x, Arrays.stream(y).map(f).toArray());
  }

  /**
   * Some of the points.
   *
   * @param indices rising
   * @return a new curve
   */
  public Curve at(int[] indices) {
    return of(
        IntStream.of(indices).mapToDouble(i -> x[i]).toArray(),
        IntStream.of(indices).mapToDouble(i -> y[i]).toArray());
  }

  /**
   * The points that have a value.
   *
   * @return a new curve without NaN
   */
  public Curve present() {
    return at(IntStream.range(0, y.length).filter(i -> !Double.isNaN(y[i])).toArray());
  }

  /**
   * The value at an abscissa.
   *
   * @param at the abscissa
   * @return its y, NaN where there is no such point or no value
   */
  public double valueAt(double at) {
    int i = Arrays.binarySearch(x, at);
    return i < 0 ? Double.NaN : y[i];
  }

  /**
   * The last value that is not missing.
   *
   * @return y, or NaN where there is none
   */
  public double last() {
    for (int i = y.length - 1; i >= 0; i--) {
      if (!Double.isNaN(y[i])) {
        return y[i];
      }
    }
    return Double.NaN;
  }

  /**
   * Where the curve first comes down to a level, linear between its points.
   *
   * @param level a value of y
   * @return its x; empty where the curve stays above
   */
  public OptionalDouble reaches(double level) {
    for (int i = 0; i < x.length; i++) {
      if (y[i] <= level) {
        if (i == 0 || !(y[i - 1] > level)) {
          return OptionalDouble.of(x[i]);
        }
        double part = (y[i - 1] - level) / (y[i - 1] - y[i]);
        return OptionalDouble.of(x[i - 1] + part * (x[i] - x[i - 1]));
      }
    }
    return OptionalDouble.empty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Curve that && Arrays.equals(x, that.x) && Arrays.equals(y, that.y);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(x) + Arrays.hashCode(y);
  }

  @Override
  public String toString() {
    return "Curve of " + x.length + " points";
  }
}
