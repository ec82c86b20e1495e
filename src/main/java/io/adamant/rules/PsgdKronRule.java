package io.adamant.rules;

import static io.adamant.rules.MatrixRule.flat;
import static io.adamant.rules.MatrixRule.matrix;
import static io.adamant.rules.MatrixRule.put;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;

/**
 * PSGD with Kronecker factors (Li, arXiv 1512.04202 and 2211.04422) of a matrix (rows, cols), in
 * the form of kron_torch. With the upper triangular P of the rows, Q of the columns, the average m
 * = EMA_β1(g) over 1−β1^k, and Gaussian noise V in each step that is due:
 *
 * <pre>
 * X = m + 2^−11.5 mean|m| V,  A = P X Qᵀ,  B = P^−ᵀ V Q^−1
 * P ← P − ρ triu(AAᵀ − BBᵀ) P/‖AAᵀ + BBᵀ‖,  Q ← Q − ρ triu(AᵀA − BᵀB) Q/‖AᵀA + BᵀB‖
 * u = PᵀP m QᵀQ, times min(1, max_rms/RMS(u))
 * </pre>
 *
 * <p>The norm N of a matrix S is bounded from below: |S Sx/|Sx||, x being S's longest column. A
 * side that is longer than {@code max_precond_dim} has a diagonal, as a vector has, whose norm is
 * its largest entry. P, Q start at √scale I, a vector's diagonal at the scale.
 *
 * <p>Deviations from the authors' code: it adds the noise to m in place, so that it is whitened too
 * ({@code damping: stays}); its probability of a fit falls from 1 to 0.03, here a fit comes in
 * every {@code precondition_frequency}-th step, which whoever draws V keeps to; now and then it
 * balances P against Q, which changes the weights by rounding only, and is not done here; A and B
 * are over their largest entry here, a factor that cancels, so that no square overflows.
 */
final class PsgdKronRule extends GuardedRule {
  private static final double DAMPING = Math.pow(2, -11.5);

  private final int rows;
  private final double beta1;
  private final double rate;
  private final boolean ofMomentum;
  private final boolean stays;
  private final double maxRms;
  private final double[] m = zeros("m");
  private final Factor left;
  private final Optional<Factor> right;
  private final double[] noise;
  private final double[] fresh;

  PsgdKronRule(Settings settings, int... shape) {
    super(Rules.size(shape));
    boolean two = shape.length == 2;
    rows = two ? shape[0] : size();
    beta1 = settings.beta("beta1", 0.9);
    rate = settings.beta("precond_lr", 0.1);
    double scale = settings.within("precond_init_scale", 1, 1e-12, 1e12);
    ofMomentum = settings.choice("probed", "momentum", "gradient").equals("momentum");
    stays = settings.choice("damping", "apart", "stays").equals("stays");
    maxRms = settings.nonNegative("max_rms", 1.1);
    int longest = settings.count("max_precond_dim", 8192, 1_000_000);
    settings.count("precondition_frequency", 1, 1_000_000);
    double root = Math.sqrt(scale);
    left = two ? new Factor("left", rows, longest, root) : new Factor(zeros("diagonal"), scale);
    right = two ? Optional.of(new Factor("right", shape[1], longest, root)) : Optional.empty();
    noise = input("probe noise", size());
    fresh = input("fresh", 1);
  }

  /** P or Q. */
  private final class Factor {
    private final double[] values; // (n, n) or its diagonal, (n)
    private final boolean triangular;
    private final int n;
    private final double scale;
    private final double[] unused;

    /** Of a vector. */
    Factor(double[] diagonal, double scale) {
      this.values = diagonal;
      this.triangular = false;
      this.n = diagonal.length;
      this.scale = scale;
      this.unused = new double[0];
    }

    /** Of a side; both forms are there, one of them stays as it starts. */
    Factor(String name, int n, int longest, double scale) {
      triangular = n <= longest;
      double[] square = zeros(name, triangular ? n * n : 1);
      double[] diagonal = zeros(name + "_diagonal", n);
      values = triangular ? square : diagonal;
      unused = triangular ? diagonal : new double[0];
      this.n = n;
      this.scale = scale;
    }

    void start() {
      Arrays.fill(unused, scale);
      for (int i = 0; i < n; i++) {
        values[triangular ? i * n + i : i] = scale;
      }
    }

    /** P x. */
    RealMatrix times(RealMatrix x) {
      return triangular ? matrix(values, n).multiply(x) : scaled(x, values);
    }

    /** PᵀP x. */
    RealMatrix whitened(RealMatrix x) {
      return triangular
          ? matrix(values, n).transpose().multiply(times(x))
          : scaled(scaled(x, values), values);
    }

    /** P^−ᵀ x. */
    RealMatrix over(RealMatrix x) {
      return triangular
          ? new LUDecomposition(matrix(values, n).transpose(), 0).getSolver().solve(x)
          : scaled(x, Arrays.stream(values).map(d -> 1 / d).toArray());
    }

    /** A step towards AAᵀ = BBᵀ. */
    void fit(RealMatrix across, RealMatrix back) {
      double top = Math.max(largest(across), largest(back));
      if (top == 0) {
        return;
      }
      RealMatrix a = across.scalarMultiply(1 / top);
      RealMatrix b = back.scalarMultiply(1 / top);
      if (triangular) {
        RealMatrix x = a.multiply(a.transpose());
        RealMatrix y = b.multiply(b.transpose());
        RealMatrix step = x.subtract(y);
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < i; j++) {
            step.setEntry(i, j, 0);
          }
        }
        RealMatrix p = matrix(values, n);
        put(p.subtract(step.multiply(p).scalarMultiply(rate / bound(x.add(y)))), values);
        return;
      }
      double[] x = rowSquares(a);
      double[] y = rowSquares(b);
      double most = IntStream.range(0, n).mapToDouble(i -> x[i] + y[i]).max().orElseThrow();
      Arrays.setAll(values, i -> values[i] - rate * (x[i] - y[i]) * values[i] / most);
    }
  }

  /** Each row times a number. */
  private static RealMatrix scaled(RealMatrix x, double... by) {
    RealMatrix scaled = x.copy();
    for (int i = 0; i < by.length; i++) {
      scaled.setRowVector(i, x.getRowVector(i).mapMultiply(by[i]));
    }
    return scaled;
  }

  private static double[] rowSquares(RealMatrix x) {
    double[] squares = new double[x.getRowDimension()];
    Arrays.setAll(squares, i -> x.getRowVector(i).dotProduct(x.getRowVector(i)));
    return squares;
  }

  private static double largest(RealMatrix x) {
    return Arrays.stream(flat(x)).map(Math::abs).max().orElseThrow();
  }

  private static double bound(RealMatrix s) {
    RealVector longest = s.getColumnVector(0);
    for (int i = 1; i < s.getColumnDimension(); i++) {
      RealVector column = s.getColumnVector(i);
      longest = column.getNorm() > longest.getNorm() ? column : longest;
    }
    RealVector x = s.operate(longest);
    return s.operate(x.mapDivide(x.getNorm())).getNorm();
  }

  @Override
  double[] direction(double[] g, long k) {
    if (k == 1) {
      left.start();
      right.ifPresent(Factor::start);
    }
    double[] mean = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      mean[i] = m[i] / (1 - Math.pow(beta1, (double) k));
    }
    if (fresh[0] > 0) {
      double[] x = damped(ofMomentum ? mean : g);
      fit(matrix(x, rows), matrix(noise, rows));
      mean = stays && ofMomentum ? x : mean;
    }
    double[] u = whitened(mean);
    double largest = Arrays.stream(u).map(Math::abs).max().orElseThrow();
    double squares = 0;
    for (double x : u) {
      squares += ratio(x, largest) * ratio(x, largest);
    }
    double rms = Math.sqrt(squares / u.length) * largest;
    return maxRms > 0 && rms > maxRms ? times(u, maxRms / rms) : u;
  }

  private double[] damped(double[] x) {
    double[] damped = x.clone();
    double mean = Arrays.stream(x).map(Math::abs).sum() / x.length;
    for (int i = 0; i < x.length; i++) {
      damped[i] += DAMPING * mean * noise[i];
    }
    return damped;
  }

  private void fit(RealMatrix x, RealMatrix v) {
    RealMatrix a = left.times(x);
    RealMatrix b = left.over(v);
    if (right.isPresent()) {
      Factor q = right.get();
      RealMatrix across = q.times(a.transpose());
      RealMatrix back = q.over(b.transpose());
      q.fit(across, back);
      a = across.transpose();
      b = back.transpose();
    }
    left.fit(a, b);
  }

  private double[] whitened(double[] x) {
    RealMatrix u = left.whitened(matrix(x, rows));
    return flat(right.isPresent() ? right.get().whitened(u.transpose()).transpose() : u);
  }
}
