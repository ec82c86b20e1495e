package io.adamant.rules;

/** SGD: u_k = g_k (theory.md §1). */
final class SgdRule extends GuardedRule {
  SgdRule(Settings settings, int size) {
    super(size);
  }

  @Override
  double[] direction(double[] g, long k) {
    return g.clone();
  }
}
