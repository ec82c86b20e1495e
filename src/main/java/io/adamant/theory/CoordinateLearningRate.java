package io.adamant.theory;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * The one-step optimal learning rate with the moments of every coordinate taken by themselves,
 * where {@link OptimalLearningRate} has one number for all:
 *
 * <pre>η* = Σ_i E[φ_i]·g_i / (Σ_ij H_ij·E[φ_i]·E[φ_j] + Σ_i H_ii·(E[φ_i²] − E[φ_i]²))</pre>
 *
 * <p>Assumes noise independent over coordinates, a quadratic loss, one step. Stated error against
 * simulation: SignSGD and Signum with erf moments median at most 0.3 %; Adam (beta2 = 0.99) median
 * 0.1–0.4 %, at most 3 %; larger only at B ≪ 1, where the simulation is noisy itself. With noise
 * correlated over coordinates it fails like the mean field.
 *
 * <p>Source: theory.md §2, "per-coordinate version".
 */
@PublicApi
public final class CoordinateLearningRate {

  private CoordinateLearningRate() {}

  /**
   * η* at batch size B.
   *
   * @param moments of the method's direction
   * @param gradient g, of length d
   * @param sigma standard deviation of one sample's gradient a coordinate, above 0, of length d
   * @param hessian H, symmetric, of shape (d, d)
   * @param batch B, above 0
   * @throws InputException if shapes disagree or the curvature along the step is not positive
   */
  public static double optimal(
      DirectionMoments moments,
      double[] gradient,
      double[] sigma,
      double[][] hessian,
      double batch) {
    int d = gradient.length;
    Arguments.sameLength("sigma", sigma.length, "gradient", d);
    Arguments.square("hessian", hessian, d);
    double shrink = 1 / Math.sqrt(Arguments.positive("batch", batch));
    double[] mean = new double[d];
    double alignment = 0;
    double curvature = 0;
    for (int i = 0; i < d; i++) {
      double deviation = Arguments.positive("sigma", sigma[i]) * shrink;
      mean[i] = moments.mean(gradient[i], deviation);
      alignment += mean[i] * gradient[i];
      double variance = moments.second(gradient[i], deviation) - mean[i] * mean[i];
      curvature += hessian[i][i] * variance;
    }
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        curvature += hessian[i][j] * mean[i] * mean[j];
      }
    }
    return OptimalLearningRate.ofMoments(alignment, curvature);
  }
}
