package io.adamant.simulate;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a simulated best rate of one step is largest over the batch size, and how far it falls
 * then. All batch sizes see the same random numbers, so that the curve is smooth; its top is that
 * of a cubic through the logarithms around the largest point, and the interval is a jackknife's
 * over groups of repetitions.
 */
final class RatePeak {

  private static final int LOWEST = -24; // exponents of √2 for B/B_simple
  private static final int HIGHEST = 16;
  private static final int SIDE = 4; // points fitted on each side of the largest
  private static final int GROUPS = 20;

  private RatePeak() {}

  /** Batch sizes in steps of √2, from 2^−12 to 2^8 of the noise scale. */
  static List<Double> batches(double noiseScale) {
    List<Double> batches = new ArrayList<>();
    for (int k = LOWEST; k <= HIGHEST; k++) {
      batches.add(noiseScale * Math.pow(2, k / 2.0));
    }
    return batches;
  }

  /** How many there are. */
  static int count() {
    return HIGHEST - LOWEST + 1;
  }

  /**
   * Follows a method over {@link #batches}.
   *
   * @return the batch size of the largest rate and, under {@code KEY_fall}, the share lost at the
   *     largest batch size; neither if the rate does not fall there by more than its interval
   */
  static List<Measurement> measure(String key, OneStepRate rates, OneStepRate.Method method) {
    List<Double> batches = batches(rates.problem().geometry().noiseScaleSimple());
    List<double[][]> sums = new ArrayList<>();
    for (double batch : batches) {
      sums.add(rates.sums(method, batch));
    }
    int groups = Math.min(GROUPS, rates.repetitions());
    double[] whole = peak(sums, groups, -1);
    double[] places = new double[groups];
    double[] falls = new double[groups];
    for (int group = 0; group < groups; group++) {
      double[] part = peak(sums, groups, group);
      places[group] = groups * whole[0] - (groups - 1) * part[0];
      falls[group] = groups * whole[1] - (groups - 1) * part[1];
      if (Double.isNaN(places[group])) {
        return List.of();
      }
    }
    Measurement log = Measurement.mean(key, "logarithm", places);
    Measurement fall =
        Measurement.mean(key + "_fall", "share of the largest rate lost, " + key, falls);
    if (fall.value() <= fall.halfWidth()) {
      return List.of();
    }
    double place = batches.get(0) * Math.pow(2, log.value() / 2);
    double half = place * Math.log(2) / 2 * log.halfWidth();
    return List.of(
        new Measurement(key, "batch size of the largest rate, " + key, place, half), fall);
  }

  /** Index of the top, as a real number, and the share lost at the end; NaN if there is no top. */
  private static double[] peak(List<double[][]> sums, int groups, int leftOut) {
    double[] logs = new double[sums.size()];
    int best = 0;
    for (int k = 0; k < logs.length; k++) {
      logs[k] = Math.log(rate(sums.get(k), groups, leftOut));
      best = logs[k] > logs[best] ? k : best;
    }
    if (best < SIDE || best >= logs.length - SIDE) {
      return new double[] {Double.NaN, Double.NaN};
    }
    double[] moments = new double[4]; // Σ j^n·y
    double[] powers = new double[7]; // Σ j^n
    for (int j = -SIDE; j <= SIDE; j++) {
      for (int n = 0; n < powers.length; n++) {
        powers[n] += Math.pow(j, n);
      }
      for (int n = 0; n < moments.length; n++) {
        moments[n] += Math.pow(j, n) * logs[best + j];
      }
    }
    // Normal equations of c0 + c1·j + c2·j² + c3·j³; odd and even parts separate.
    double odd = powers[2] * powers[6] - powers[4] * powers[4];
    double even = powers[0] * powers[4] - powers[2] * powers[2];
    double c1 = (moments[1] * powers[6] - moments[3] * powers[4]) / odd;
    double c3 = (moments[3] * powers[2] - moments[1] * powers[4]) / odd;
    double c0 = (moments[0] * powers[4] - moments[2] * powers[2]) / even;
    double c2 = (moments[2] * powers[0] - moments[0] * powers[2]) / even;
    double top = c2 < 0 ? -c1 / (c2 - Math.sqrt(c2 * c2 - 3 * c1 * c3)) : Double.NaN;
    double height = c0 + top * (c1 + top * (c2 + top * c3));
    return new double[] {best + top, 1 - Math.exp(logs[logs.length - 1] - height)};
  }

  private static double rate(double[][] columns, int groups, int leftOut) {
    double above = 0;
    double below = 0;
    for (int i = 0; i < columns[0].length; i++) {
      if (i % groups != leftOut) {
        above += columns[0][i];
        below += columns[1][i];
      }
    }
    return above / below;
  }
}
