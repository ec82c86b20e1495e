package io.adamant.rules;

/**
 * EMASign: u_k = m_k with m_k = β1 m_{k−1} + (1−β1) sign(g_k), from m_0 = 0 (theory.md §1); |u| ≤ 1
 * − β1^k, and no positive rescaling of a gradient changes anything.
 */
final class EmaSignRule extends GuardedRule {
  private final double beta1;
  private final Momentum momentum;
  private final double[] m = zeros("m");

  EmaSignRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.95);
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < m.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * Math.signum(g[i]);
      u[i] = momentum.of(i, m[i], Math.signum(g[i]), beta1, false, k);
    }
    return u;
  }
}
