package io.adamant.rules;

/**
 * NAdamW as AlgoPerf has it: AdamW with (β1 m_k + (1−β1) g_k)/(1−β1^k) in place of m̂_k. Dozat's
 * correction of the first term is that of step k + 1; torch's NAdam is another algorithm.
 */
final class NadamwRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  NadamwRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.999);
    eps = settings.nonNegative("eps", 1e-8);
  }

  @Override
  double[] direction(double[] g, long k) {
    double correction1 = 1 - Math.pow(beta1, (double) k);
    double correction2 = 1 - Math.pow(beta2, (double) k);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      double ahead = beta1 * m[i] + (1 - beta1) * g[i];
      u[i] = ratio(ahead / correction1, Math.sqrt(v[i] / correction2) + eps);
    }
    return u;
  }
}
