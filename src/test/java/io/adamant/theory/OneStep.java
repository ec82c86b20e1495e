package io.adamant.theory;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * A quadratic at a frozen point with noisy gradients, and the best one-step learning rate measured
 * on it by sampling directions: E[φ]ᵀg/E[φᵀHφ].
 */
final class OneStep {

  static final double[] GRADIENT = {0.8, -0.5, 0.3, 0.6};
  static final double[] SIGMA = {1.2, 0.7, 0.9, 1.5};
  static final double[][] HESSIAN = {
    {2.0, 0.3, -0.2, 0.4}, {0.3, 1.5, 0.5, -0.1}, {-0.2, 0.5, 3.0, 0.2}, {0.4, -0.1, 0.2, 1.0}
  };

  /** A way to draw one coordinate's stationary direction: from its gradient and its noise. */
  interface Direction {
    double draw(double gradient, double deviation, SplittableRandom random);
  }

  private OneStep() {}

  /** Standard deviations proportional to |g|, for which one noise scale serves all coordinates. */
  static double[] proportionalSigma(double ratio) {
    double[] sigma = new double[GRADIENT.length];
    for (int i = 0; i < sigma.length; i++) {
      sigma[i] = ratio * Math.abs(GRADIENT[i]);
    }
    return sigma;
  }

  /** The measured rate, with a standard error by the quotient of 40 independent batches. */
  static Sampled measure(Direction direction, double[] sigma, double batch, int draws) {
    ToDoubleFunction<SplittableRandom> one =
        random -> {
          double alignment = 0;
          double curvature = 0;
          double[] phi = new double[GRADIENT.length];
          for (int n = 0; n < draws; n++) {
            for (int i = 0; i < phi.length; i++) {
              phi[i] = direction.draw(GRADIENT[i], sigma[i] / Math.sqrt(batch), random);
              alignment += phi[i] * GRADIENT[i];
            }
            for (int i = 0; i < phi.length; i++) {
              for (int j = 0; j < phi.length; j++) {
                curvature += phi[i] * HESSIAN[i][j] * phi[j];
              }
            }
          }
          return alignment / curvature;
        };
    return Sampled.of(31, 40, one);
  }

  static Direction momentum(double beta1, boolean sign) {
    double r = EffectiveBatch.noiseRatio(beta1);
    return (g, s, random) -> {
      double m = g + s * Math.sqrt(r) * random.nextGaussian();
      return sign ? Math.signum(m) : m;
    };
  }

  static Direction adam(double beta1, double beta2) {
    return (g, s, random) -> {
      double m = g;
      double v = g * g + s * s;
      for (int t = 0; t < 3 / (1 - beta2); t++) {
        double x = g + s * random.nextGaussian();
        m = beta1 * m + (1 - beta1) * x;
        v = beta2 * v + (1 - beta2) * x * x;
      }
      return m / Math.sqrt(v);
    };
  }
}
