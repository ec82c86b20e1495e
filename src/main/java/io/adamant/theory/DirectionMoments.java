package io.adamant.theory;

import io.adamant.base.PublicApi;
import java.util.function.DoubleBinaryOperator;
import org.apache.commons.math3.special.Erf;

/**
 * Mean and second moment of one coordinate of an update direction, as functions of that
 * coordinate's gradient g and of the standard deviation s = σ/√B of its batch gradient.
 *
 * <p>The factories give the families that the one-step law is written for. Assumes Gaussian noise;
 * for momentum, a gradient that does not move. Source: theory.md §2 and §3.
 */
@PublicApi
public interface DirectionMoments {

  /**
   * E φ at gradient g.
   *
   * @param gradient g
   * @param deviation s, above 0
   */
  double mean(double gradient, double deviation);

  /**
   * E φ² at gradient g.
   *
   * @param gradient g
   * @param deviation s, above 0
   */
  double second(double gradient, double deviation);

  /**
   * SGD with normalised momentum: g and g² + r·s². Exact; beta1 = 0 is SGD.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  static DirectionMoments sgdm(double beta1) {
    double r = EffectiveBatch.noiseRatio(beta1);
    return of((g, s) -> g, (g, s) -> g * g + r * s * s);
  }

  /**
   * Signum: erf(g/(s√(2r))) and 1. Exact; beta1 = 0 is SignSGD.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  static DirectionMoments signum(double beta1) {
    double scale = 1 / Math.sqrt(2 * EffectiveBatch.noiseRatio(beta1));
    return of((g, s) -> Erf.erf(scale * g / s), (g, s) -> 1);
  }

  /**
   * Signum in mean field: g/√(g² + r·s²) and 1. The mean is up to 25.3 % too large.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  static DirectionMoments signumMeanField(double beta1) {
    double r = EffectiveBatch.noiseRatio(beta1);
    return of((g, s) -> g / Math.sqrt(g * g + r * s * s), (g, s) -> 1);
  }

  /**
   * Adam in mean field, beta2 → 1: g/√(g² + s²) and (g² + r·s²)/(g² + s²).
   *
   * @param beta1 momentum coefficient, in [0, 1)
   */
  static DirectionMoments adam(double beta1) {
    double r = EffectiveBatch.noiseRatio(beta1);
    return of(
        (g, s) -> g / Math.sqrt(g * g + s * s), (g, s) -> (g * g + r * s * s) / (g * g + s * s));
  }

  /**
   * SoftSign with denominator √(g² + ε²): {@link SoftSign#mean} and {@link SoftSign#second}.
   *
   * @param epsilon ε, at least 0, in units of the gradient
   */
  static DirectionMoments softSign(double epsilon) {
    Arguments.nonNegative("epsilon", epsilon);
    return of(
        (g, s) -> SoftSign.mean(g / s, epsilon / s), (g, s) -> SoftSign.second(g / s, epsilon / s));
  }

  private static DirectionMoments of(DoubleBinaryOperator mean, DoubleBinaryOperator second) {
    return new DirectionMoments() {
      @Override
      public double mean(double gradient, double deviation) {
        return mean.applyAsDouble(gradient, deviation);
      }

      @Override
      public double second(double gradient, double deviation) {
        return second.applyAsDouble(gradient, deviation);
      }
    };
  }
}
