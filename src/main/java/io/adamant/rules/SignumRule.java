package io.adamant.rules;

/**
 * Signum: m_k = β1 m_{k−1} + (1−β1) g_k, u_k = sign(m_k) (theory.md §1).
 *
 * <p>{@code mollifier: ε} > 0 gives u_k = m_k/(|m_k| + ε), ε outside any root. {@code init:
 * gradient} takes m_1 = g_1; {@code zero} starts from m_0 = 0.
 */
final class SignumRule extends GuardedRule {
  private final double beta1;
  private final double mollifier;
  private final Settings.Init init;
  private final Momentum momentum;
  private final double[] m = zeros("m");

  SignumRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.95);
    mollifier = settings.nonNegative("mollifier", 0.0);
    init = settings.init();
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      boolean first = k == 1 && init == Settings.Init.GRADIENT;
      m[i] = first ? g[i] : beta1 * m[i] + (1 - beta1) * g[i];
      double x = momentum.of(i, m[i], g[i], beta1, false, k);
      u[i] = mollifier > 0 ? x / (Math.abs(x) + mollifier) : Math.signum(x);
    }
    return u;
  }
}
