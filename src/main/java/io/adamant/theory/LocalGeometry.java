package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * What the one-step laws need to know of the loss at a point: seven sums over gradient g, Hessian H
 * (d, d) and the covariance Σ (d, d) of ONE sample's gradient.
 *
 * <p>Source: kexue.fm 11301; theory.md §2.
 *
 * @param gradientSquare gᵀg, above 0
 * @param gradientCurvature gᵀHg, above 0
 * @param noiseTrace tr Σ = Σ_i σ_i², at least 0
 * @param noiseCurvature tr(ΣH), at least 0
 * @param gradientL1 Σ_i |g_i|, above 0
 * @param curvatureTrace T = tr H, above 0
 * @param signCurvature P = Σ_ij H_ij·sign(g_i·g_j), above 0; equal to T for a diagonal H
 */
@PublicApi
public record LocalGeometry(
    double gradientSquare,
    double gradientCurvature,
    double noiseTrace,
    double noiseCurvature,
    double gradientL1,
    double curvatureTrace,
    double signCurvature) {

  /** Checks the ranges. */
  public LocalGeometry {
    Arguments.positive("gradientSquare", gradientSquare);
    Arguments.positive("gradientCurvature", gradientCurvature);
    Arguments.nonNegative("noiseTrace", noiseTrace);
    Arguments.nonNegative("noiseCurvature", noiseCurvature);
    Arguments.positive("gradientL1", gradientL1);
    Arguments.positive("curvatureTrace", curvatureTrace);
    Arguments.positive("signCurvature", signCurvature);
  }

  /**
   * Sums them up for a quadratic loss with independent noise in each coordinate.
   *
   * @param gradient g, of length d
   * @param sigma standard deviation of one sample's gradient a coordinate, of length d
   * @param hessian H, symmetric, of shape (d, d)
   */
  public static LocalGeometry of(double[] gradient, double[] sigma, double[][] hessian) {
    Arguments.sameLength("sigma", sigma.length, "gradient", gradient.length);
    double[][] covariance = new double[gradient.length][gradient.length];
    for (int i = 0; i < sigma.length; i++) {
      covariance[i][i] = sigma[i] * sigma[i];
    }
    return of(gradient, covariance, hessian);
  }

  /**
   * Sums them up for a quadratic loss with any noise covariance.
   *
   * @param gradient g, of length d
   * @param covariance Σ of one sample's gradient, of shape (d, d)
   * @param hessian H, symmetric, of shape (d, d)
   */
  public static LocalGeometry of(double[] gradient, double[][] covariance, double[][] hessian) {
    int d = gradient.length;
    Arguments.square("covariance", covariance, d);
    Arguments.square("hessian", hessian, d);
    double square = 0;
    double curvature = 0;
    double noise = 0;
    double noiseCurvature = 0;
    double l1 = 0;
    double trace = 0;
    double signs = 0;
    for (int i = 0; i < d; i++) {
      square += gradient[i] * gradient[i];
      l1 += Math.abs(gradient[i]);
      noise += covariance[i][i];
      trace += hessian[i][i];
      for (int j = 0; j < d; j++) {
        curvature += gradient[i] * hessian[i][j] * gradient[j];
        noiseCurvature += covariance[i][j] * hessian[j][i];
        signs += Math.signum(gradient[i]) * hessian[i][j] * Math.signum(gradient[j]);
      }
    }
    return new LocalGeometry(square, curvature, noise, noiseCurvature, l1, trace, signs);
  }

  /** {@link NoiseScale#simple}: tr Σ/gᵀg. */
  public double noiseScaleSimple() {
    return NoiseScale.simple(noiseTrace, gradientSquare);
  }

  /** {@link NoiseScale#curved}: tr(ΣH)/gᵀHg. */
  public double noiseScaleCurved() {
    return NoiseScale.curved(noiseCurvature, gradientCurvature);
  }

  /** {@link NoiseScale#maximalLearningRate}: gᵀg/gᵀHg. */
  public double maximalLearningRate() {
    return NoiseScale.maximalLearningRate(gradientSquare, gradientCurvature);
  }
}
