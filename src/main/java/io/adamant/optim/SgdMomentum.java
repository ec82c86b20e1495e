package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * Stochastic gradient descent with momentum, as a normalised moving average.
 *
 * <pre>
 * m &larr; &beta;1 m + (1&minus;&beta;1) g                    dampening: ema, from m = 0
 * m &larr; &beta;1 m + (1&minus;d) g,  m = g at t = 1      dampening: d, torch's convention
 * u = m,  or clip(m, &minus;c, c) with coordinate_clip: c &gt; 0
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>The clip acts on what moves the weights and is not fed back into m; {@code clipped_momentum}
 * in {@code metrics.jsonl} is the share of coordinates that it cut.
 *
 * <p>Deviations from {@code torch.optim.SGD}: by default torch's dampening is 0, so that its rate
 * &eta; acts like &eta;/(1&minus;&beta;) here; {@code dampening: 0} gives torch's buffer. torch's
 * weight decay is added to the gradient instead of shrinking the weights. Source: theory.md &sect;1
 * (SGDM, SGD+Cclip); Orvieto and Gower 2025, section 2.
 */
@PublicApi
public final class SgdMomentum {

  private SgdMomentum() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("sgdm"));
  }
}
