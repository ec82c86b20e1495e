package io.adamant.rules;

/**
 * What the direction of a rule is given in the place of its average gradient m_k = β m_{k−1} +
 * (1−β) x_k, in plain doubles; c_k = 1 − β^k where the rule divides m_k by that, else 1.
 *
 * <pre>
 * plain          m_k
 * nesterov       β m_k + (1−β) x_k
 * nesterov_next  β m_k c_k/c_{k+1} + (1−β) x_k, which c_k divides to β m_k/c_{k+1} + (1−β) x_k/c_k
 * slow_alpha     + α_k c_k n_k with n_k = b_k n_{k−1} + (1−b_k) x_k, n_0 = 0
 * </pre>
 *
 * <p>For k below its warm-up T, α_k = α k/T, and b_k moves from β to slow_beta such that its
 * half-life ln ½/ln b − 1 moves linearly. AlgoPerf's NAdamW and AdEMAMix are AdamW with one of
 * these; Dozat's NAdam, with a constant coefficient, is AdamW with nesterov_next.
 */
final class Momentum {
  private final String kind;
  private final double alpha;
  private final double slowBeta;
  private final double alphaWarmup;
  private final double betaWarmup;
  private final double[] slow; // n, empty without a second scale

  Momentum(Settings settings, GuardedRule rule) {
    kind = settings.shared("momentum", "plain", "nesterov", "nesterov_next");
    alpha = settings.nonNegative("slow_alpha", 0);
    slowBeta = settings.beta("slow_beta", 0.9999);
    alphaWarmup = settings.steps("slow_alpha_warmup");
    betaWarmup = settings.steps("slow_beta_warmup");
    settings.later("slow_alpha", "slow_beta", "slow_alpha_warmup", "slow_beta_warmup");
    slow = alpha > 0 ? rule.zeros("slow") : new double[0];
  }

  /**
   * The value in the place of one coordinate of m_k; advances the slow average.
   *
   * @param i the coordinate
   * @param m m_k
   * @param x x_k
   * @param beta β
   * @param share weight of x_k in m_k, 1 − β but for other dampenings
   * @param corrected whether the rule divides by c_k
   * @param k number of this step, from 1
   */
  double of(int i, double m, double x, double beta, double share, boolean corrected, long k) {
    double now = corrected ? 1 - Math.pow(beta, (double) k) : 1;
    double next = corrected ? 1 - Math.pow(beta, k + 1.0) : 1;
    double seen =
        switch (kind) {
          case "nesterov" -> beta * m + share * x;
          case "nesterov_next" -> beta * m * now / next + share * x;
          default -> m;
        };
    if (alpha == 0) {
      return seen;
    }
    double b = slowBeta(beta, k);
    slow[i] = b * slow[i] + (1 - b) * x;
    return seen + (k < alphaWarmup ? alpha * k / alphaWarmup : alpha) * now * slow[i];
  }

  /** The same where x_k has the weight 1 − β. */
  double of(int i, double m, double x, double beta, boolean corrected, long k) {
    return of(i, m, x, beta, 1 - beta, corrected, k);
  }

  private double slowBeta(double beta, long k) {
    return k < betaWarmup ? AdemamixRule.between(beta, slowBeta, k / betaWarmup) : slowBeta;
  }
}
