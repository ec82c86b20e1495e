package io.adamant.theory;

import java.util.List;

/**
 * Every formula for the course of single directions over steps: correlation of signs, equal betas,
 * and optimizers as filters; for tables, JSON and charts. The formulas themselves are in the
 * classes named.
 *
 * <p>The lists cannot be modified. Arguments are checked by the formulas.
 */
public final class DirectionCatalogue {

  private static final String ARCSINE = "independent Gaussian gradients, momentum stationary";
  private static final String THEOREM = "arXiv 2505.21829 Theorem 4.1; theory.md §6";

  private DirectionCatalogue() {}

  /**
   * How Signum's updates hang together over steps, see {@link SignAutocorrelation}.
   *
   * @param beta1 momentum coefficient, in [0, 1)
   * @param snr ‖μ‖²/‖σ‖², at least 0
   * @param lag steps apart, at least 0
   */
  public static List<Formula> signCorrelation(double beta1, double snr, long lag) {
    return List.of(
        new Formula(
            "mean",
            "E sign(m) = erf(μ/(σ√(2r)))",
            UpdateRms.meanSign(beta1, snr),
            Unit.UPDATE,
            "exact",
            ARCSINE,
            "theory.md §5"),
        new Formula(
            "covariance",
            "Cov(sign m_t, sign m_{t+k}); (2/π)·arcsin(beta1^k) at snr = 0",
            SignAutocorrelation.covariance(beta1, snr, lag),
            Unit.UPDATE_SQUARE,
            "exact",
            ARCSINE,
            "arcsine law; theory.md §5, with a signal derived here"),
        new Formula(
            "random_walk_factor",
            "c(beta1) = 1 + (4/π)·Σ arcsin(beta1^k)",
            SignAutocorrelation.randomWalkFactor(beta1),
            Unit.RATIO,
            "exact",
            ARCSINE + ", snr = 0, many steps",
            "theory.md §5"),
        new Formula(
            "long_momentum",
            "its limit 2·ln 2/(1 − beta1)",
            2 * Math.log(2) / (1 - beta1),
            Unit.RATIO,
            "a limit: +8.5 % at 0.8, +4.4 % at 0.9, +2.3 % at 0.95",
            "beta1 → 1",
            "theory.md §5"));
  }

  /**
   * One step of equal-beta Adam as inference, see {@link VariationalMomentum}, {@link EqualBetas}
   * and {@link TrustRegion}.
   *
   * @param mean m before the gradient
   * @param variance σ² before the gradient, above 0
   * @param gradient g
   * @param lambda λ, above 0
   */
  public static List<Formula> equalBetas(
      double mean, double variance, double gradient, double lambda) {
    VariationalMomentum updated = new VariationalMomentum(mean, variance).update(gradient, lambda);
    double deviation = Math.sqrt(updated.variance());
    double radius = TrustRegion.adamRadius(updated.mean(), deviation);
    String any = "λ > 0, divergence of the old from the new Gaussian";
    return List.of(
        exact(
            "beta", "1/(1 + λ)", VariationalMomentum.beta(lambda), Unit.COEFFICIENT, any, THEOREM),
        exact(
            "mean", "m' = beta·m + (1 − beta)·g, (7)", updated.mean(), Unit.GRADIENT, any, THEOREM),
        exact(
            "variance",
            "σ'² = beta·σ² + beta(1 − beta)(m − g)², (8)",
            updated.variance(),
            Unit.GRADIENT_SQUARE,
            any,
            THEOREM),
        exact(
            "direction",
            "m'/√(m'² + σ'²), (9)",
            EqualBetas.directionFromSnr(updated.mean(), deviation),
            Unit.UPDATE,
            any,
            "arXiv 2505.21829 (9); theory.md §6"),
        exact(
            "trust_radius",
            "1/√(1 + σ'²/m'²), Adam's; Signum's is 1",
            radius,
            Unit.UPDATE,
            any,
            "arXiv 2505.21829 (11); theory.md §6"),
        exact(
            "trust_region_step",
            "argmin of m'·θ over |θ| ≤ radius = −radius·sign(m')",
            TrustRegion.step(updated.mean(), radius),
            Unit.UPDATE,
            any,
            "arXiv 2505.21829 (10), (11), corrected; theory.md §6"),
        new Formula(
            "trust_region_as_printed",
            "argmin of −m'·θ as printed: the step uphill",
            TrustRegion.stepAsPrinted(updated.mean(), radius),
            Unit.UPDATE,
            "a misprint: the wrong sign",
            "never; shown for comparison",
            "arXiv 2505.21829 (10), (11); theory.md §6"));
  }

  /**
   * Equal-beta Adam on a signal that decays, see {@link SignalOperator}.
   *
   * @param beta coefficient of both averages, in [0, 1)
   * @param decay a step, at least 0
   * @param count gradients seen, at least 1
   */
  public static List<Formula> signal(double beta, double decay, long count) {
    String source = "arXiv 2505.21829 appendix E; theory.md §8";
    return List.of(
        exact(
            "transient_factor",
            "beta·e^{2·decay}: blind to the decay iff below 1",
            SignalOperator.transientFactor(beta, decay),
            Unit.RATIO,
            "amplitude falls like e^{−decay·k}, epsilon = 0",
            source),
        exact(
            "largest_beta",
            "e^{−2·decay}: the output becomes periodic for every beta below",
            Math.exp(-2 * decay),
            Unit.COEFFICIENT,
            "amplitude falls like e^{−decay·k}, epsilon = 0",
            source),
        exact(
            "reach_from_zero",
            "√(1 − beta^k), averages from 0, not corrected",
            SignalOperator.reach(beta, count, SignalOperator.Start.ZERO),
            Unit.UPDATE,
            "epsilon = 0",
            source),
        exact(
            "reach_from_first",
            "1, averages from the first gradient",
            SignalOperator.reach(beta, count, SignalOperator.Start.FIRST_VALUE),
            Unit.UPDATE,
            "epsilon = 0, k of 2 or more",
            source));
  }

  private static Formula exact(
      String key, String title, double value, Unit unit, String validity, String source) {
    return new Formula(key, title, value, unit, "exact", validity, source);
  }
}
