package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * Theorem 4.1: equal-beta Adam as online variational inference of a Gaussian N(m, σ²) over the
 * gradient, by
 *
 * <pre>min over m, σ² of −log p(g_{k+1}|m, σ²) + (1/λ)·KL(N(m_k, σ_k²) ‖ N(m, σ²)),   λ &gt; 0
 * </pre>
 *
 * <p>(4)-(6). With beta = 1/(1 + λ) the minimum is (7), (8). Exact; a numeric minimum agrees to
 * 7e-8. The direction of KL matters: KL(new ‖ old) does not give these updates and is unbounded
 * below. The paper's "λ ≥ 0" must exclude 0. Weighting λ·KL instead gives beta = λ/(1 + λ).
 *
 * <p>Source: arXiv 2505.21829 (4)-(8); theory.md §6.
 *
 * @param mean m_k, finite
 * @param variance σ_k², above 0
 */
@PublicApi
public record VariationalMomentum(double mean, double variance) {

  /** Checks the ranges. */
  public VariationalMomentum {
    Arguments.finite("mean", mean);
    Arguments.positive("variance", variance);
  }

  /**
   * beta = 1/(1 + λ).
   *
   * @param lambda λ, above 0
   */
  public static double beta(double lambda) {
    return 1 / (1 + Arguments.positive("lambda", lambda));
  }

  /**
   * The minimiser: m' = beta·m + (1 − beta)·g (7) and σ'² = beta·σ² + beta(1 − beta)(m − g)² (8).
   *
   * @param gradient g, finite
   * @param lambda λ, above 0
   */
  public VariationalMomentum update(double gradient, double lambda) {
    double beta = beta(lambda);
    double deviation = mean - Arguments.finite("gradient", gradient);
    return new VariationalMomentum(
        beta * mean + (1 - beta) * gradient,
        beta * variance + beta * (1 - beta) * deviation * deviation);
  }

  /**
   * The objective (4), without the constant ½·log 2π, of moving from this Gaussian to another.
   *
   * @param candidate N(m, σ²)
   * @param gradient g, finite
   * @param lambda λ, above 0
   */
  public double objective(VariationalMomentum candidate, double gradient, double lambda) {
    double likelihood =
        Math.log(candidate.variance) / 2
            + square(Arguments.finite("gradient", gradient) - candidate.mean)
                / (2 * candidate.variance);
    return likelihood + divergence(candidate) / Arguments.positive("lambda", lambda);
  }

  /**
   * KL(this ‖ other) (6): ½[σ²/σ'² + (m − m')²/σ'² − 1 − log(σ²/σ'²)].
   *
   * @param other N(m', σ'²)
   */
  public double divergence(VariationalMomentum other) {
    double ratio = variance / other.variance;
    return (ratio + square(mean - other.mean) / other.variance - 1 - Math.log(ratio)) / 2;
  }

  private static double square(double x) {
    return x * x;
  }
}
