package io.adamant.theory;

import io.adamant.base.PublicApi;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * An update x/√v: x = Σ_j a_j·g_{t−j} any average of gradients, v the moving average (beta) of y²,
 * y = g + κ·(g − g'), g' the gradient of the step before. AdamW, NAdamW, AdEMAMix (κ = 0), MARS and
 * Adan are of this kind.
 *
 * <p>Its RMS is exact. With 1/v = ∫_0^∞ e^{−τv} dτ and v = gᵀMg a quadratic form, gradients
 * weighted by e^{−τv} are Gaussian again, with precision P = I + 2τM and mean P^{−1}μ, so that
 *
 * <pre>
 * E x²/v = ∫_0^∞ |P|^{−1/2}·e^{−(μ²/2)·1ᵀ(I − P^{−1})1}·[aᵀP^{−1}a + μ²(aᵀP^{−1}1)²] dτ,  σ = 1
 * </pre>
 *
 * <p>M is tridiagonal, diagonal at κ = 0, so a value of the integrand takes one pass over the
 * memory of v; the trapezoidal rule in log τ is accurate to 1e-8.
 *
 * <p>Its correlation over steps is taken to second order in the fluctuation δ of v = E y²·(1 + δ),
 * as {@link TotalUpdateContribution#secondOrder} is: with R_k = Σ_j a_j·a_{j+k}, h_j = Cov(x_t,
 * y_{t−j}), V = Var δ,
 *
 * <pre>
 * Σ_k z^|k|·E u_t·u_{t+k} ≈ [Σ_k z^|k|·R_k·(1 + 3V/4 + V·beta^|k|/4)
 *   − 2(1 − beta)·Σ_{j≥0} beta^j·h_j·Σ_l z^|l−j|·h_l/E y²]/E y²
 * </pre>
 *
 * <p>Assumptions: those of {@link NoiseUpdate}; {@link #meanSquare} allows a mean μ. Derived here;
 * theory.md §12.
 */
@PublicApi
public final class RatioUpdate implements NoiseUpdate {

  private static final double STEP = 0.4; // of log τ
  private static final double NEGLIGIBLE = 1e-7; // a weight of P − I

  private final GeometricSeries numerator; // a
  private final double difference; // κ
  private final double beta; // of v
  private final double[] corrections; // of a's terms: the b of their division by 1 − b^t, or 0
  private final double square; // E x²/v without a mean

  private RatioUpdate(
      GeometricSeries numerator, double difference, double beta, double... corrections) {
    this.numerator = numerator;
    this.difference = difference;
    this.beta = Arguments.beta("beta2", beta);
    this.corrections = corrections;
    square = meanSquare(0);
  }

  /**
   * AdamW, and RMSprop at beta1 = 0: x = m.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   */
  public static RatioUpdate adamw(double beta1, double beta2) {
    return new RatioUpdate(average(beta1), 0, beta2, beta1);
  }

  /**
   * NAdamW: x = beta1·m + (1 − beta1)·g.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   */
  public static RatioUpdate nadamw(double beta1, double beta2) {
    return nadam(beta1, beta2, beta1);
  }

  /**
   * NAdam once its coefficient no longer grows: x = coefficient·m + (1 − coefficient)·g.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   * @param coefficient beta1, where it grows at all
   */
  public static RatioUpdate nadam(double beta1, double beta2, double coefficient) {
    GeometricSeries numerator = average(beta1).times(q -> coefficient).plus(1 - coefficient, 0);
    return new RatioUpdate(numerator, 0, beta2, beta1, beta1);
  }

  /**
   * AdEMAMix after its warm-ups: x = m + alpha·n, n a slow average.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   * @param beta3 coefficient of n, in [0, 1)
   * @param alpha weight of n, at least 0
   */
  public static RatioUpdate ademamix(double beta1, double beta2, double beta3, double alpha) {
    double weight = Arguments.nonNegative("alpha", alpha) * (1 - Arguments.beta("beta3", beta3));
    return new RatioUpdate(average(beta1).plus(weight, beta3), 0, beta2, beta1, 0);
  }

  /**
   * MARS where its gradients' norm is clipped to the same length each step, or not at all: averages
   * of y with κ = gamma·beta1/(1 − beta1), so that x = (1 − gamma)·m + gamma·g.
   *
   * @param beta1 coefficient of x, in [0, 1)
   * @param beta2 coefficient of v, in [0, 1)
   * @param gamma strength of the variance reduction, at least 0
   */
  public static RatioUpdate mars(double beta1, double beta2, double gamma) {
    Arguments.nonNegative("gamma", gamma);
    GeometricSeries numerator = average(beta1).times(q -> 1 - gamma).plus(gamma, 0);
    return new RatioUpdate(numerator, gamma * beta1 / (1 - beta1), beta2, beta1, beta1);
  }

  /**
   * Adan: x = m + beta2·q, q the average (beta2) of g − g', and κ = beta2.
   *
   * @param beta1 coefficient of m, in [0, 1)
   * @param beta2 coefficient of q, in [0, 1)
   * @param beta3 coefficient of v, in [0, 1)
   */
  public static RatioUpdate adan(double beta1, double beta2, double beta3) {
    double fresh = 1 - Arguments.beta("beta2", beta2);
    GeometricSeries numerator = average(beta1).plus(fresh, 0).plus(-fresh * fresh, beta2);
    return new RatioUpdate(numerator, beta2, beta3, beta1, beta2, beta2);
  }

  static GeometricSeries average(double beta1) {
    return GeometricSeries.single(1 - Arguments.beta("beta1", beta1), beta1);
  }

  @Override
  public double rms() {
    return Math.sqrt(square);
  }

  /**
   * E u². Infinite at a beta of 0 for v, unless the update is ±1 there.
   *
   * @param snr ‖μ‖²/‖σ‖² of the gradients, at least 0
   */
  public double meanSquare(double snr) {
    Arguments.nonNegative("snr", snr);
    return integral(
        tau -> {
          Tilted p = new Tilted(numerator, difference, beta, tau);
          double drift = snr > 0 ? snr * p.mean * p.mean : 0;
          return p.density(snr) * (p.square + drift);
        });
  }

  /**
   * E u² after some steps from states of zero: the stationary one times what E x² is of its end,
   * with the bias corrections that the rule has. AdEMAMix's slow average has none, and grows for
   * thousands of steps.
   *
   * @param snr ‖μ‖²/‖σ‖² of the gradients, at least 0
   * @param steps t, at least 1
   * @param stationary what it is multiplied with, {@link #meanSquare(double)}
   */
  public double meanSquare(double snr, long steps, double stationary) {
    double mean = 0;
    double noise = 0;
    for (int i = 0; i < numerator.size(); i++) {
      double weight = numerator.weight(i) * correction(i, steps);
      double q = numerator.ratio(i);
      mean += weight * (1 - Math.pow(q, (double) steps)) / (1 - q);
      for (int l = 0; l < numerator.size(); l++) {
        double product = q * numerator.ratio(l);
        double both = weight * numerator.weight(l) * correction(l, steps);
        noise += both * (1 - Math.pow(product, (double) steps)) / (1 - product);
      }
    }
    double end = numerator.sum(1);
    return stationary
        * (snr * mean * mean + noise)
        / (snr * end * end + numerator.autocovariance().at(0));
  }

  /** What a term of x is multiplied with at step t. */
  double correction(int term, long steps) {
    return 1 / (1 - Math.pow(corrections[term], (double) steps));
  }

  /** x's own weights a, scaled to the sum of covariances that u has to second order. */
  GeometricSeries filter() {
    double factor = Math.sqrt(secondOrderSum(1)) / Math.abs(numerator.sum(1));
    return numerator.times(q -> factor);
  }

  @Override
  public double correlation(double discount) {
    return secondOrderSum(discount) / square;
  }

  @Override
  public NoiseUpdate meanField() {
    GeometricSeries linear = numerator.autocovariance();
    double y = (1 + difference) * (1 + difference) + difference * difference; // E y²
    return new NoiseUpdate() {
      @Override
      public double rms() {
        return Math.sqrt(linear.at(0) / y);
      }

      @Override
      public double correlation(double discount) {
        return linear.twoSided(discount) / linear.at(0);
      }
    };
  }

  /** Σ_k z^|k|·E u_t·u_{t+k} to second order. */
  double secondOrderSum(double z) {
    double y0 = (1 + difference) * (1 + difference) + difference * difference; // E y²
    double y1 = -difference * (1 + difference) / y0; // correlation of y with the step before
    double variance = 2 * (1 - beta) / (1 + beta) * (1 + 2 * beta * y1 * y1);
    GeometricSeries autocovariance = numerator.autocovariance();
    double walk =
        autocovariance.twoSided(z) * (1 + 0.75 * variance)
            + autocovariance.twoSided(z * beta) * variance / 4;
    GeometricSeries h = numerator.times(q -> 1 + difference - difference * q);
    double shared = -difference * numerator.at(0) * z * h.sum(beta * z); // h_{−1}
    for (int i = 0; i < h.size(); i++) {
      double q = h.ratio(i);
      for (int l = 0; l < h.size(); l++) {
        double other = h.ratio(l);
        double after = 1 / (1 - z * other);
        double before = beta * z * q / (1 - beta * z * q);
        shared += h.weight(i) * h.weight(l) * (after + before) / (1 - beta * q * other);
      }
    }
    return (walk - 2 * (1 - beta) * shared / y0) / y0;
  }

  /** ∫_0^∞ f(τ) dτ by the trapezoidal rule in log τ, from the middle outwards. */
  static double integral(DoubleUnaryOperator f) {
    double total = 0;
    for (double log = 0; log < 690; log += STEP) {
      double term = Math.exp(log) * f.applyAsDouble(Math.exp(log));
      total += term;
      if (term < 1e-14 * total) {
        break;
      }
      if (log + STEP >= 690) {
        return Double.POSITIVE_INFINITY;
      }
    }
    for (double log = -STEP; log > -40; log -= STEP) {
      total += Math.exp(log) * f.applyAsDouble(Math.exp(log));
    }
    return STEP * total;
  }

  /** What gradients weighted by e^{−τv} look like: the forms in P^{−1}, by LDLᵀ of P. */
  static final class Tilted {
    final double square; // aᵀP^{−1}a
    final double mean; // aᵀP^{−1}1
    final double first; // the leading pivot of P
    private final double missing; // 1ᵀ(I − P^{−1})1
    private final double logDeterminant;

    Tilted(GeometricSeries a, double difference, double beta, double tau) {
      double ahead = (1 + difference) * (1 + difference);
      double behind = difference * difference;
      double across = -difference * (1 + difference);
      double[] powers = new double[a.size()];
      Arrays.setAll(powers, a::weight);
      double weight = 2 * tau * (1 - beta);
      double earlier = 0; // the weight of the step after
      double pivot = 1;
      double product = 1;
      double log = 0;
      double solvedA = 0;
      double solvedOne = 0;
      double squares = 0;
      double means = 0;
      double ones = 0;
      double plainSquares = 0;
      double plainMeans = 0;
      double leading = 0;
      long j = 0;
      for (; Math.max(weight, earlier) * (ahead + behind) > NEGLIGIBLE || j == 0; j++) {
        double lower = j == 0 ? 0 : earlier * across / pivot;
        pivot = 1 + ahead * weight + behind * earlier - lower * earlier * across;
        leading = j == 0 ? pivot : leading;
        double value = 0;
        for (int i = 0; i < powers.length; i++) {
          value += powers[i];
          powers[i] *= a.ratio(i);
        }
        solvedA = value - lower * solvedA;
        solvedOne = 1 - lower * solvedOne;
        squares += solvedA * solvedA / pivot;
        means += solvedA * solvedOne / pivot;
        ones += 1 - solvedOne * solvedOne / pivot;
        plainSquares += value * value;
        plainMeans += value;
        product *= pivot;
        if (product > 1e200) {
          log += Math.log(product);
          product = 1;
        }
        earlier = weight;
        weight *= beta;
      }
      // Beyond, P is I but for a sum of 2τ·beta^j.
      double rest = 2 * tau * Math.pow(beta, (double) j);
      first = leading;
      square = squares + Math.max(0, a.autocovariance().at(0) - plainSquares);
      mean = means + a.sum(1) - plainMeans;
      missing = ones + rest;
      logDeterminant = log + Math.log(product) + rest * (ahead + behind);
    }

    /** |P|^{−1/2}·e^{−(snr/2)·1ᵀ(I − P^{−1})1}. */
    double density(double snr) {
      return Math.exp(-0.5 * (logDeterminant + (snr > 0 ? snr * missing : 0)));
    }
  }
}
