package io.adamant.rules;

/**
 * AdEMAMix (Pagliardini, Ablin and Grangier, arXiv 2409.03137): u_k = (m̂_k + α_k n_k)/(√v̂_k + ε)
 * with m̂, v̂ as AdamW's and n_k = β3_k n_{k−1} + (1−β3_k) g_k, which is not corrected.
 *
 * <p>For k below its warm-up T, α_k = α k/T, and β3_k moves from β1 to β3 such that its half-life
 * ln ½/ln β − 1 moves linearly. Steps count from 1, as in the authors' torch code; their optax
 * version evaluates the schedules from 0. Like that code it takes ln(β + 1e-8).
 */
final class AdemamixRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double beta3;
  private final double alpha;
  private final double alphaWarmup;
  private final double beta3Warmup;
  private final double eps;
  private final double[] m = zeros("m");
  private final double[] n = zeros("n");
  private final double[] v = zeros("v");

  AdemamixRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.999);
    beta3 = settings.beta("beta3", 0.9999);
    alpha = settings.nonNegative("alpha", 5);
    alphaWarmup = settings.steps("alpha_warmup");
    beta3Warmup = settings.steps("beta3_warmup");
    eps = settings.nonNegative("eps", 1e-8);
  }

  @Override
  double[] direction(double[] g, long k) {
    double slow = slow(k);
    double share = k < alphaWarmup ? alpha * k / alphaWarmup : alpha;
    double correction1 = 1 - Math.pow(beta1, (double) k);
    double correction2 = 1 - Math.pow(beta2, (double) k);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      n[i] = slow * n[i] + (1 - slow) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      u[i] = ratio(m[i] / correction1 + share * n[i], Math.sqrt(v[i] / correction2) + eps);
    }
    return u;
  }

  private double slow(long k) {
    return k < beta3Warmup ? between(beta1, beta3, k / beta3Warmup) : beta3;
  }

  /** The decay whose half-life lies at a share of the way from that of low to that of high. */
  static double between(double low, double high, double share) {
    double halfLife = (1 - share) * halfLife(low) + share * halfLife(high);
    return Math.pow(0.5, 1 / (halfLife + 1));
  }

  private static double halfLife(double beta) {
    return Math.log(0.5) / Math.log(beta + 1e-8) - 1;
  }
}
