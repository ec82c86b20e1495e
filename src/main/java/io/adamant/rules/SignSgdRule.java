package io.adamant.rules;

/** SignSGD: u_k = sign(g_k), sign(0) = 0 (theory.md §1). */
final class SignSgdRule extends GuardedRule {
  SignSgdRule(Settings settings, int size) {
    super(size);
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      u[i] = Math.signum(g[i]);
    }
    return u;
  }
}
