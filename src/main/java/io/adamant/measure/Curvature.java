package io.adamant.measure;

import io.adamant.results.Metrics;
import io.adamant.stats.Interval;
import io.adamant.stats.MeanEstimate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

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
    fields.put(Metrics.SLOPE, slope.mean());
    put(fields, Metrics.SLOPE, slope.interval());
    fields.put(Metrics.SHARPNESS, curvature.mean() / updateSquare);
    Interval c = curvature.interval();
    put(
        fields,
        Metrics.SHARPNESS,
        new Interval(c.low() / updateSquare, c.high() / updateSquare, SnrEstimate.LEVEL));
    bestRate(fields, slope.mean(), curvature.mean());
    noiseScale(fields, batch);
    return fields;
  }

  /**
   * B_noise = tr(&Sigma;H)/g&#7488;Hg. g_k&#7488;Hg_l is an inner product in the metric H, so
   * signal, noise and interval are those of {@link GradientGram}; H itself counts as known.
   */
  private void noiseScale(Map<String, Object> fields, int batch) {
    SnrEstimate snr = new GradientGram(slopes.length, quadratic).estimate(1);
    fields.put(Metrics.GRADIENT_CURVATURE, snr.split().signal());
    fields.put(Metrics.NOISE_CURVATURE, snr.split().noise());
    OptionalDouble scale = snr.split().noiseScale(batch);
    fields.put(Metrics.NOISE_SCALE_CURVED, scale.isPresent() ? (Object) scale.getAsDouble() : null);
    double low = snr.known() ? snr.interval().low() : 0;
    double high = snr.known() ? snr.interval().high() : 0;
    fields.put(Metrics.low(Metrics.NOISE_SCALE_CURVED), high > 0 ? (Object) (batch / high) : null);
    fields.put(Metrics.high(Metrics.NOISE_SCALE_CURVED), low > 0 ? (Object) (batch / low) : null);
  }

  /** &eta;* = E[g &middot; u]/E[u&#7488;Hu]; the standard error is that of a ratio of means. */
  private void bestRate(Map<String, Object> fields, double slope, double curvature) {
    if (!(curvature > 0)) {
      fields.put(Metrics.ETA_STAR, null); // the loss bends down along the step: no best rate
      return;
    }
    double rate = slope / curvature;
    double[] residuals = new double[slopes.length];
    for (int i = 0; i < residuals.length; i++) {
      residuals[i] = (slopes[i] - rate * curvatures[i]) / curvature;
    }
    double half = MeanEstimate.of(residuals, SnrEstimate.LEVEL).interval().halfWidth();
    fields.put(Metrics.ETA_STAR, rate);
    put(fields, Metrics.ETA_STAR, new Interval(rate - half, rate + half, SnrEstimate.LEVEL));
  }

  private static void put(Map<String, Object> fields, String key, Interval interval) {
    fields.put(Metrics.low(key), interval.low());
    fields.put(Metrics.high(key), interval.high());
  }
}
