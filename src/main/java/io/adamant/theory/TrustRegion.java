package io.adamant.theory;

import io.adamant.base.PublicApi;

/**
 * Signum and equal-beta Adam as steps to the edge of a trust region, coordinate by coordinate.
 *
 * <pre>argmin over |θ| ≤ c of m·θ = −c·sign(m)</pre>
 *
 * <p>The paper's (10) and (11) print −m·θ, whose minimum is +c·sign(m), a step uphill: a misprint.
 * Exact.
 *
 * <p>Source: arXiv 2505.21829 (9)-(11), corrected; theory.md §6.
 */
@PublicApi
public final class TrustRegion {

  private TrustRegion() {}

  /**
   * The minimiser of m·θ over |θ| ≤ radius: −radius·sign(m).
   *
   * @param momentum m, finite
   * @param radius c, at least 0
   */
  public static double step(double momentum, double radius) {
    Arguments.finite("momentum", momentum);
    return -Arguments.nonNegative("radius", radius) * Math.signum(momentum);
  }

  /**
   * What (10) and (11) give as printed: +radius·sign(m). Kept to show the misprint.
   *
   * @param momentum m, finite
   * @param radius c, at least 0
   */
  public static double stepAsPrinted(double momentum, double radius) {
    return -step(momentum, radius);
  }

  /** Signum's radius: 1 in every coordinate. */
  public static double signumRadius() {
    return 1;
  }

  /**
   * Adam's radius at beta1 = beta2: 1/√(1 + σ²/m²), which is 1/√(1 + 1/SNR²) with the paper's SNR =
   * m/σ (not squared). It shrinks where the gradient is noise.
   *
   * @param mean m, finite
   * @param deviation σ, at least 0
   */
  public static double adamRadius(double mean, double deviation) {
    return Math.abs(EqualBetas.directionFromSnr(mean, deviation));
  }
}
