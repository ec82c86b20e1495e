package io.adamant.rules;

/**
 * Cautious AdamW (Liang et al., arXiv 2411.16085): AdamW's direction where m_k g_k > 0, else 0,
 * over the share of such coordinates in the tensor, at least 0.001.
 *
 * <p>The authors' two code paths differ: {@code correction: root} is m̂/(√v̂ + ε), their default;
 * {@code rate} is √(1−β2^k)/(1−β1^k) · m/(√v + ε). The paper's α(φ) = d/(|φ| + 1) is neither.
 */
final class CautiousAdamwRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final boolean root;
  private final Momentum momentum;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  CautiousAdamwRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.999);
    eps = settings.nonNegative("eps", 1e-6);
    root = settings.choice("correction", "root", "rate").equals("root");
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    double correction1 = 1 - Math.pow(beta1, (double) k);
    double correction2 = 1 - Math.pow(beta2, (double) k);
    double[] u = new double[g.length];
    int aligned = 0;
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      double x = momentum.of(i, m[i], g[i], beta1, true, k);
      if (x * g[i] > 0) {
        aligned++;
        u[i] =
            root
                ? x / correction1 / (Math.sqrt(v[i] / correction2) + eps)
                : Math.sqrt(correction2) / correction1 * x / (Math.sqrt(v[i]) + eps);
      }
    }
    double share = Math.max((double) aligned / g.length, 1e-3);
    for (int i = 0; i < g.length; i++) {
      u[i] /= share;
    }
    return u;
  }
}
