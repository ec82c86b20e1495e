package io.adamant.rules;

/**
 * Scion (Pethick et al., arXiv 2502.07529) for embeddings, head and vectors: m_k = β1 m_{k−1} +
 * (1−β1) g_k from m_0 = 0; on a matrix u_k = ρ sign(m_k)/cols, or another norm's step of {@link
 * ScionRule}; elsewhere u_k = ρ_v m_k/(RMS(m_k) + ε).
 *
 * <p>Deviation: vectors do not decay, as nowhere here, which leaves them unconstrained. The
 * authors' column norm of an embedding that is stored as (vocabulary, width) is {@code row_norm}
 * with a radius width times as large.
 */
final class ScionOthersRule extends GuardedRule {
  private final int[] shape;
  private final double beta1;
  private final double radius;
  private final double vectorRadius;
  private final String norm;
  private final double eps;
  private final double[] m = zeros("m");

  ScionOthersRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    this.shape = shape.clone();
    beta1 = settings.beta("beta1", 0.9);
    radius = settings.nonNegative("radius", 3000);
    vectorRadius = settings.nonNegative("vector_radius", 1);
    norm = settings.choice("norm", "sign", "column_norm", "row_norm");
    eps = settings.nonNegative("eps", 1e-8);
  }

  @Override
  double[] direction(double[] g, long k) {
    for (int i = 0; i < m.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    }
    if (shape.length == 2) {
      return times(ScionRule.steepest(m, norm, shape[0], shape[1], eps), radius);
    }
    double rms = Clipping.globalNorm(m) / Math.sqrt(m.length);
    double[] u = new double[m.length];
    for (int i = 0; i < m.length; i++) {
      u[i] = vectorRadius * ratio(m[i], rms + eps);
    }
    return u;
  }
}
