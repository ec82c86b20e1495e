package io.adamant.rules;

/**
 * AdaVar: D_k = τ D_{k−1} + (1−τ)(m_{k−1} − g_k)², m_k = β1 m_{k−1} + (1−β1) g_k, u_k = m_k/(√(m_k²
 * + γ D_k) + ε); m_0 = D_0 = 0, no bias correction (theory.md §1).
 *
 * <p>With γ = τ = β1 this is Adam at β1 = β2 from zero without bias correction (theory.md §6,
 * Proposition 1). The deviation is from the <em>previous</em> m. State {@code d} is D, without γ.
 */
final class AdaVarRule extends GuardedRule {
  private final double beta1;
  private final double gamma;
  private final double tau;
  private final double eps;
  private final Momentum momentum;
  private final double[] m = zeros("m");
  private final double[] d = zeros("d");

  AdaVarRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.95);
    gamma = settings.nonNegative("gamma", 0.95);
    tau = settings.beta("tau", 0.95);
    eps = settings.nonNegative("eps", 1e-8);
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      double deviation = m[i] - g[i];
      d[i] = tau * d[i] + (1 - tau) * deviation * deviation;
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      double x = momentum.of(i, m[i], g[i], beta1, false, k);
      u[i] = ratio(x, Math.sqrt(x * x + gamma * d[i]) + eps);
    }
    return u;
  }
}
