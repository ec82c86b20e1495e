package io.adamant.theory;

import static io.adamant.theory.Law.law;

import io.adamant.base.PublicApi;
import java.util.List;

/**
 * The total contribution of one gradient to all of Adam's later updates, ũ_t = Σ_{k≥t} (1 −
 * beta1)·beta1^{k−t}·g_t/√v_k (27), and its RMS. Where it is 1, w² follows the recursion of
 * uncorrelated unit steps, (28), and (30) = (19). (The "=" in (28) should be "≈": the tails at both
 * ends are dropped.)
 *
 * <p>Assumptions: independent Gaussian gradients without signal, epsilon = 0, stationary v.
 *
 * <p>Source: kexue.fm 11307 (27)-(30); theory.md §5. The second order is derived here.
 */
@PublicApi
public final class TotalUpdateContribution {

  static final Quantity TOTAL_UPDATE =
      new Quantity(
          "total-update",
          "RMS of a gradient's total contribution to all of Adam's updates",
          List.of(Inputs.BETA1, Inputs.BETA2),
          law(UpdateRms.NO_SIGNAL, "mean_field", "1, (29)")
              .error(
                  "measured 0.977 at (0, 0.95), 0.984 (0.9, 0.95), 1.040 (0.95, 0.8), each ± 0.009")
              .source("kexue.fm 11307 (27)-(29); theory.md §5")
              .is(v -> meanField()),
          law(UpdateRms.NO_SIGNAL, "second_order", "second order in the fluctuation of v")
              .error("within 0.9 % for beta2 ≥ 0.8")
              .source("derived here; theory.md §5")
              .is(v -> secondOrder(v.beta1(), v.beta2())));

  private TotalUpdateContribution() {}

  /**
   * The article's (29): 1, by taking RMS(g_t/√v_k) = 1 for each k.
   *
   * <p>Stated error: measured 0.977 at (beta1, beta2) = (0, 0.95), 0.984 (0.9, 0.95), 1.004 (0.95,
   * 0.95), 1.040 (0.95, 0.8), 0.998 (0.9, 0.999), each ± 0.009.
   */
  public static double meanField() {
    return 1;
  }

  /**
   * The RMS of ũ to second order in the fluctuation δ_k of v_k = σ²(1 + δ_k):
   *
   * <pre>
   * E ũ² ≈ 1 − 2(1 − beta2)·A + V·(3 + B)/4,
   * A = (1 − beta1)/(1 − beta1·beta2),   V = 2(1 − beta2)/(1 + beta2),
   * B = (1 − beta1)(1 + beta1·beta2)/((1 + beta1)(1 − beta1·beta2)).
   * </pre>
   *
   * <p>A is the share of g_t² that v_k holds, weighted by the discounts; B the correlation of v_j
   * with v_k, weighted alike. Within the 95 % interval (0.9 %) of every measured point with beta2 ≥
   * 0.8.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param beta2 second-moment coefficient, in [0, 1)
   */
  public static double secondOrder(double beta1, double beta2) {
    Arguments.beta("beta2", beta2);
    double open = 1 - beta1 * beta2;
    double ownShare = (1 - beta1) / open;
    double variance = 2 * (1 - beta2) / (1 + beta2);
    double likeness = EffectiveBatch.noiseRatio(beta1) * (1 + beta1 * beta2) / open;
    return Math.sqrt(1 - 2 * (1 - beta2) * ownShare + variance * (3 + likeness) / 4);
  }
}
