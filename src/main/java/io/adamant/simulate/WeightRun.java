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
              return new Lanes(v, size, noise).run(blocks);
            });
    double[] squares = weights.stream().flatMapToDouble(Arrays::stream).map(w -> w * w).toArray();
    return Measurement.root("weight_rms", "RMS of the weights", squares);
  }

  /** Coordinates that run side by side. */
  private static final class Lanes {
    private final GaussianSource noise;
    private final boolean adamw;
    private final boolean corrected;
    private final double beta1;
    private final double beta2;
    private final double mu;
    private final double lr;
    private final double weightDecay;
    private final RateSchedule schedule;
    private final long last;
    private final long warmup;
    private final double[] m;
    private final double[] v;
    private final double[] w;
    private final double[] g;

    Lanes(Values values, int size, GaussianSource noise) {
      this.noise = noise;
      adamw = values.text("optimizer").equals("adamw");
      corrected = values.text("bias-correction").equals("yes");
      beta1 = values.number("beta1");
      beta2 = values.number("beta2");
      mu = Math.sqrt(values.number("snr"));
      lr = values.number("lr");
      weightDecay = values.number("weight-decay");
      schedule = RateSchedule.of(values.text("schedule"));
      last = values.whole("steps");
      warmup = values.whole("warmup");
      m = new double[size];
      v = new double[size];
      w = new double[size];
      g = new double[size];
      noise.fill(w);
      for (int i = 0; i < size; i++) {
        w[i] *= values.number("initial-rms");
      }
    }

    /** The weights at the end, (coordinates). */
    double[] run(Blocks blocks) {
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
          blocks.progress().accept((t - 1) % REPORT_EVERY * w.length + w.length);
        }
      }
      return w;
    }
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
