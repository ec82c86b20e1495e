package io.adamant.rules;

import org.apache.commons.math3.linear.RealMatrix;

/**
 * Shampoo (Gupta et al. 2018, arXiv 1802.09568, algorithm 1) on a matrix: L_t = L_{t−1} + g gᵀ, R_t
 * = R_{t−1} + gᵀ g, both from εI, and u = L^{−e} g R^{−e} with e = 1/4.
 *
 * <p>The settings lead to a form that is in wide use (pytorch_optimizer's port): {@code exponent:
 * 0.5}; {@code right_statistics: preconditioned}, where R sums the squares of L^{−e} x; {@code
 * beta1}, with x = (1−β1) g + β1 u_{t−1}, x_1 = g_1, in the place of g; and {@code first_root:
 * frequency}, where roots are zero, and so is u, until the first step that is a multiple of the
 * frequency, which looks like a slip: here the first step has a root too. The port's vectors, with
 * one matrix and the exponent 1, go by the rule beside this one here. ε I is added when a root is
 * taken, not at the start, which is the same.
 *
 * <p>Eigenvalues of the sum below 2^−52 of the largest are rounding, and count as that share of it;
 * the kernel does the same with 2^−23 in float32.
 */
final class ShampooRule extends MatrixRule {
  private final double exponent;
  private final double eps;
  private final double beta1;
  private final boolean chained;
  private final int frequency;
  private final boolean atFirst;
  private final double[] u;
  private final Root left;
  private final Root right;

  ShampooRule(Settings settings, int... shape) {
    super(shape);
    exponent = settings.fraction("exponent", 0.25);
    eps = settings.nonNegative("eps", 1e-6);
    beta1 = settings.beta("beta1", 0);
    chained =
        settings.choice("right_statistics", "gradient", "preconditioned").equals("preconditioned");
    frequency = settings.count("precondition_frequency", 1, 1_000_000);
    atFirst = settings.choice("first_root", "first", "frequency").equals("first");
    int longest = settings.count("max_precond_dim", 10_000, 1_000_000);
    left = new Root(rows, longest, "left");
    right = new Root(cols, longest, "right");
    u = zeros("u");
  }

  /** The sum of one side and its inverse root. */
  private final class Root extends Side {
    Root(int length, int longest, String name) {
      super(length, longest, name, "root");
    }

    /** Adds z zᵀ, takes the root if it is due, and multiplies y by it. */
    RealMatrix times(RealMatrix y, RealMatrix z, boolean due) {
      if (!used) {
        return y;
      }
      put(matrix(statistics, length).add(z.multiply(z.transpose())), statistics);
      if (due) {
        put(inverseRoot(matrix(statistics, length), eps, 0, exponent), made);
      }
      return matrix(made, length).multiply(y);
    }
  }

  @Override
  double[] direction(double[] g, long k) {
    double[] mixed = g.clone();
    for (int i = 0; i < size() && k > 1; i++) {
      mixed[i] = (1 - beta1) * g[i] + beta1 * u[i];
    }
    RealMatrix x = matrix(mixed);
    boolean due = k % frequency == 0 || (k == 1 && atFirst);
    RealMatrix y = left.times(x, x, due).transpose();
    put(right.times(y, chained ? y : x.transpose(), due).transpose(), u);
    return u.clone();
  }
}
