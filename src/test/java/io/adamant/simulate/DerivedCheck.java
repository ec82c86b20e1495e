package io.adamant.simulate;

import io.adamant.theory.LocalGeometry;
import io.adamant.theory.OptimalLearningRate;
import io.adamant.theory.SoftSign;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;

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
