package io.adamant.rules;

/**
 * AdamW: m_k = β1 m_{k−1} + (1−β1) g_k, v_k = β2 v_{k−1} + (1−β2) g_k², u_k = m̂_k/(√v̂_k + ε) with
 * m̂_k = m_k/(1−β1^k), v̂_k = v_k/(1−β2^k), as torch (theory.md §1).
 *
 * <p>Without bias correction u_k = m_k/(√v_k + ε). {@code init: gradient} takes m_1 = g_1, v_1 =
 * g_1² and corrects no bias; {@code zero} starts both from 0. {@code eps_root} is added to v̂_k
 * under the root; {@code correction: rate} leaves v_k as it is and multiplies u_k by √(1−β2^k), so
 * that ε and eps_root count before the correction.
 *
 * <p>AdamC (Defazio, arXiv 2506.02285) is {@code decay: corrected}; its port has {@code correction:
 * rate} and {@code eps_root: 1e-15} too. AdamH is {@code constraint: hyperball}.
 */
final class AdamWRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final boolean biasCorrection;
  private final Settings.Init init;
  private final boolean inRate;
  private final double epsRoot;
  private final Momentum momentum;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  AdamWRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.95);
    beta2 = settings.beta("beta2", 0.95);
    eps = settings.nonNegative("eps", 1e-8);
    init = settings.init();
    biasCorrection = settings.biasCorrection(init);
    inRate = settings.choice("correction", "root", "rate").equals("rate");
    epsRoot = settings.nonNegative("eps_root", 0);
    settings.later("correction", "eps_root");
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    boolean first = k == 1 && init == Settings.Init.GRADIENT;
    double correction1 = biasCorrection ? 1 - Math.pow(beta1, (double) k) : 1;
    double correction2 = biasCorrection ? 1 - Math.pow(beta2, (double) k) : 1;
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = first ? g[i] : beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = first ? g[i] * g[i] : beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      double root = Math.sqrt((inRate ? v[i] : v[i] / correction2) + epsRoot);
      double x = momentum.of(i, m[i], g[i], beta1, biasCorrection, k);
      u[i] = ratio(x / correction1, root + eps) * (inRate ? Math.sqrt(correction2) : 1);
    }
    return u;
  }
}
