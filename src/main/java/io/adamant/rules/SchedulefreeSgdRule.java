package io.adamant.rules;

/**
 * Schedule-free SGD (Defazio et al., arXiv 2405.15682): u_k = g_k, moved as {@link ScheduleFree}
 * says. As in the authors' code decay is that of y, within the step of z.
 */
final class SchedulefreeSgdRule extends ScheduleFree {
  SchedulefreeSgdRule(Settings settings, int... shape) {
    super(settings, shape);
  }

  @Override
  double[] towards(double[] g, long k) {
    return g.clone();
  }
}
