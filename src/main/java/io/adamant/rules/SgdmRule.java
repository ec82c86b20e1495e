package io.adamant.rules;

import java.util.OptionalDouble;

/**
 * SGD with momentum, u_k = m_k (theory.md §1).
 *
 * <p>{@code dampening: ema}: m_k = β1 m_{k−1} + (1−β1) g_k from m_0 = 0, no bias correction. {@code
 * dampening: d}: torch's convention, m_1 = g_1 and then m_k = β1 m_{k−1} + (1−d) g_k; it equals the
 * normalised average, begun at the first gradient, only for d = β1.
 *
 * <p>{@code coordinate_clip: c} > 0 gives u_k = clip(m_k, −c, c), not fed back into m.
 */
final class SgdmRule extends GuardedRule {
  private final double beta1;
  private final OptionalDouble dampening;
  private final double coordinateClip;
  private final Momentum momentum;
  private final double[] m = zeros("m");

  SgdmRule(Settings settings, int size) {
    super(size);
    beta1 = settings.beta("beta1", 0.9);
    dampening = settings.fractionUnless("dampening", "ema");
    coordinateClip = settings.nonNegative("coordinate_clip", 0.0);
    momentum = new Momentum(settings, this);
  }

  @Override
  double[] direction(double[] g, long k) {
    boolean undamped = dampening.isPresent() && k == 1;
    double weight = undamped ? 1 : 1 - dampening.orElse(beta1);
    double[] u = new double[g.length];
    for (int i = 0; i < m.length; i++) {
      m[i] = beta1 * m[i] + weight * g[i];
      u[i] = momentum.of(i, m[i], g[i], beta1, 1 - dampening.orElse(beta1), false, k);
    }
    return coordinateClip > 0 ? Clipping.coordinates(u, coordinateClip) : u;
  }
}
