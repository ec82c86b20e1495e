package io.adamant.rules;

/**
 * NorMuon (Li et al., arXiv 2510.05491) on a matrix (rows, cols): o_k = O(x_k) as in {@link
 * MuonHiddenRule}; r_k = β2 r_{k−1} + (1−β2) mean of o_k² over each row, from 0, uncorrected; n_k =
 * o_k/(√r_k + ε); u_k = s n_k ‖o_k‖/(‖n_k‖ + ε).
 *
 * <p>{@code means: longer_side} averages over each column where cols > rows, as NorMuonH of
 * modded-nanogpt does, which is that with {@code constraint: hyperball}, twelve steps of the {@code
 * convergent} iteration and {@code eps: 0}. Deviations there: s comes after the statistics, not
 * before, and r is not raised to 1e-10, its floor; both only matter to rows that are nearly 0,
 * since the constraint fixes the norm. The paper has 0.2 √(rows cols)/‖n‖ in place of s ‖o‖/‖n‖,
 * which {@code scale: match_rms_adamw} is where the singular values of o are 1.
 */
final class NormuonRule extends MuonHiddenRule {
  private final double beta2;
  private final double eps;
  private final boolean byRow;
  private final double[] o = zeros("o");
  private final double[] r = zeros("r", rows);
  private final double[] c = zeros("c", cols);

  NormuonRule(Settings settings, int... shape) {
    super(settings, shape);
    beta2 = settings.beta("beta2", 0.95);
    eps = settings.nonNegative("eps", 1e-10);
    boolean rowsOnly = settings.choice("means", "rows", "longer_side").equals("rows");
    byRow = rowsOnly || rows >= cols;
  }

  @Override
  double[] direction(double[] g, long k) {
    System.arraycopy(orthogonal(g), 0, o, 0, o.length);
    double[] squares = byRow ? r : c;
    int count = byRow ? cols : rows; // coordinates in one mean
    for (int i = 0; i < squares.length; i++) {
      squares[i] *= beta2;
    }
    for (int i = 0; i < o.length; i++) {
      squares[line(i)] += (1 - beta2) * o[i] * o[i] / count;
    }
    double[] n = new double[o.length];
    for (int i = 0; i < n.length; i++) {
      n[i] = ratio(o[i], Math.sqrt(squares[line(i)]) + eps);
    }
    double size = ratio(Clipping.globalNorm(o), Clipping.globalNorm(n) + eps);
    return times(n, scale * size);
  }

  /** The row or column of a coordinate. */
  private int line(int i) {
    return byRow ? i / cols : i % cols;
  }
}
