package io.adamant.rules;

/**
 * SoftSignSGD: u_k = g_k/√(g_k² + ε²) ({@code denominator: inside}) or g_k/(|g_k| + ε) ({@code
 * outside}); theory.md §1 SoftSign A and B, §3 eq 1.
 */
final class SoftSignSgdRule extends GuardedRule {
  private final double eps;
  private final boolean inside;

  SoftSignSgdRule(Settings settings, int size) {
    super(size);
    eps = settings.nonNegative("eps", 1e-3);
    inside = settings.choice("denominator", "inside", "outside").equals("inside");
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      double denominator = inside ? Math.hypot(g[i], eps) : Math.abs(g[i]) + eps;
      u[i] = ratio(g[i], denominator);
    }
    return u;
  }
}
