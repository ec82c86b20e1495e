package io.adamant.rules;

import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * SOAP (Vyas et al., arXiv 2409.11321) on a matrix: Adam in the eigenvectors of Shampoo's
 * statistics L = EMA_s(g gᵀ), R = EMA_s(gᵀ g), s = {@code shampoo_beta} or β2.
 *
 * <p>The first gradient only fills L and R, and P, Q are their eigenvectors, the largest first. In
 * update k = t − 1 = 1, 2, ...: m = EMA_β1(g), v = EMA_β2((Pᵀ g Q)²), u = √(1−β2^k)/(1−β1^k) P [Pᵀ
 * m Q / (√v + ε)] Qᵀ, then L and R. After it, if k is a multiple of the frequency, the columns of P
 * are sorted by pᵀ L p, falling, v's rows with them, and P becomes the Q factor of L P; Q likewise.
 *
 * <p>Deviations. Of the authors' code from the paper: ε is added to the root before its correction,
 * and m stays in the original axes, which is the same as rotating it with each change of P and Q.
 * From the authors' code: the change of P and Q stands at the start of the next step, which is the
 * same; the factorisations are in the weights' precision, where the authors' are in float32;
 * weights decay before the step, with {@code decay: last} after it, as theirs; the first step
 * leaves matrices as they are here and there, but vectors, which go by plain Adam there, also still
 * at first, go by the rule beside this one here, from the first step on. Their merging of
 * dimensions and their statistics of vectors are not here.
 *
 * <p>P and Q are unique only where eigenvalues differ. Signs of columns do not matter. Where a
 * first gradient has several zero singular values, as (n, k) has for k &lt; n − 1, the columns for
 * them are what the eigensolver's rounding makes of them, and the direction with them.
 */
final class SoapRule extends MatrixRule {
  private final double beta1;
  private final double beta2;
  private final double statisticsBeta;
  private final double eps;
  private final int frequency;
  private final boolean biasCorrection;
  private final boolean normalized;
  private final double[] m = zeros("m");
  private final double[] v = zeros("v");
  private final Basis left;
  private final Basis right;

  SoapRule(Settings settings, int... shape) {
    super(shape);
    beta1 = settings.beta("beta1", 0.95);
    beta2 = settings.beta("beta2", 0.95);
    OptionalDouble own = settings.fractionUnless("shampoo_beta", "beta2");
    statisticsBeta = own.orElse(beta2);
    eps = settings.nonNegative("eps", 1e-8);
    frequency = settings.count("precondition_frequency", 10, 1_000_000);
    int longest = settings.count("max_precond_dim", 10_000, 1_000_000);
    biasCorrection = settings.flag("bias_correction", true);
    normalized = settings.flag("normalize_grads", false);
    left = new Basis(rows, longest, "left");
    right = new Basis(cols, longest, "right");
  }

  /** Statistics and eigenvectors of one side. */
  private final class Basis extends Side {
    Basis(int length, int longest, String name) {
      super(length, longest, name, "basis");
    }

    /** Bᵀ x, B being the basis; x where there is none. */
    RealMatrix into(RealMatrix x) {
      return used ? matrix(made, length).transpose().multiply(x) : x;
    }

    /** B x. */
    RealMatrix back(RealMatrix x) {
      return used ? matrix(made, length).multiply(x) : x;
    }

    void start() {
      if (used) {
        put(new EigenDecomposition(matrix(statistics, length)).getV(), made);
      }
    }

    /** Sorts and iterates; the order of the columns. */
    int[] turn() {
      int[] order = IntStream.range(0, length).toArray();
      if (used) {
        RealMatrix p = matrix(made, length);
        RealMatrix l = matrix(statistics, length);
        RealMatrix sizes = p.transpose().multiply(l).multiply(p);
        Comparator<Integer> falling = Comparator.comparingDouble(i -> -sizes.getEntry(i, i));
        order =
            IntStream.range(0, length)
                .boxed()
                .sorted(falling)
                .mapToInt(Integer::intValue)
                .toArray();
        RealMatrix sorted = p.getSubMatrix(IntStream.range(0, length).toArray(), order);
        put(new QRDecomposition(l.multiply(sorted)).getQ(), made);
      }
      return order;
    }

    void add(RealMatrix square) {
      double[] values = flat(square);
      for (int i = 0; i < statistics.length; i++) {
        statistics[i] = statisticsBeta * statistics[i] + (1 - statisticsBeta) * values[i];
      }
    }
  }

  @Override
  boolean stillFirst() {
    return true;
  }

  @Override
  double[] direction(double[] gradient, long t) {
    long k = t - 1;
    RealMatrix g = matrix(gradient);
    if (k == 1) {
      left.start();
      right.start();
    } else if (k > 1 && (k - 1) % frequency == 0) {
      int[] a = left.turn();
      int[] b = right.turn();
      put(matrix(v).getSubMatrix(a, b), v);
    }
    double[] u = k == 0 ? new double[size()] : moved(g, k);
    if (left.used) {
      left.add(g.multiply(g.transpose()));
    }
    if (right.used) {
      right.add(g.transpose().multiply(g));
    }
    return u;
  }

  /** Pᵀ x Q. */
  private RealMatrix into(RealMatrix x) {
    return right.into(left.into(x).transpose()).transpose();
  }

  private double[] moved(RealMatrix g, long k) {
    double[] x = flat(into(g));
    double[] straight = flat(g);
    for (int i = 0; i < size(); i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * straight[i];
      v[i] = beta2 * v[i] + (1 - beta2) * x[i] * x[i];
    }
    double[] rotated = flat(into(matrix(m)));
    for (int i = 0; i < size(); i++) {
      rotated[i] = ratio(rotated[i], Math.sqrt(v[i]) + eps);
    }
    double[] u = flat(right.back(left.back(matrix(rotated)).transpose()).transpose());
    double rms = Clipping.globalNorm(u) / Math.sqrt(size());
    double steps = (double) k;
    double correction =
        biasCorrection ? Math.sqrt(1 - Math.pow(beta2, steps)) / (1 - Math.pow(beta1, steps)) : 1;
    for (int i = 0; i < size(); i++) {
      u[i] = correction * (normalized ? ratio(u[i], rms) : u[i]);
    }
    return u;
  }
}
