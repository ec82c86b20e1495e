package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import io.adamant.theory.Parameter.Domain;
import java.util.List;

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

  private static final Law THEOREM =
      Law.of(
          Unit.UPDATE,
          "λ > 0, divergence of the old from the new Gaussian",
          "arXiv 2505.21829 Theorem 4.1; theory.md §6");

  static final Quantity EQUAL_BETAS =
      new Quantity(
          "equal-betas",
          "equal-beta Adam as inference of mean and variance, and as a trust region",
          List.of(
              Parameter.number("mean", "m before the gradient", Domain.FINITE, 0.3),
              Parameter.number("variance", "σ² before the gradient", Domain.POSITIVE, 0.5),
              Inputs.GRADIENT,
              Parameter.number("lambda", "λ, with beta = 1/(1 + λ)", Domain.POSITIVE, 0.1)),
          law(THEOREM, "beta", "1/(1 + λ)").in(Unit.COEFFICIENT).is(v -> beta(v.number("lambda"))),
          law(THEOREM, "mean", "m' = beta·m + (1 − beta)·g, (7)")
              .in(Unit.GRADIENT)
              .is(v -> updated(v).mean),
          law(THEOREM, "variance", "σ'² = beta·σ² + beta(1 − beta)(m − g)², (8)")
              .in(Unit.GRADIENT_SQUARE)
              .is(v -> updated(v).variance),
          law(THEOREM, "direction", "m'/√(m'² + σ'²), (9)")
              .source("arXiv 2505.21829 (9); theory.md §6")
              .is(v -> EqualBetas.directionFromSnr(updated(v).mean, updated(v).deviation())),
          law(THEOREM, "trust_radius", "1/√(1 + σ'²/m'²), Adam's; Signum's is 1")
              .source("arXiv 2505.21829 (11); theory.md §6")
              .is(v -> updated(v).radius()),
          law(THEOREM, "trust_region_step", "argmin of m'·θ over |θ| ≤ radius = −radius·sign(m')")
              .source("arXiv 2505.21829 (10), (11), corrected; theory.md §6")
              .is(v -> TrustRegion.step(updated(v).mean, updated(v).radius())),
          law(THEOREM, "trust_region_as_printed", "argmin of −m'·θ as printed: the step uphill")
              .error("a misprint: the wrong sign")
              .valid("never; shown for comparison")
              .source("arXiv 2505.21829 (10), (11); theory.md §6")
              .is(v -> TrustRegion.stepAsPrinted(updated(v).mean, updated(v).radius())));

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

  private static VariationalMomentum updated(Values v) {
    return new VariationalMomentum(v.number("mean"), v.number("variance"))
        .update(v.number("gradient"), v.number("lambda"));
  }

  private double deviation() {
    return Math.sqrt(variance);
  }

  private double radius() {
    return TrustRegion.adamRadius(mean, deviation());
  }
}
