package io.adamant.onestep;

import io.adamant.theory.DirectionMoments;
import io.adamant.theory.SoftSign;

/**
 * The exact moments of the soft sign for millions of coordinates: quadrature on a grid of a = g/s
 * and b = ε/s, and between its points the ratio to the closed forms, which has limits on all sides,
 * is interpolated in the logarithms. Off by less than 0.5 %.
 */
final class SoftSignTable {

  private static final double LOWEST = -3; // powers of ten
  private static final int PER_DECADE = 8;
  private static final int POINTS = 6 * PER_DECADE + 1;

  private final double[][] means = new double[POINTS][POINTS];
  private final double[][] seconds = new double[POINTS][POINTS];

  SoftSignTable() {
    for (int i = 0; i < POINTS; i++) {
      for (int j = 0; j < POINTS; j++) {
        double a = Math.pow(10, LOWEST + (double) i / PER_DECADE);
        double b = Math.pow(10, LOWEST + (double) j / PER_DECADE);
        means[i][j] = SoftSign.mean(a, b) / SoftSign.meanApproximate(a, b);
        seconds[i][j] = SoftSign.second(a, b) / SoftSign.secondMeanField(a, b);
      }
    }
  }

  DirectionMoments moments(double epsilon) {
    return new DirectionMoments() {
      @Override
      public double mean(double gradient, double deviation) {
        double a = gradient / deviation;
        double b = epsilon / deviation;
        return SoftSign.meanApproximate(a, b) * between(means, Math.abs(a), b);
      }

      @Override
      public double second(double gradient, double deviation) {
        double a = gradient / deviation;
        double b = epsilon / deviation;
        return SoftSign.secondMeanField(a, b) * between(seconds, Math.abs(a), b);
      }
    };
  }

  private static double between(double[][] table, double a, double b) {
    double x = place(a);
    double y = place(b);
    int i = (int) Math.min(x, POINTS - 2);
    int j = (int) Math.min(y, POINTS - 2);
    double u = x - i;
    double v = y - j;
    return (1 - u) * ((1 - v) * table[i][j] + v * table[i][j + 1])
        + u * ((1 - v) * table[i + 1][j] + v * table[i + 1][j + 1]);
  }

  private static double place(double value) {
    double x = (Math.log10(value) - LOWEST) * PER_DECADE;
    return Math.max(0, Math.min(POINTS - 1, x));
  }
}
