package io.adamant.measure;

import io.adamant.stats.Interval;
import io.adamant.stats.MeanEstimate;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The loss along the actual update and along gradients, from K fresh batches.
 *
 * @param slopes of each batch's loss along u where the step began: g_k &middot; u
 * @param curvatures of each batch's loss along u: the slope's change over the step, u&#7488;Hu
 * @param updateSquare &#8214;u&#8214;&sup2;
 * @param quadratic g_k&#7488;Hg_l, row by row, (K, K), H from one more batch
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the numbers are not shared
record Curvature(double[] slopes, double[] curvatures, double updateSquare, double[] quadratic) {

  /**
   * The numbers for a line of metrics.
   *
   * @param batch sequences a batch
   */
  Map<String, Object> fields(int batch) {
    Map<String, Object> fields = new LinkedHashMap<>();
    MeanEstimate slope = MeanEstimate.of(slopes, SnrEstimate.LEVEL);
    MeanEstimate curvature = MeanEstimate.of(curvatures, SnrEstimate.LEVEL);
    fields.put("slope", slope.mean());
    put(fields, "slope", slope.interval());
    fields.put("sharpness", curvature.mean() / updateSquare);
    Interval c = curvature.interval();
    put(
        fields,
        "sharpness",
        new Interval(c.low() / updateSquare, c.high() / updateSquare, SnrEstimate.LEVEL));
    bestRate(fields, slope.mean(), curvature.mean());
    double k = slopes.length;
    double diagonal = 0;
    double all = 0;
    for (int i = 0; i < quadratic.length; i++) {
      all += quadratic[i];
      diagonal += i % (slopes.length + 1) == 0 ? quadratic[i] : 0;
    }
    double signal = (all - diagonal) / (k * (k - 1)); // g'Hg
    double noise = diagonal / k - signal; // tr(Sigma H) of a batch
    fields.put("gradient_curvature", signal);
    fields.put("noise_curvature", noise);
    fields.put(
        "noise_scale_curved", signal > 0 && noise >= 0 ? (Object) (batch * noise / signal) : null);
    return fields;
  }

  /** &eta;* = E[g &middot; u]/E[u&#7488;Hu]; the standard error is that of a ratio of means. */
  private void bestRate(Map<String, Object> fields, double slope, double curvature) {
    if (!(curvature > 0)) {
      fields.put("eta_star", null); // the loss bends down along the step: no best rate
      return;
    }
    double rate = slope / curvature;
    double[] residuals = new double[slopes.length];
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] = (slopes[i] - rate * curvatures[i]) / curvature;
    }
    double half = MeanEstimate.of(residuals, SnrEstimate.LEVEL).interval().halfWidth();
    fields.put("eta_star", rate);
    put(fields, "eta_star", new Interval(rate - half, rate + half, SnrEstimate.LEVEL));
  }

  private static void put(Map<String, Object> fields, String key, Interval interval) {
    fields.put(key + "_low", interval.low());
    fields.put(key + "_high", interval.high());
  }
}
