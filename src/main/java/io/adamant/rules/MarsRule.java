package io.adamant.rules;

/**
 * MARS (Yuan et al., arXiv 2411.10438), on matrices: c_k = g_k + γ β1/(1−β1) (g_k − g′_k), where
 * g′_k = g_{k−1}, g_0 = 0, or, {@code difference: exact}, the gradient of batch k at the weights of
 * step k−1, at the first step those of step 1; over its norm where that is above 1; then AdamW's
 * direction of c, or sign(m_k), or, {@code form: shampoo}, √max(1, rows/cols) O(m_k/(1−β1)) on a
 * matrix and AdamW's of c elsewhere, O being five steps of {@link NewtonSchulz} with eps. What is
 * not a matrix goes by AdamW with the {@code adam_} settings, unless {@code vectors: mars}.
 *
 * <p>Deviations: a vector's own decay is the run's, which spares vectors; Newton-Schulz runs in the
 * weights' precision, the authors' in bfloat16, and v goes on beside it, unused.
 */
final class MarsRule extends GuardedRule {
  private final double beta1;
  private final double beta2;
  private final double gamma;
  private final double eps;
  private final boolean sign;
  private final boolean orthogonal;
  private final int[] shape;
  private final boolean reduced;
  private final boolean remembers;
  private final double rate;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");
  private final double[] before;
  private final double[] weights;

  MarsRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    boolean all = settings.choice("vectors", "adamw", "mars").equals("mars");
    reduced = all || shape.length >= 2;
    double ofMatrix1 = settings.beta("beta1", 0.95);
    double ofMatrix2 = settings.beta("beta2", 0.99);
    double ofVector1 = settings.beta("adam_beta1", 0.9);
    double ofVector2 = settings.beta("adam_beta2", 0.95);
    double ofVector = settings.nonNegative("adam_rate", 1);
    beta1 = reduced ? ofMatrix1 : ofVector1;
    beta2 = reduced ? ofMatrix2 : ofVector2;
    rate = reduced ? 1 : ofVector;
    gamma = settings.nonNegative("gamma", 0.025);
    eps = settings.nonNegative("eps", 1e-8);
    boolean exact = settings.choice("difference", "approximate", "exact").equals("exact");
    settings.later("difference");
    weights = exact ? zeros("earlier_weights") : new double[size()];
    before = exact ? input("earlier gradient", size()) : zeros("before");
    remembers = !exact;
    String form = settings.choice("form", "adamw", "lion", "shampoo");
    sign = reduced && form.equals("lion");
    orthogonal = form.equals("shampoo") && shape.length == 2;
    this.shape = shape.clone();
  }

  @Override
  double[] direction(double[] w, double[] g, long k) {
    System.arraycopy(w, 0, weights, 0, w.length);
    return direction(g, k);
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] c = reduced ? reduced(g) : g;
    double correction1 = 1 - Math.pow(beta1, (double) k);
    double correction2 = 1 - Math.pow(beta2, (double) k);
    double[] u = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * c[i];
      v[i] = beta2 * v[i] + (1 - beta2) * c[i] * c[i];
      u[i] =
          sign
              ? Math.signum(m[i])
              : rate * ratio(m[i] / correction1, Math.sqrt(v[i] / correction2) + eps);
    }
    if (remembers) {
      System.arraycopy(g, 0, before, 0, g.length);
    }
    if (orthogonal) {
      double[] o =
          new NewtonSchulz(5, eps * (1 - beta1), false).orthogonalize(m, shape[0], shape[1]);
      return times(o, NewtonSchulz.originalScale(shape[0], shape[1]));
    }
    return u;
  }

  private double[] reduced(double[] g) {
    double[] c = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      c[i] = g[i] + gamma * beta1 / (1 - beta1) * (g[i] - before[i]);
    }
    double norm = Clipping.globalNorm(c);
    for (int i = 0; i < g.length && norm > 1; i++) {
      c[i] /= norm;
    }
    return c;
  }
}
