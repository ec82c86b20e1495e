package io.adamant.simulate;

import io.adamant.theory.RateSchedule;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.List;

/**
 * Weights under an optimizer with decoupled decay on pure noise (kexue.fm 11307's experiment): w ←
 * (1 − lr·weightDecay)·w − lr·u, gradients independent N(μ, 1) with μ² = snr, u AdamW's m̂/√v̂ or
 * Signum's sign(m). Averages start from zero. Coordinates are simulated in blocks that fit the
 * first-level cache, and in loops that the JIT compiler turns into vector instructions.
 */
final class WeightRun {

  private static final int BLOCK = 500;
  private static final int REPORT_EVERY = 500;

  private WeightRun() {}

  /** Units of progress: steps times coordinates. */
  static long units(Values v) {
    return v.whole("steps") * v.whole("coordinates");
  }

  /** The RMS at the end, at the inputs of {@code weight-rms}. */
  static Measurement end(Values v, Blocks blocks) {
    long coordinates = v.whole("coordinates");
    int count = (int) ((coordinates + BLOCK - 1) / BLOCK);
    List<double[]> weights =
        blocks.map(
            count,
            (i, noise) -> {
              int size = (int) Math.min(BLOCK, coordinates - (long) i * BLOCK);
              return run(v, size, noise, blocks);
            });
    double[] squares = weights.stream().flatMapToDouble(Arrays::stream).map(w -> w * w).toArray();
    return Measurement.root("weight_rms", "RMS of the weights", squares);
  }

  /** The weights at the end of coordinates that run side by side. */
  private static double[] run(Values values, int size, GaussianSource noise, Blocks blocks) {
    boolean adamw = values.text("optimizer").equals("adamw");
    boolean corrected = values.text("bias-correction").equals("yes");
    double beta1 = values.number("beta1");
    double beta2 = values.number("beta2");
    double mu = Math.sqrt(values.number("snr"));
    double lr = values.number("lr");
    double weightDecay = values.number("weight-decay");
    double initialRms = values.number("initial-rms");
    RateSchedule schedule = RateSchedule.of(values.text("schedule"));
    long last = values.whole("steps");
    long warmup = values.whole("warmup");
    double[] m = new double[size];
    double[] v = new double[size];
    double[] w = new double[size];
    double[] g = new double[size];
    noise.fill(w);
    Arrays.setAll(w, i -> w[i] * initialRms);
    double left1 = 1; // beta1^t
    double left2 = 1;
    for (long t = 1; t <= last; t++) {
      left1 *= beta1;
      left2 *= beta2;
      double rate = schedule.at(lr, t, last, warmup);
      noise.fill(g);
      if (adamw) {
        double scale = corrected ? rate * Math.sqrt(1 - left2) / (1 - left1) : rate;
        adamw(beta1, beta2, mu, 1 - rate * weightDecay, scale, m, v, w, g);
      } else {
        signum(beta1, mu, 1 - rate * weightDecay, rate, m, w, g);
      }
      if (t % REPORT_EVERY == 0 || t == last) {
        blocks.progress().accept((t - 1) % REPORT_EVERY * size + size);
      }
    }
    return w;
  }

  /** Static, with locals only, so that the compiler vectorises it. */
  private static void adamw(
      double beta1,
      double beta2,
      double mu,
      double shrink,
      double scale,
      double[] m,
      double[] v,
      double[] w,
      double[] g) {
    double rest1 = 1 - beta1;
    double rest2 = 1 - beta2;
    for (int i = 0; i < w.length; i++) {
      double x = g[i] + mu;
      double mean = beta1 * m[i] + rest1 * x;
      double square = beta2 * v[i] + rest2 * x * x;
      m[i] = mean;
      v[i] = square;
      w[i] = shrink * w[i] - scale * (mean / Math.sqrt(square));
    }
  }

  private static void signum(
      double beta1, double mu, double shrink, double rate, double[] m, double[] w, double[] g) {
    double rest1 = 1 - beta1;
    for (int i = 0; i < w.length; i++) {
      double mean = beta1 * m[i] + rest1 * (g[i] + mu);
      m[i] = mean;
      w[i] = shrink * w[i] - Math.copySign(rate, mean);
    }
  }
}
