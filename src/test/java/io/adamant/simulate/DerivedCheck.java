package io.adamant.simulate;

import io.adamant.theory.LocalGeometry;
import io.adamant.theory.LongRun;
import io.adamant.theory.OptimalLearningRate;
import io.adamant.theory.SoftSign;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;

/**
 * A formula of the catalogue to be held against a sum, a search or another closed form.
 *
 * @param quantity name
 * @param inputs as name=value, separated by spaces; the others have their defaults
 * @param key of the formula
 * @param expected by another route
 * @param error relative, of that route
 */
record DerivedCheck(
    String quantity, String inputs, String key, DoubleSupplier expected, double error) {

  /** The default point of the learning-rate quantities, with P = 6T so that every method surges. */
  private static final LocalGeometry POINT = new LocalGeometry(30, 60, 480, 960, 30, 60, 360);

  private static final String SURGING = "sign-curvature=360 beta1=0.8";
  private static final String EQUAL = "mean=-0.9 variance=0.2 gradient=0.3 lambda=1";

  /** lr·weightDecay = 0.02, as in {@link MemorySums}. */
  private static final String SLOW = "lr=0.2 weight-decay=0.1";

  private static final String SIGNUM = "optimizer=signum " + SLOW;

  /** With beta = 1/2: the mean of −0.9 and 0.3, and 0.2/2 + 1.2²/4. */
  private static final double NEW_MEAN = -0.3;

  private static final double NEW_NORM = Math.sqrt(0.09 + 0.1 + 0.36);
  private static final double GRADIENT_SQUARE = 30;
  private static final double GRADIENT_CURVATURE = 60;

  static List<DerivedCheck> all() {
    return List.of(
        // u² = (s + r)/(s + 1) at s = 0.37, r = 0.15/1.85.
        row("snr", "beta1=0.85 update-rms=0.573809", "from_update_rms", () -> 0.37, 1e-4),
        row("snr", "beta1=0.85 momentum-ratio=0.573809", "from_momentum_ratio", () -> 0.37, 1e-4),
        row("sup-update", "beta1=0.9 beta2=0.999", "limit", () -> supremum(0.9, 0.999), 1e-9),
        // (26) as printed gives the square: √(0.02/0.2·19), and so its root for the RMS.
        row(
            "weight-rms",
            "optimizer=signum lr=0.02 steps=10",
            "as_printed",
            () -> Math.sqrt(Math.sqrt(0.1 * 19)),
            1e-9),
        row("noise-scale", "", "maximal_learning_rate", DerivedCheck::bestRate, 1e-6),
        row("noise-scale", "", "maximal_loss_decrease", () -> decrease(bestRate()), 1e-9),
        // (S/S_min − 1)(E/E_min − 1) = 1, with S/S_min = 1.5 at B = 2·B_noise.
        row("noise-scale", "batch=32", "relative_samples", () -> 1 + 1 / (1.5 - 1), 1e-12),
        row(
            "surge",
            SURGING,
            "sign_sgd",
            () -> peak(b -> OptimalLearningRate.signSgd(POINT, b)),
            1e-5),
        row(
            "surge",
            SURGING,
            "signum",
            () -> peak(b -> OptimalLearningRate.signum(POINT, 0.8, b)),
            1e-5),
        row(
            "softsign-lr",
            "soft-curvature=300",
            "surge",
            () -> peak(b -> OptimalLearningRate.softSign(1, 300, 60, SoftSign.strength(8, b))),
            1e-5),
        // gᵀg/η − gᵀHg is the noise's part: π/2 times that of the corrected form.
        row(
            "softsign-lr",
            "batch=3",
            "large_epsilon_as_printed",
            () -> 30 / (60 + Math.PI / 2 * (30 / (30 / (60 + 16 * 60 / 3.0)) - 60)),
            1e-9),
        row(
            "softsign",
            "gradient=0.02 epsilon=0.5",
            "mean_slope",
            () -> clipSlope(0.5) * 0.02,
            1e-3),
        // P = T: a diagonal Hessian.
        row("surge", "beta1=0.8", "adam_diagonal", () -> peak(b -> adam(60, b)), 1e-5),
        row("surge", "beta1=0.8", "adam_diagonal_fall", DerivedCheck::fall, 1e-6),
        row("surge", SURGING, "adam", () -> peak(b -> adam(360, b)), 1e-5),
        row("surge", SURGING, "sign_sgd_erf", () -> peak(b -> sureSign(b / 16)), 1e-5),
        row("surge", SURGING, "signum_erf", () -> peak(b -> sureSign(b / 16 * 9)), 1e-5),
        row("optimal-lr", "batch=5", "sign_sgd_erf", () -> slope(5 / 16.0), 1e-6),
        row("optimal-lr", "batch=5", "signum_erf", () -> slope(5 / 16.0 * 19), 1e-6),
        row("softsign-lr", "batch=3", "strength", () -> softened(8 / 3.0), 1e-9),
        row("softsign-lr", "batch=3", "soft_sign", DerivedCheck::softRate, 1e-6),
        row(
            "sgdm-variance",
            "",
            "small_rate",
            () -> 3e5 * LongRun.sgdmVariance(0.9, 1e-6, 1, 1),
            1e-5),
        row("batch-magnification", "", "noise_ratio", () -> kept(0.9, 1000), 1e-9),
        row("batch-magnification", "steps=7", "noise_ratio_after", () -> kept(0.9, 7), 1e-9),
        row("batch-magnification", "", "magnification", () -> 1 / kept(0.9, 1000), 1e-9),
        row("batch-magnification", "", "effective_batch", () -> 32 / kept(0.9, 1000), 1e-9),
        row(
            "batch-magnification",
            "",
            "long_run_signum_rate_ratio",
            () -> 1 / Math.sqrt(MemorySums.signWalk(0.9)),
            1e-6),
        row(
            "sign-correlation",
            "beta1=0.7",
            "random_walk_factor",
            () -> MemorySums.signWalk(0.7),
            1e-6),
        row("sign-correlation", "lag=3", "covariance", () -> MemorySums.signs(0.9, 3), 1e-9),
        row("sign-correlation", "", "long_momentum", () -> MemorySums.longWalk() / 0.1, 1e-6),
        row(
            "decay-sums",
            "steps=90 lr=0.1",
            "variance_of_m",
            () -> MemorySums.decaySquares(0.9, 90),
            1e-9),
        // The gradients themselves, and 2 for 1 + c.
        row(
            "decay-sums",
            "steps=90 lr=0.1",
            "variance_approximate",
            () -> 1.99 / 2 * MemorySums.decaySquares(0, 90),
            1e-9),
        row("weight-rms", SLOW + " steps=300", "exact_finite", () -> MemorySums.adamw(300), 1e-9),
        row("weight-rms", SLOW, "exact_stationary", () -> MemorySums.adamw(1500), 1e-6),
        row(
            "weight-rms",
            SLOW + " weight-decay=0 steps=9",
            "without_decay",
            () -> Math.hypot(0.1, 0.6),
            1e-9),
        row(
            "weight-rms",
            SIGNUM + " steps=300",
            "exact_finite",
            () -> MemorySums.signum(300),
            1e-6),
        row("weight-rms", SIGNUM + " steps=300", "recursion", () -> MemorySums.signum(300), 1e-6),
        row("weight-rms", SIGNUM, "exact_stationary", () -> MemorySums.signum(1500), 1e-6),
        // Memory that is short against the decay: c(beta1) or 1/r independent steps.
        row(
            "weight-rms",
            SIGNUM,
            "slow_decay",
            () -> MemorySums.slow(MemorySums.signWalk(0.9)),
            1e-6),
        row("weight-rms", SIGNUM, "stationary_mean_field", () -> MemorySums.slow(19), 1e-9),
        row("weight-rms", SIGNUM + " steps=9000", "mean_field", () -> MemorySums.slow(19), 1e-6),
        // The update is linear: m' − g = beta·(m − g).
        row("equal-betas", "lambda=0.25", "beta", () -> 0.8, 1e-12),
        row("equal-betas", EQUAL, "trust_radius", () -> -NEW_MEAN / NEW_NORM, 1e-9),
        row("equal-betas", EQUAL, "trust_region_step", () -> argmin(NEW_MEAN), 1e-9),
        row("equal-betas", EQUAL, "trust_region_as_printed", () -> argmin(-NEW_MEAN), 1e-9));
  }

  private static DerivedCheck row(
      String quantity, String inputs, String key, DoubleSupplier expected, double error) {
    return new DerivedCheck(quantity, inputs, key, expected, error);
  }

  /** Adam's best rate at the point, whose P = gᵀHg of signs is given. */
  private static double adam(double signCurvature, double batch) {
    LocalGeometry at = new LocalGeometry(30, 60, 480, 960, 30, 60, signCurvature);
    return OptimalLearningRate.adam(at, 0.8, batch);
  }

  /**
   * A sign's best rate at the point with P = 6T, by the mean of the sign, B in units of B_simple.
   */
  private static double sureSign(double batch) {
    double mean = Erf.erf(Math.sqrt(batch / 2));
    return mean / (1 + 5 * mean * mean);
  }

  /** A sign's best rate at the default point, P = T = 60, by the slope of its mean at g = 0. */
  private static double slope(double batch) {
    double ratio = Math.sqrt(2 / Math.PI * batch);
    double mean = ratio / Math.sqrt(1 + ratio * ratio);
    return search(lr -> lr * 30 * mean - lr * lr / 2 * 60, 0, 10);
  }

  private static double fall() {
    return 1 - adam(60, 1e12) / adam(60, peak(b -> adam(60, b)));
  }

  /** What noise of κ²/B leaves of the soft sign's approximate mean. */
  private static double softened(double noise) {
    double a = Math.sqrt(0.3 / noise);
    double b = Math.sqrt(0.7 / noise);
    return SoftSign.meanApproximate(a, b) / SoftSign.value(a, b);
  }

  private static double softRate() {
    double share = 1 / (1 + Math.PI / 2 * 8 / 3);
    double curvature = share * 30 + (1 - share) * 60;
    return search(lr -> lr * Math.sqrt(share) * 21.2 - lr * lr / 2 * curvature, 0, 10);
  }

  /** Variance of an average of so many gradients from zero, weight by weight. */
  private static double kept(double beta, int steps) {
    double sum = 0;
    for (int k = 0; k < steps; k++) {
      sum += Math.pow((1 - beta) * Math.pow(beta, k), 2);
    }
    return sum;
  }

  /** The end of [−radius, radius] at which slope·θ is less. */
  private static double argmin(double slope) {
    double radius = Math.abs(NEW_MEAN) / NEW_NORM;
    return slope * radius < -slope * radius ? radius : -radius;
  }

  /** By Cauchy's inequality, term by term. */
  private static double supremum(double beta1, double beta2) {
    double squares = 0;
    for (int k = 0; k < 100_000; k++) {
      squares += Math.pow((1 - beta1) * Math.pow(beta1, k), 2) / ((1 - beta2) * Math.pow(beta2, k));
    }
    return Math.sqrt(squares);
  }

  /** What a step of this rate along the gradient takes from a quadratic loss. */
  private static double decrease(double lr) {
    return lr * GRADIENT_SQUARE - lr * lr / 2 * GRADIENT_CURVATURE;
  }

  private static double bestRate() {
    return search(DerivedCheck::decrease, 0, 10);
  }

  /** The batch at which a one-humped function of it is largest. */
  private static double peak(DoubleUnaryOperator rate) {
    return Math.exp(search(log -> rate.applyAsDouble(Math.exp(log)), -14, 20));
  }

  private static double search(DoubleUnaryOperator function, double from, double to) {
    double low = from;
    double high = to;
    for (int i = 0; i < 200; i++) {
      double left = low + (high - low) / 3;
      double right = high - (high - low) / 3;
      if (function.applyAsDouble(left) < function.applyAsDouble(right)) {
        low = left;
      } else {
        high = right;
      }
    }
    return (low + high) / 2;
  }

  /** The derivative of E clip((a + z)/b) at a = 0, P(|z| < b)/b, by Simpson's rule. */
  private static double clipSlope(double b) {
    int n = 1000;
    double h = 2 * b / n;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double x = -b + i * h;
      int weight = i == 0 || i == n ? 1 : i % 2 == 0 ? 2 : 4;
      sum += weight * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * h / 3;
    }
    return sum / b;
  }
}
