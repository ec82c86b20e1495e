package io.adamant.rules;

/**
 * Cautious Lion (Liang et al., arXiv 2411.16085): Lion's sign where it has the gradient's, else 0,
 * times n/(aligned + 1) ({@code scale: count}, the authors' code), or over the aligned share, at
 * least 1e-5 ({@code mean}, the lion-pytorch package).
 */
final class CautiousLionRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final boolean count;
  private final double[] m = zeros("m");

  CautiousLionRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.99);
    count = settings.choice("scale", "count", "mean").equals("count");
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    int aligned = 0;
    for (int i = 0; i < g.length; i++) {
      double sign = Math.signum(beta1 * m[i] + (1 - beta1) * g[i]);
      if (sign * g[i] > 0) {
        u[i] = sign;
        aligned++;
      }
      m[i] = beta2 * m[i] + (1 - beta2) * g[i];
    }
    double scale =
        count ? g.length / (aligned + 1.0) : 1 / Math.max((double) aligned / g.length, 1e-5);
    for (int i = 0; i < g.length; i++) {
      u[i] *= scale;
    }
    return u;
  }
}
