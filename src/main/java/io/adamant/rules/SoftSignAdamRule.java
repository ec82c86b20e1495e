package io.adamant.rules;

/**
 * SoftSign-Adam: Adam's averages m and v from zero, u_k = m̂_k/√(v̂_k + ε²) ({@code denominator:
 * inside}) or m̂_k/(√v̂_k + ε) ({@code outside}, which is AdamW); theory.md §1, §3. Hats as in
 * AdamW, left out without bias correction.
 */
final class SoftSignAdamRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final boolean biasCorrection;
  private final boolean inside;
  private final Momentum momentum;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  SoftSignAdamRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.95);
    beta2 = settings.beta("beta2", 0.95);
    eps = settings.nonNegative("eps", 1e-8);
    biasCorrection = settings.flag("bias_correction", true);
    inside = settings.choice("denominator", "inside", "outside").equals("inside");
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    double mScale = biasCorrection ? 1 / (1 - Math.pow(beta1, (double) k)) : 1;
    double vScale = biasCorrection ? 1 / (1 - Math.pow(beta2, (double) k)) : 1;
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      double vHat = v[i] * vScale;
      double denominator = inside ? Math.sqrt(vHat + eps * eps) : Math.sqrt(vHat) + eps;
      double x = momentum.of(i, m[i], g[i], beta1, biasCorrection, k);
      u[i] = ratio(x * mScale, denominator);
    }
    return u;
  }
}
