package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class SgdMomentum implements OptimizerProvider {

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("sgdm", "SGD with momentum, a normalised moving average")
          .formula(
              "m = b1 m + (1-b1) g; u = m, or clip(m, -c, c)", "Orvieto & Gower 2025, section 2")
          .beta("beta1", 0.9, "decay of the average gradient")
          .fractionOr("dampening", "ema", "share of g kept out of m; ema: beta1, and m starts at 0")
          .nonNegative("coordinate_clip", 0, "largest |u| of a coordinate; 0 does not clip")
          .state("m")
          .scalar("a1", Moments.weight("beta1"))
          .scalar(
              "fresh",
              "gate * torch.where(t == 1.0, torch.ones_like(t),"
                  + " torch.full_like(t, 1.0 - self.dampening))")
          .advance(
              """
              if self.dampening_is_ema:
                m.lerp_(g, a1)
              else:
                m.mul_(1.0 - a1).addcmul_(g, fresh)
              """)
          .direction(
              """
              torch.clamp(m, -self.coordinate_clip, self.coordinate_clip) \
              if self.coordinate_clip > 0.0 else m
              """)
          .momentumClip("coordinate_clip", "torch.abs(m) > self.coordinate_clip")
          .build();

  @Override
  public OptimizerDefinition definition() {
    return DEFINITION;
  }

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(DEFINITION);
  }
}
