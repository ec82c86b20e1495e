package io.adamant.optim;

import com.google.auto.service.AutoService;
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
@AutoService(OptimizerProvider.class)
public final class Muon implements OptimizerProvider {

  private static final String ORTHOGONAL =
      """
      def orthogonal(x: Tensor, steps: int) -> Tensor:
        # The smaller side makes the smaller A; the largest entry first, so that no square underflows.
        tall = x.size(0) > x.size(1)
        y = x.t() if tall else x
        y = ratio(y, torch.amax(torch.abs(y), [0, 1]), 0.0)
        y = ratio(y, torch.linalg_vector_norm(y), 0.0)
        for i in range(steps):
          a = torch.mm(y, y.t())
          p = torch.mm(a, a).mul_(2.0315).add_(a, alpha=-4.775)
          y = torch.mm(p, y).add_(y, alpha=3.4445)
        return y.t() if tall else y
      """;

  private static final OptimizerDefinition DEFINITION =
      OptimizerDefinition.of("muon", "Orthogonalised average gradient of matrices, AdamW elsewhere")
          .formula(
              "m = b1 m + (1-b1) g; u = rms_scale sqrt(max(rows, cols)) O(b1 m + (1-b1) g);"
                  + " AdamW where not a matrix",
              "Jordan et al. 2024; Liu et al. 2025")
          .beta("beta1", 0.95, "decay of a matrix's average gradient")
          .flag("nesterov", true, "mix the gradient into the average once more")
          .whole("ns_steps", 5, 1, 1000, "steps of the Newton-Schulz iteration")
          .nonNegative("rms_scale", 0.2, "RMS of the direction of a matrix")
          .beta("adam_beta1", 0.95, "beta1 of what is not a matrix")
          .beta("adam_beta2", 0.95, "beta2 of what is not a matrix")
          .nonNegative("adam_eps", 1e-8, "eps of what is not a matrix")
          .state("m")
          .vectorState("v")
          .scalar("a", Moments.weight("beta1"))
          .scalar("a1", Moments.weight("adam_beta1"))
          .scalar("a2", Moments.weight("adam_beta2"))
          .scalar("c1", Moments.correction("adam_beta1", "True"))
          .scalar("c2", Moments.correction("adam_beta2", "True"))
          .prelude(ORTHOGONAL)
          .advance(
              """
              if g.dim() == 2:
                m.lerp_(g, a)
              else:
                m.lerp_(g, a1)
                v.lerp_(g * g, a2)
              """)
          .direction(
              """
              orthogonal(torch.lerp(g, m, self.beta1) if self.nesterov else m, self.ns_steps) \
              .mul_(self.rms_scale * float(max(g.size(0), g.size(1))) ** 0.5) \
              if g.dim() == 2 \
              else ratio(m / c1, (v / c2).sqrt_().add_(self.adam_eps), self.adam_eps)
              """)
          .wholeTensors()
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
