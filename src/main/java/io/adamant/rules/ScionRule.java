package io.adamant.rules;

/**
 * Scion (Pethick et al., arXiv 2502.07529) on a matrix (rows, cols): m_k = β1 m_{k−1} + (1−β1) g_k
 * from m_0 = 0; u_k = ρ L(m_k), L being the matrix of a norm's unit ball with the largest inner
 * product with m_k.
 *
 * <pre>
 * spectral      √(rows/cols) O(m), O by {@link NewtonSchulz}
 * spectral_max  √max(1, rows/cols) O(m)
 * sign          sign(m)/cols
 * column_norm   each column over its RMS + ε
 * row_norm      each row over its norm · √cols + ε
 * </pre>
 *
 * <p>With {@code weight_decay: 1} the step is w ← (1−η) w − η u, which keeps the weights in the
 * ball of radius ρ: the constrained form; without decay it is the other. The authors' momentum is
 * 1−β1. Deviations: the iteration runs in the weights' precision, not in bfloat16; weights start as
 * the model's do, not on the ball's rim. The authors' norms that are not normalised differ from
 * these by a power of cols, which ρ takes up.
 */
final class ScionRule extends GuardedRule {
  private final int rows;
  private final int cols;
  private final double beta1;
  private final double radius;
  private final String norm;
  private final NewtonSchulz newtonSchulz;
  private final double eps;
  private final double[] m = zeros("m");

  ScionRule(Settings settings, int... shape) {
    super(Rules.matrix(shape));
    rows = shape[0];
    cols = shape[1];
    beta1 = settings.beta("beta1", 0.9);
    radius = settings.nonNegative("radius", 50);
    norm = settings.choice("norm", "spectral", "spectral_max", "sign", "column_norm", "row_norm");
    newtonSchulz =
        new NewtonSchulz(
            settings.count("ns_steps", 5), settings.nonNegative("ns_eps", 1e-7), false);
    eps = settings.nonNegative("eps", 1e-8);
  }

  @Override
  double[] direction(double[] g, long k) {
    for (int i = 0; i < m.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    }
    if (norm.startsWith("spectral")) {
      double ratio = rows / (double) cols;
      double scale = Math.sqrt(norm.equals("spectral") ? ratio : Math.max(1, ratio));
      return times(newtonSchulz.orthogonalize(m, rows, cols), radius * scale);
    }
    return times(steepest(m, norm, rows, cols, eps), radius);
  }

  /** L of a norm other than the spectral one. */
  static double[] steepest(double[] m, String norm, int rows, int cols, double eps) {
    double[] u = new double[m.length];
    for (int i = 0; i < m.length; i++) {
      double squares = 0;
      if (norm.equals("row_norm")) {
        for (int j = 0; j < cols; j++) {
          squares += Math.pow(m[i / cols * cols + j], 2);
        }
        u[i] = ratio(m[i], Math.sqrt(squares * cols) + eps);
      } else if (norm.equals("column_norm")) {
        for (int j = 0; j < rows; j++) {
          squares += Math.pow(m[j * cols + i % cols], 2);
        }
        u[i] = ratio(m[i], Math.sqrt(squares / rows) + eps);
      } else {
        u[i] = Math.signum(m[i]) / cols;
      }
    }
    return u;
  }
}
