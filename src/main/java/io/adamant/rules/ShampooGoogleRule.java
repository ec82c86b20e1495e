package io.adamant.rules;

import java.util.Arrays;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Google's Shampoo (Anil et al. 2020, arXiv 2002.09018) on a matrix: the preconditioned gradient at
 * the length of another rule's step (grafting: Agarwal et al. 2020, arXiv 2002.11803).
 *
 * <p>L = β2 L + (1−β2) g gᵀ and R = β2 R + (1−β2) gᵀ g, or sums for β2 = 1, start from ρI, ρ being
 * the ridge. x = L̃^{−e} g R̃^{−e} with e = 1/4 and S̃ = S + ρ λ_max(S) I; the roots are I before
 * the first one, which is due at the first multiple of its frequency. s is the graft's step, g for
 * SGD and g / (√Σg² + ε) for Adagrad; d = x |s|/|x|, before the start s; m = β1 m + d, u = β1 m +
 * d.
 *
 * <p>Deviations of the authors' PyTorch code, which settings lead to where weights differ much:
 *
 * <ul>
 *   <li>{@code ridge_stays}: it adds ρ λ_max I to L and R in place, at every root, which no paper
 *       has.
 *   <li>{@code nesterov: twice}: β1 m + d overwrites m, whose factor is then β1².
 *   <li>{@code before_start: gradient}: with Adagrad, d is the gradient at the length of Adagrad's
 *       step.
 *   <li>{@code decay_in_momentum}: d has a multiple of the weights added, which is its weight
 *       decay.
 * </ul>
 *
 * <p>And where none does: its root is a Newton iteration that stops at 1e-6, here it is exact;
 * before the start it moves by a momentum of its own for the graft, which takes part in no later
 * step, so that {@code twice} differs there; with SGD's graft before the start it adds the decay
 * twice, since two names stand for one array; a graft called none has the length of the gradient,
 * as SGD's. Its blocks of a long side, its merging of dimensions and its vectors, which are grafted
 * but not preconditioned, are not here: {@code max_precond_dim} limits the sides, and vectors go by
 * the rule beside this one. Its ρ is 1e-12, which float32 does not resolve; here it is 1e-6, as in
 * their later code. 10^-16 is added to |x|, as theirs.
 *
 * <p>Eigenvalues of S̃ below 2^−52 of the largest are rounding, and count as that share of it; the
 * kernel does the same with 2^−23 in float32.
 */
final class ShampooGoogleRule extends MatrixRule {
  private final double beta1;
  private final double beta2;
  private final double exponent;
  private final double ridge;
  private final boolean ridgeStays;
  private final boolean adagrad;
  private final double eps;
  private final String nesterov;
  private final long start;
  private final boolean gradientFirst;
  private final int statisticsFrequency;
  private final int rootFrequency;
  private final double decayInMomentum;
  private final double[] m = zeros("m");
  private final double[] u = zeros("u");
  private final double[] squares = zeros("squares");
  private final Root left;
  private final Root right;

  ShampooGoogleRule(Settings settings, int... shape) {
    super(shape);
    beta1 = settings.beta("beta1", 0.9);
    beta2 = settings.fraction("beta2", 1);
    exponent = settings.fraction("exponent", 0.25);
    ridge = settings.nonNegative("ridge", 1e-6);
    ridgeStays = settings.flag("ridge_stays", false);
    adagrad = settings.choice("graft", "sgd", "adagrad").equals("adagrad");
    eps = settings.nonNegative("eps", 1e-6);
    nesterov = settings.choice("nesterov", "once", "twice", "none");
    start = settings.count("start_preconditioning_step", 1, 1_000_000_000);
    gradientFirst = settings.choice("before_start", "graft", "gradient").equals("gradient");
    statisticsFrequency = settings.count("statistics_frequency", 1, 1_000_000);
    rootFrequency = settings.count("precondition_frequency", 1, 1_000_000);
    decayInMomentum = settings.nonNegative("decay_in_momentum", 0);
    int longest = settings.count("max_precond_dim", 10_000, 1_000_000);
    left = new Root(rows, longest, "left");
    right = new Root(cols, longest, "right");
  }

  /** The statistics of one side and their inverse root. */
  private final class Root extends Side {
    Root(int length, int longest, String name) {
      super(length, longest, name, "root");
    }

    void advance(RealMatrix g, long k) {
      if (!used) {
        return;
      }
      if (k == 1) {
        put(identity().scalarMultiply(ridge), statistics);
        put(identity(), made);
      }
      if (k % statisticsFrequency == 0) {
        RealMatrix square = g.multiply(g.transpose()).scalarMultiply(beta2 == 1 ? 1 : 1 - beta2);
        put(matrix(statistics, length).scalarMultiply(beta2).add(square), statistics);
      }
      if (k % rootFrequency == 0) {
        takeRoot();
      }
    }

    private void takeRoot() {
      RealMatrix s = matrix(statistics, length);
      put(inverseRoot(s, 0, ridge, exponent), made);
      if (ridgeStays) {
        double highest =
            Arrays.stream(new EigenDecomposition(s).getRealEigenvalues()).max().orElseThrow();
        put(s.add(identity().scalarMultiply(ridge * highest)), statistics);
      }
    }

    private RealMatrix identity() {
      return MatrixUtils.createRealIdentityMatrix(length);
    }

    RealMatrix times(RealMatrix x) {
      return used ? matrix(made, length).multiply(x) : x;
    }
  }

  @Override
  double[] direction(double[] g, long k) {
    throw new IllegalStateException("needs the weights");
  }

  @Override
  double[] direction(double[] w, double[] gradient, long k) {
    RealMatrix g = matrix(gradient);
    left.advance(g, k);
    right.advance(g.transpose(), k);
    double[] step = gradient.clone();
    if (adagrad) {
      for (int i = 0; i < size(); i++) {
        squares[i] += gradient[i] * gradient[i];
        step[i] = ratio(gradient[i], Math.sqrt(squares[i]) + eps);
      }
    }
    double[] d = step;
    if (k >= start) {
      RealMatrix x = right.times(left.times(g).transpose()).transpose();
      d = atLength(flat(x), step);
    } else if (gradientFirst) {
      d = atLength(gradient, step);
    }
    for (int i = 0; i < size(); i++) {
      double added = d[i] + decayInMomentum * w[i];
      m[i] = beta1 * m[i] + added;
      u[i] = nesterov.equals("none") ? m[i] : beta1 * m[i] + added;
      m[i] = nesterov.equals("twice") ? u[i] : m[i];
    }
    return u.clone();
  }

  /** x |s|/|x|. */
  private static double[] atLength(double[] x, double[] s) {
    return times(x, Clipping.globalNorm(s) / (Clipping.globalNorm(x) + 1e-16));
  }
}
