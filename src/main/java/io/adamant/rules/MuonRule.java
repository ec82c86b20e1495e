package io.adamant.rules;

/**
 * Muon on a matrix (rows, cols): m_k = β1 m_{k−1} + (1−β1) g_k from m_0 = 0; with Nesterov x_k =
 * (1−β1) g_k + β1 m_k, else x_k = m_k; u_k = {@code rms_scale} · √max(rows, cols) · O(x_k), O being
 * the approximate orthogonal factor of {@link NewtonSchulz}.
 *
 * <p>An orthogonal factor has squared Frobenius norm min(rows, cols), so its RMS is 1/√max(rows,
 * cols): the scale gives u the RMS {@code rms_scale}, near AdamW's (Liu et al., arXiv 2502.16982).
 * The rate and decay of an AdamW run then carry over. Deviations from K. Jordan's Muon: the average
 * is normalised and no 1e-7 is added to the norm; both leave O(x) as it is.
 *
 * <p>Everything that is not a matrix takes AdamW with the {@code adam_} settings instead: see
 * {@link Rules}.
 */
final class MuonRule extends GuardedRule {
  private final double beta1;
  private final boolean nesterov;
  private final NewtonSchulz newtonSchulz;
  private final double scale;
  private final int rows;
  private final int cols;
  private final double[] m;

  /** The settings of both kinds of parameter, so that each knows the other's names. */
  record MuonSettings(
      double beta1, boolean nesterov, int newtonSchulzSteps, double rmsScale, AdamSettings adam) {
    static MuonSettings read(Settings settings) {
      return new MuonSettings(
          settings.beta("beta1", 0.95),
          settings.flag("nesterov", true),
          settings.count("ns_steps", 5),
          settings.nonNegative("rms_scale", 0.2),
          new AdamSettings(
              settings.beta("adam_beta1", 0.95),
              settings.beta("adam_beta2", 0.95),
              settings.nonNegative("adam_eps", 1e-8)));
    }
  }

  /** What AdamW needs for the parameters that are no matrices. */
  record AdamSettings(double beta1, double beta2, double eps) {}

  MuonRule(MuonSettings settings, int rows, int cols) {
    super(rows * cols);
    beta1 = settings.beta1();
    nesterov = settings.nesterov();
    newtonSchulz = new NewtonSchulz(settings.newtonSchulzSteps(), 0, false);
    scale = settings.rmsScale() * Math.sqrt(Math.max(rows, cols));
    this.rows = rows;
    this.cols = cols;
    m = zeros("m");
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] x = new double[m.length]; // (rows, cols), row-major
    for (int i = 0; i < m.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      x[i] = nesterov ? (1 - beta1) * g[i] + beta1 * m[i] : m[i];
    }
    return times(newtonSchulz.orthogonalize(x, rows, cols), scale);
  }
}
