package io.adamant.rules;

/**
 * Prodigy (Mishchenko and Defazio, arXiv 2306.06101): AdamW that estimates the distance D from the
 * start w_1 to a solution and takes it as its rate, so that η is a schedule around 1. With a_k =
 * d_{k−1} √(1−β2^k)/(1−β1^k), or d_{k−1} without {@code bias_correction}:
 *
 * <pre>
 * m ← β1 m + (1−β1) d g,  v ← β2 v + (1−β2) d² g²
 * s ← β3 s + (d/d0) η a g,  n ← β3 n + (d/d0) η a ⟨g, w_1 − w⟩
 * h = d_coef n/|s|_1,  d' = max(d, h) if d = d0, else d
 * d_max ← max(d_max, h),  d ← min(d_max, growth_rate d')
 * u = a m/(√v + dε) with the old a and the new d,  w ← (1 − ληa) w − ηu
 * </pre>
 *
 * <p>β3 is √β2 unless given. {@code safeguard_warmup} has d in place of ηa in s. The scalar product
 * and |s|_1 are sums over all parameters of the rule; here over this one. Deviations from the
 * authors' code: while |s|_1 = 0 (no gradient yet but zeros) it skips the step, here the step is
 * counted and decays; with β1 = 0 it takes the new d in m; groups of other rates count with their
 * own η here, there all rates must be equal.
 */
final class ProdigyRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double beta3;
  private final double eps;
  private final double d0;
  private final double coefficient;
  private final double growth;
  private final boolean corrects;
  private final boolean safeguard;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");
  private final double[] s = zeros("s");
  private final double[] start = zeros("start");
  private final double[] d = zeros("d", 1);
  private final double[] highest = zeros("d_max", 1);
  private final double[] n = zeros("n", 1);
  private final double[] scale = zeros("scale", 1);

  ProdigyRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.beta("beta2", 0.999);
    beta3 = settings.fractionUnless("beta3", "root").orElse(Math.sqrt(beta2));
    eps = settings.nonNegative("eps", 1e-8);
    d0 = settings.within("d0", 1e-6, 1e-12, 1e3);
    coefficient = settings.nonNegative("d_coef", 1);
    growth = settings.nonNegative("growth_rate", 0);
    corrects = settings.flag("bias_correction", false);
    safeguard = settings.flag("safeguard_warmup", false);
  }

  @Override
  double[] direction(double[] g, long k) {
    throw new IllegalStateException("needs weights and rate");
  }

  @Override
  double[] direction(double[] w, double[] g, double learningRate, long k) {
    if (k == 1) {
      System.arraycopy(w, 0, start, 0, w.length);
    }
    double before = Math.max(d[0], d0);
    double correction =
        Math.sqrt(1 - Math.pow(beta2, (double) k)) / (1 - Math.pow(beta1, (double) k));
    scale[0] = before * (corrects ? correction : 1);
    double along = 0;
    double length = 0;
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * before * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * before * before * g[i] * g[i];
      s[i] = beta3 * s[i] + before / d0 * (safeguard ? before : learningRate * scale[0]) * g[i];
      along += g[i] * (start[i] - w[i]);
      length += Math.abs(s[i]);
    }
    n[0] = beta3 * n[0] + before / d0 * learningRate * scale[0] * along;
    double h = ratio(coefficient * n[0], length);
    highest[0] = Math.max(Math.max(highest[0], d0), h);
    double grown = before == d0 ? Math.max(before, h) : before;
    d[0] = Math.min(highest[0], growth == 0 ? Double.POSITIVE_INFINITY : growth * grown);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      u[i] = ratio(scale[0] * m[i], Math.sqrt(v[i]) + d[0] * eps);
    }
    return u;
  }

  @Override
  void move(double[] w, double[] u, double learningRate, double weightDecay, long k) {
    for (int i = 0; i < w.length; i++) {
      w[i] = (1 - learningRate * weightDecay * scale[0]) * w[i] - learningRate * u[i];
    }
  }
}
