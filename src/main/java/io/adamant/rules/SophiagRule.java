package io.adamant.rules;

/**
 * Sophia-G (Liu et al., arXiv 2305.14342): at steps 1, k+1, 2k+1, ... h &larr; &beta;2 h + (1
 * &minus; &beta;2) s&sup2;, where s = &radic;B &#8711;L of B tokens with labels that the model has
 * drawn; always m &larr; &beta;1 m + (1 &minus; &beta;1) g and u = sign(m) min(1, |m|/max(&rho;h,
 * &epsilon;)).
 *
 * <p>That is the paper's form. The authors' code has |m|/(&rho;Bh + 1e-15), h being an average of
 * squares without B, which is {@code denominator: sum} with eps 1e-15, and no estimate before step
 * k+1 ({@code first_estimate: interval}), so that its first k steps are signs. It draws labels on
 * the batch after the step, which is the batch of the next step here.
 */
final class SophiagRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double rho;
  private final double eps;
  private final boolean sum;
  private final boolean atStart;
  private final double[] m = zeros("m");
  private final double[] h = zeros("h");
  private final double[] s;
  private final double[] fresh;

  SophiagRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.965);
    beta2 = settings.beta("beta2", 0.99);
    rho = settings.nonNegative("rho", 0.04);
    eps = settings.nonNegative("eps", 1e-12);
    settings.count("hessian_interval", 10); // whoever draws the labels keeps to it
    sum = settings.choice("denominator", "max", "sum").equals("sum");
    atStart = settings.choice("first_estimate", "start", "interval").equals("start");
    s = input("sampled gradient", Rules.size(shape));
    fresh = input("fresh", 1);
  }

  @Override
  double[] direction(double[] g, long k) {
    boolean estimates = fresh[0] > 0 && (atStart || k > 1);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      if (estimates) {
        h[i] = beta2 * h[i] + (1 - beta2) * s[i] * s[i];
      }
      double d = sum ? rho * h[i] + eps : Math.max(rho * h[i], eps);
      u[i] = Math.max(-1, Math.min(1, ratio(m[i], d)));
    }
    return u;
  }
}
