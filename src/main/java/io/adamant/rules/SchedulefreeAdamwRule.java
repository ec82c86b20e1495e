package io.adamant.rules;

/**
 * Schedule-free AdamW (Defazio et al., arXiv 2405.15682): v_k = β2 v_{k−1} + (1−β2) g_k², u_k =
 * g_k/(√(v_k/(1−β2^k)) + ε), moved as {@link ScheduleFree} says with β = β1. With {@code
 * inner_momentum} μ &gt; 0 the numerator is m_k/(1−μ^k), m_k = μ m_{k−1} + (1−μ) g_k.
 *
 * <p>As in the authors' code √(1−β2^k) is in u; the paper has it in the rate, and so in c.
 */
final class SchedulefreeAdamwRule extends ScheduleFree {
  private final double beta2;
  private final double eps;
  private final double inner;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  SchedulefreeAdamwRule(Settings settings, int... shape) {
    super(settings, shape);
    beta2 = settings.beta("beta2", 0.999);
    eps = settings.nonNegative("eps", 1e-8);
    inner = settings.beta("inner_momentum", 0);
  }

  @Override
  double[] towards(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      m[i] = inner > 0 ? inner * m[i] + (1 - inner) * g[i] : m[i];
      double x = inner > 0 ? m[i] / (1 - Math.pow(inner, (double) k)) : g[i];
      u[i] = ratio(x, Math.sqrt(v[i] / (1 - Math.pow(beta2, (double) k))) + eps);
    }
    return u;
  }
}
