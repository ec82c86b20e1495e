package io.adamant.simulate;

import io.adamant.theory.EffectiveBatch;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.List;

/**
 * Updates on independent Gaussian gradients N(μ, 1), μ² = snr, once the averages are stationary
 * (theory.md §4 and §5). A repetition is a few coordinates side by side over some steps.
 */
final class UpdateExperiments {

  private static final int WIDTH = 64; // coordinates of a repetition
  private static final int KEPT = 100; // steps averaged

  private UpdateExperiments() {}

  /** Adam's averages over some coordinates, begun from zero and advanced together. */
  private static final class Adam {
    final double[] m = new double[WIDTH];
    final double[] v = new double[WIDTH];
    final double[] g = new double[WIDTH];
    final double[] signs = new double[WIDTH]; // EMASign's average
    private final double beta1;
    private final double beta2;
    private final double mu;
    private final GaussianSource noise;

    Adam(Values values, double snr, GaussianSource noise) {
      beta1 = values.number("beta1");
      beta2 = values.number("beta2");
      mu = Math.sqrt(snr);
      this.noise = noise;
      // Started near the stationary state, so that little is left of the start.
      for (int i = 0; i < WIDTH; i++) {
        m[i] = mu;
        v[i] = mu * mu + 1;
        signs[i] = 0;
      }
      long settling = (long) Math.ceil(20 / (1 - Math.max(beta1, beta2)));
      for (long t = 0; t < settling; t++) {
        step();
      }
    }

    void step() {
      noise.fill(g);
      for (int i = 0; i < WIDTH; i++) {
        double x = g[i] + mu;
        g[i] = x;
        m[i] = beta1 * m[i] + (1 - beta1) * x;
        v[i] = beta2 * v[i] + (1 - beta2) * x * x;
        signs[i] = beta1 * signs[i] + (1 - beta1) * Math.signum(x);
      }
    }
  }

  /** Update RMS of Adam, EMASign, SGDM and Signum. */
  static List<Measurement> updateRms(Values v, Blocks blocks) {
    Lanes lanes = new Lanes(v, blocks, 4);
    double[][] c =
        lanes.columns(
            (noise, sums) -> {
              Adam adam = new Adam(v, v.number("snr"), noise);
              for (int t = 0; t < KEPT; t++) {
                adam.step();
                for (int i = 0; i < WIDTH; i++) {
                  sums[0] += adam.m[i] * adam.m[i] / adam.v[i];
                  sums[1] += adam.signs[i] * adam.signs[i];
                  sums[2] += adam.m[i] * adam.m[i];
                  sums[3] += Math.abs(Math.signum(adam.m[i]));
                }
              }
              average(sums);
            });
    return List.of(
        Measurement.root("adam", "RMS of Adam's update", c[0]),
        Measurement.root("ema_sign", "RMS of EMASign's update", c[1]),
        Measurement.root("sgdm", "RMS of SGDM's update, in units of σ", c[2]),
        Measurement.root("signum", "RMS of Signum's update", c[3]));
  }

  /** The snr, as it follows from simulated updates and from simulated momentum. */
  static List<Measurement> snr(Values v, Blocks blocks) {
    double r = EffectiveBatch.noiseRatio(v.number("beta1"));
    Lanes lanes = new Lanes(v, blocks, 2);
    double[][] c =
        lanes.columns(
            (noise, sums) -> {
              Adam adam = new Adam(v, v.number("snr"), noise);
              double[] squares = new double[2];
              for (int t = 0; t < KEPT; t++) {
                adam.step();
                for (int i = 0; i < WIDTH; i++) {
                  sums[0] += adam.m[i] * adam.m[i] / adam.v[i];
                  squares[0] += adam.m[i] * adam.m[i];
                  squares[1] += adam.g[i] * adam.g[i];
                }
              }
              average(sums);
              sums[1] = squares[0] / squares[1];
            });
    return List.of(
        inverse("from_update_rms", "snr from RMS(u)", r, Lanes.mean(c[0])),
        inverse("from_momentum_ratio", "snr from ‖m‖²/‖g‖²", r, Lanes.mean(c[1])));
  }

  /** RMS(u) where the scale of gradients drifts over that where it stays, on the same noise. */
  static List<Measurement> scaleDrift(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    double beta2 = v.number("beta2");
    double mu = Math.sqrt(v.number("snr"));
    double[] drifts = {v.number("drift"), 0};
    long steps = v.whole("steps");
    Lanes lanes = new Lanes(v, blocks, 2);
    double[][] c =
        lanes.columns(
            (noise, sums) -> {
              double[][] m = new double[2][WIDTH];
              double[][] s = new double[2][WIDTH];
              double[] g = new double[WIDTH];
              for (long t = 0; t < steps; t++) {
                noise.fill(g);
                for (int k = 0; k < 2; k++) {
                  // The present scale is 1: averages are divided by what it grows.
                  double back = Math.exp(-drifts[k]);
                  for (int i = 0; i < WIDTH; i++) {
                    double x = g[i] + mu;
                    m[k][i] = beta1 * back * m[k][i] + (1 - beta1) * x;
                    s[k][i] = beta2 * back * back * s[k][i] + (1 - beta2) * x * x;
                  }
                }
              }
              for (int k = 0; k < 2; k++) {
                for (int i = 0; i < WIDTH; i++) {
                  sums[k] += m[k][i] * m[k][i] / s[k][i] / WIDTH;
                }
              }
            });
    return List.of(
        Measurement.root("factor", "RMS(u) over that without a drift", Lanes.quotient(c[0], c[1])));
  }

  private static Measurement inverse(String key, String title, double r, Measurement square) {
    double q = square.value();
    double slope = (1 - r) / ((1 - q) * (1 - q));
    return new Measurement(key, title, (q - r) / (1 - q), slope * square.halfWidth());
  }

  /** The RMS of a gradient's total contribution (1 − beta1)·g_t·Σ_k beta1^{k−t}/√v_k. */
  static List<Measurement> totalUpdate(Values v, Blocks blocks) {
    double beta1 = v.number("beta1");
    int tail = (int) Math.ceil(25 / (1 - beta1));
    Lanes lanes = new Lanes(v, blocks, 1);
    double[][] c =
        lanes.columns(
            (noise, sums) -> {
              Adam adam = new Adam(v, 0, noise);
              List<double[]> gradients = new ArrayList<>();
              List<double[]> roots = new ArrayList<>();
              for (int t = 0; t < KEPT + tail; t++) {
                adam.step();
                gradients.add(adam.g.clone());
                double[] inverse = new double[WIDTH];
                for (int i = 0; i < WIDTH; i++) {
                  inverse[i] = 1 / Math.sqrt(adam.v[i]);
                }
                roots.add(inverse);
              }
              double[] future = new double[WIDTH];
              for (int t = KEPT + tail - 1; t >= 0; t--) {
                for (int i = 0; i < WIDTH; i++) {
                  future[i] = roots.get(t)[i] + beta1 * future[i];
                  double u = (1 - beta1) * gradients.get(t)[i] * future[i];
                  sums[0] += t < KEPT ? u * u : 0;
                }
              }
              average(sums);
            });
    return List.of(Measurement.root("total_update", "RMS of the total contribution", c[0]));
  }

  private static void average(double[] sums) {
    for (int k = 0; k < sums.length; k++) {
      sums[k] /= (double) KEPT * WIDTH;
    }
  }
}
