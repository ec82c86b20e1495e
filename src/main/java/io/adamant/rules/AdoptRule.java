package io.adamant.rules;

/**
 * ADOPT (Taniguchi et al., arXiv 2411.02853): v_1 = g_1² and u_1 = 0; from then on n_k =
 * g_k/max(√v_{k−1}, ε), clipped to ±(k−1)^¼, u_k = m_k = β1 m_{k−1} + (1−β1) n_k, and only then v_k
 * = β2 v_{k−1} + (1−β2) g_k². No bias correction.
 *
 * <p>Deviations: the authors' code leaves weight decay out of the first step too, here it acts;
 * their default couples decay with the gradient, which is {@code decay: l2} here.
 */
final class AdoptRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  AdoptRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.9999);
    eps = settings.nonNegative("eps", 1e-6);
  }

  @Override
  double[] direction(double[] g, long k) {
    double limit = Math.pow(k - 1.0, 0.25);
    for (int i = 0; i < g.length; i++) {
      double n = ratio(g[i], Math.max(Math.sqrt(v[i]), eps));
      m[i] = beta1 * m[i] + (1 - beta1) * Math.max(-limit, Math.min(limit, n));
      v[i] = k == 1 ? g[i] * g[i] : beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    }
    return m.clone();
  }
}
