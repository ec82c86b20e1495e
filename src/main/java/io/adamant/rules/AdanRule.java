package io.adamant.rules;

/**
 * Adan (Xie et al., arXiv 2208.06677) without restarts: e_k = g_k − g_{k−1}, e_1 = 0; averages m of
 * g with β1, q of e with β2, n of (g + β2 e)² with β3, from zero; u_k = (m̂_k + β2 q̂_k)/(√n̂_k +
 * ε), each corrected by its own 1 − β^k.
 *
 * <p>The betas are 1 minus the paper's, as in the authors' code. Deviation from that code: decay is
 * w ← (1 − ηλ)w before the step ({@code no_prox} there); its default is {@code decay: proximal}.
 */
final class AdanRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double beta3;
  private final double eps;
  private final double[] m = zeros("m");
  private final double[] q = zeros("q");
  private final double[] n = zeros("n");
  private final double[] before = zeros("before");

  AdanRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.98);
    beta2 = settings.beta("beta2", 0.92);
    beta3 = settings.beta("beta3", 0.99);
    eps = settings.nonNegative("eps", 1e-8);
  }

  @Override
  double[] direction(double[] g, long k) {
    double correction1 = 1 - Math.pow(beta1, (double) k);
    double correction2 = 1 - Math.pow(beta2, (double) k);
    double correction3 = 1 - Math.pow(beta3, (double) k);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      double e = k == 1 ? 0 : g[i] - before[i];
      double ahead = g[i] + beta2 * e;
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      q[i] = beta2 * q[i] + (1 - beta2) * e;
      n[i] = beta3 * n[i] + (1 - beta3) * ahead * ahead;
      double x = m[i] / correction1 + beta2 * q[i] / correction2;
      u[i] = ratio(x, Math.sqrt(n[i] / correction3) + eps);
      before[i] = g[i];
    }
    return u;
  }
}
