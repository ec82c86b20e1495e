package io.adamant.rules;

/**
 * Lion (Chen et al., arXiv 2302.06675): u_k = sign(β1 m_{k−1} + (1−β1) g_k), then m_k = β2 m_{k−1}
 * + (1−β2) g_k, from m_0 = 0.
 */
final class LionRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double[] m = zeros("m");

  LionRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.99);
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      u[i] = Math.signum(beta1 * m[i] + (1 - beta1) * g[i]);
      m[i] = beta2 * m[i] + (1 - beta2) * g[i];
    }
    return u;
  }
}
