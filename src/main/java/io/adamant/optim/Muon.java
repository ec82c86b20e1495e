package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * Muon: the average gradient of a matrix with all its singular values moved near 1; AdamW for
 * everything that is not a matrix.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) g
 * x = &beta;1 m + (1&minus;&beta;1) g               nesterov: true;   else x = m
 * u = rms_scale &radic;max(rows, cols) O(x)
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>O is the approximate orthogonal factor by {@code ns_steps} steps of the quintic Newton-Schulz
 * iteration with K. Jordan's coefficients: with X = x/||x||_F, A = XX&#7488;, X &larr; aX + (bA +
 * cA&sup2;)X. The singular values end near 1, not at 1. The scale gives u the RMS {@code
 * rms_scale}, near AdamW's, so that rate and decay of an AdamW run carry over. Embedding and head
 * are matrices too: give them to AdamW with a parameter group where that is wanted.
 *
 * <p>Deviations from K. Jordan's Muon: the average is normalised and nothing is added to the norm,
 * both without effect on O; the iteration runs in the weights' precision, not in bfloat16; the
 * scale is that of Liu et al. 2025. A matrix has no use for v, which holds one zero there. Source:
 * Jordan et al. 2024; Liu et al. 2025, arXiv 2502.16982.
 */
@PublicApi
public final class Muon {

  private Muon() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("muon"));
  }
}
