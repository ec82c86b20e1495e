package io.adamant.rules;

/**
 * Muon as K. Jordan published it (2024), on a matrix (rows, cols): m_k = β1 m_{k−1} + (1−β1) g_k
 * from m_0 = 0; with Nesterov x_k = (1−β1) g_k + β1 m_k, else x_k = m_k; u_k = s O(x_k), O being
 * the approximate orthogonal factor of {@link NewtonSchulz} and s = √max(1, rows/cols), or 0.2
 * √max(rows, cols) with {@code scale: match_rms_adamw} (Liu et al. 2025, arXiv 2502.16982, whose
 * average is 1/(1−β1) times as large: their 1e-7 is {@code ns_eps} 1e-7 (1−β1) here). Twelve steps
 * of the {@code convergent} iteration, with {@code constraint: hyperball}, are MuonH.
 *
 * <p>Deviation: the iteration runs in the weights' precision, the authors' in bfloat16, which
 * changes entries of O by up to 0.08.
 */
class MuonHiddenRule extends GuardedRule {
  final int rows;
  final int cols;
  final double scale;
  private final double beta1;
  private final boolean nesterov;
  private final NewtonSchulz newtonSchulz;
  private final double[] m = zeros("m");

  MuonHiddenRule(Settings settings, int... shape) {
    super(Rules.matrix(shape));
    rows = shape[0];
    cols = shape[1];
    beta1 = settings.beta("beta1", 0.95);
    nesterov = settings.flag("nesterov", true);
    newtonSchulz = NewtonSchulz.read(settings);
    boolean rms = settings.choice("scale", "original", "match_rms_adamw").startsWith("match");
    scale = rms ? 0.2 * Math.sqrt(Math.max(rows, cols)) : NewtonSchulz.originalScale(rows, cols);
  }

  @Override
  double[] direction(double[] g, long k) {
    return times(orthogonal(g), scale);
  }

  /** O of the average that g moves on. */
  final double[] orthogonal(double[] g) {
    double[] x = new double[m.length];
    for (int i = 0; i < m.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      x[i] = nesterov ? (1 - beta1) * g[i] + beta1 * m[i] : m[i];
    }
    return newtonSchulz.orthogonalize(x, rows, cols);
  }
}
