package io.adamant.rules;

/**
 * RMSprop as the study has it, AdamW with β1 = 0: v_k = β2 v_{k−1} + (1−β2) g_k², u_k = g_k/(√v̂_k
 * + ε), v̂_k = v_k/(1−β2^k), or v_k without bias correction (theory.md §1). torch's RMSprop
 * differs: no bias correction, coupled decay.
 */
final class RmsPropRule extends GuardedRule {
  private final double beta2;
  private final double eps;
  private final boolean biasCorrection;
  private final double[] v = zeros("v");

  RmsPropRule(Settings settings, int size) {
    super(size);
    beta2 = settings.beta("beta2", 0.95);
    eps = settings.nonNegative("eps", 1e-8);
    biasCorrection = settings.flag("bias_correction", true);
  }

  @Override
  double[] direction(double[] g, long k) {
    double correction = biasCorrection ? 1 - Math.pow(beta2, (double) k) : 1;
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      u[i] = ratio(g[i], Math.sqrt(v[i] / correction) + eps);
    }
    return u;
  }
}
