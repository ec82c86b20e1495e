package io.adamant.simulate;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.base.InputException;
import io.adamant.theory.LocalGeometry;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.SoftSign;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.List;

/**
 * A quadratic loss ½wᵀHw at a point w_0, with independent Gaussian noise in each coordinate of a
 * sample's gradient, drawn so that its B_simple is given.
 *
 * <p>Spectra of H: {@code diagonal} and {@code moderate} 1 + 4x², {@code power-law} 50/(1 + 49x),
 * over x evenly in [0, 1]; the two last rotated uniformly. Noise: {@code proportional} σ_i ∝ |g_i|,
 * {@code isotropic} one σ.
 */
public final class RandomQuadratic {

  /** A larger one would have a Hessian of more than 32 MB. */
  private static final long MOST_COORDINATES = 2000;

  private final double[][] hessian; // (d, d)
  private final double[] start; // w_0, (d)
  private final double[] gradient; // H w_0, (d)
  private final double[] sigma; // (d)

  private RandomQuadratic(double[][] hessian, double[] start, double[] gradient, double[] sigma) {
    this.hessian = hessian;
    this.start = start;
    this.gradient = gradient;
    this.sigma = sigma;
  }

  /**
   * The inputs of a quadratic.
   *
   * @param point where the noise scale is given
   * @param spectra of the Hessian, the default first
   */
  public static List<Parameter> inputs(String point, String... spectra) {
    return List.of(
        choice("hessian", "spectrum of H", spectra),
        choice("noise", "σ ∝ |g| or one σ", "proportional", "isotropic"),
        number("dimension", "coordinates", Domain.COUNT, 30),
        number("noise-scale", "B_simple at the " + point, Domain.POSITIVE, 16),
        number("problem", "seed of the quadratic", Domain.WHOLE, 0));
  }

  /**
   * From these inputs.
   *
   * @param v values of at least {@link #inputs}
   * @throws InputException with one line if the dimension is too large
   */
  public static RandomQuadratic of(Values v) {
    if (v.whole("dimension") > MOST_COORDINATES) {
      throw new InputException(
          "--dimension %s: allowed: a whole number from 1 to %s"
              .formatted(v.text("dimension"), MOST_COORDINATES));
    }
    return draw(
        v.text("hessian"),
        v.text("noise"),
        (int) v.whole("dimension"),
        v.number("noise-scale"),
        v.whole("problem"));
  }

  /**
   * Draws one.
   *
   * @param spectrum diagonal, moderate or power-law
   * @param noise proportional or isotropic
   * @param d dimension, at least 1
   * @param noiseScale B_simple at w_0, above 0
   * @param seed of w_0 and of the rotation
   */
  public static RandomQuadratic draw(
      String spectrum, String noise, int d, double noiseScale, long seed) {
    GaussianSource random = new GaussianSource(Seeds.mix(seed, 77));
    double[][] v = rotation(random, d, !spectrum.equals("diagonal"));
    double[][] hessian = new double[d][d];
    for (int k = 0; k < d; k++) {
      double x = d == 1 ? 0 : k / (d - 1.0);
      double eigenvalue = spectrum.equals("power-law") ? 50 / (1 + 49 * x) : 1 + 4 * x * x;
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          hessian[i][j] += eigenvalue * v[k][i] * v[k][j];
        }
      }
    }
    double[] start = new double[d];
    random.fill(start);
    double[] gradient = times(hessian, start);
    double square = dot(gradient, gradient);
    double[] sigma = new double[d];
    for (int i = 0; i < d; i++) {
      sigma[i] =
          noise.equals("proportional")
              ? Math.sqrt(noiseScale) * Math.abs(gradient[i])
              : Math.sqrt(noiseScale * square / d);
    }
    return new RandomQuadratic(hessian, start, gradient, sigma);
  }

  private static double[][] rotation(GaussianSource random, int d, boolean rotated) {
    double[][] v = new double[d][d];
    for (int j = 0; j < d; j++) {
      if (!rotated) {
        v[j][j] = 1;
        continue;
      }
      random.fill(v[j]);
      makeOrthogonal(v, 0, j);
      double length = Math.sqrt(dot(v[j], v[j]));
      for (int i = 0; i < d; i++) {
        v[j][i] /= length;
      }
    }
    return v;
  }

  /** To the vectors before it by Gram and Schmidt, twice for orthogonality to rounding. */
  static void makeOrthogonal(double[][] v, int from, int j) {
    for (int pass = 0; pass < 2; pass++) {
      for (int k = from; k < j; k++) {
        double overlap = dot(v[k], v[j]);
        for (int i = 0; i < v[j].length; i++) {
          v[j][i] -= overlap * v[k][i];
        }
      }
    }
  }

  /** The sums that the one-step laws use. */
  public LocalGeometry geometry() {
    return LocalGeometry.of(gradient, sigma, hessian);
  }

  /** g at w_0, (d). */
  public double[] gradient() {
    return gradient;
  }

  /** Standard deviation of one sample's gradient a coordinate, (d). */
  public double[] sigma() {
    return sigma;
  }

  /** H, (d, d). */
  public double[][] hessian() {
    return hessian;
  }

  double[] start() {
    return start;
  }

  /** ν_i = g_i/√(g_i² + ε²) at w_0, (d). */
  double[] softSigns(double epsilon) {
    return Arrays.stream(gradient).map(g -> SoftSign.value(g, epsilon)).toArray();
  }

  /** A batch's gradient at w_0, (d). */
  double[] gradient(GaussianSource noise, double batch) {
    double shrink = 1 / Math.sqrt(batch);
    double[] g = new double[gradient.length];
    noise.fill(g);
    for (int i = 0; i < g.length; i++) {
      g[i] = gradient[i] + sigma[i] * shrink * g[i];
    }
    return g;
  }

  /** xᵀHx. */
  double curvature(double[] x) {
    return dot(x, times(hessian, x));
  }

  static double[] times(double[][] matrix, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = dot(matrix[i], x);
    }
    return y;
  }

  static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
