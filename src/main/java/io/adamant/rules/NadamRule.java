package io.adamant.rules;

/**
 * torch's NAdam, which is not AlgoPerf's NAdamW: with μ_k = β1 (1 − ½ 0.96^{kψ}) and P_k = μ_1 ⋯
 * μ_k, u_k = ((1−μ_k) g_k/(1−P_k) + μ_{k+1} m_k/(1−P_k μ_{k+1})) / (√v̂_k + ε), m and v̂ as
 * AdamW's.
 *
 * <p>{@code product: torch_1_13} has P_k μ_k μ_{k+1}, as torch 1.13 does by a slip; results
 * published with it depend on that. Deviation: torch couples decay with the gradient by default,
 * which is {@code decay: l2} here; without it, decay is torch's {@code decoupled_weight_decay}.
 */
final class NadamRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final double momentumDecay;
  private final boolean slip;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");

  NadamRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.999);
    eps = settings.nonNegative("eps", 1e-8);
    momentumDecay = settings.nonNegative("momentum_decay", 0.004);
    slip = settings.choice("product", "next", "torch_1_13").equals("torch_1_13");
  }

  @Override
  double[] direction(double[] g, long k) {
    double product = 1;
    for (long i = 1; i <= k; i++) {
      product *= coefficient(i);
    }
    double ahead = product * coefficient(k + 1) * (slip ? coefficient(k) : 1);
    double correction2 = 1 - Math.pow(beta2, (double) k);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      double x =
          (1 - coefficient(k)) / (1 - product) * g[i] + coefficient(k + 1) / (1 - ahead) * m[i];
      u[i] = ratio(x, Math.sqrt(v[i] / correction2) + eps);
    }
    return u;
  }

  private double coefficient(long k) {
    return beta1 * (1 - 0.5 * Math.pow(0.96, k * momentumDecay));
  }
}
