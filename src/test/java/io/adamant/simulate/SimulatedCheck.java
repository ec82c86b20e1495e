package io.adamant.simulate;

import java.util.List;
import java.util.stream.Stream;

/**
 * A formula to be held against a simulation.
 *
 * @param quantity name
 * @param inputs as name=value, separated by spaces; the others have their defaults
 * @param key of the formula
 * @param bias known relative error of an approximation at this point: theory.md's, or that of a
 *     limit worked out beside the row
 * @param error how far the formula may be off besides, relative
 */
record SimulatedCheck(String quantity, String inputs, String key, double bias, double error) {

  /** The decay of 5/(lr·weightDecay) steps leaves e^−5 of the start. */
  private static final String ADAMW = "lr=0.02 steps=2500 coordinates=20000";

  /** Without momentum, and v nearly constant, all stationary forms agree. */
  private static final String MEMORYLESS =
      "beta1=0 beta2=0.999 lr=0.02 steps=2500 coordinates=20000";

  private static final String SIGNUM =
      "optimizer=signum lr=0.05 weight-decay=0.02 steps=5000 coordinates=10000";
  private static final String SUPREMUM = "beta1=0.93 beta2=0.88 steps=60 repetitions=2";
  private static final String ANGLE = "lr=0.1 steps=600 coordinates=1000";
  private static final String SUMS = "beta1=0.8 beta2=0.9 lr=0.01 steps=40";
  private static final String MAGNIFIED = "beta1=0.7 repetitions=20000 steps=3";
  private static final String ISOTROPIC = "batch=3 hessian=moderate noise=isotropic";
  private static final String SOFT = "gradient=0.7 epsilon=0.6 batch=3";
  private static final String HUGE_EPSILON = "epsilon=100";
  private static final String SURGE = "dimension=10 repetitions=150";
  private static final String NOISY_SOFT = "epsilon=0.001 batch=0.5 repetitions=300";
  private static final String EQUAL = "mean=-0.4 variance=0.2 gradient=1.1 lambda=0.5";
  private static final String SINE = "beta=0.9 decay=0.01 steps=12";

  private static SimulatedCheck row(
      String quantity, String inputs, String key, double bias, double error) {
    return new SimulatedCheck(quantity, inputs, key, bias, error);
  }

  /**
   * Weights and angles at lr·weightDecay = 0.01, updates of some 80,000 coordinates. Signs and
   * ADOPT are exact, the others to second order in the fluctuation of v.
   */
  private static Stream<SimulatedCheck> equilibrium(String inputs, double spread, double weights) {
    String all = "optimizer=" + inputs + " lr=0.1 steps=800 coordinates=4000";
    return Stream.of(
        row("equilibrium", all, "update_rms", 0, 0.0007),
        row("equilibrium", all, "spread", 0, spread),
        row("equilibrium", all, "weight_rms", 0, weights),
        row("equilibrium", all, "angle", 0, weights),
        row("equilibrium", all, "fixed_norm_angle", 0, weights),
        row("equilibrium", all, "matching_step", 0, weights));
  }

  private static Stream<SimulatedCheck> equilibria() {
    return Stream.of(
            equilibrium("adamw beta2=0.9", 0.01, 0.005),
            equilibrium("nadamw beta1=0.8 beta2=0.85", 0.01, 0.005),
            equilibrium("ademamix beta2=0.9 beta3=0.97 alpha=3", 0.01, 0.005),
            equilibrium("adan beta1=0.93 beta2=0.8 beta3=0.9", 0.01, 0.005),
            equilibrium("mars beta1=0.93 beta2=0.9 gamma=0.1", 0.01, 0.005),
            equilibrium("adopt beta2=0.8", 0, 0),
            equilibrium("cautious_adamw beta1=0.8 beta2=0.95", 0.015, 0.007),
            equilibrium("signum beta1=0.8", 0, 0),
            equilibrium("lion beta1=0.7 beta2=0.93", 0, 0),
            equilibrium("cautious_lion beta1=0.8 beta2=0.93", 0, 0))
        .flatMap(rows -> rows);
  }

  static List<SimulatedCheck> all() {
    return Stream.concat(equilibria(), others().stream()).toList();
  }

  private static List<SimulatedCheck> others() {
    return List.of(
        row(
            "update-rms",
            "beta1=0.93 beta2=0.995 snr=0.02 repetitions=200",
            "mean_field",
            0,
            0.004),
        row("update-rms", "beta1=0.85 beta2=0.97 snr=0.05", "second_order", 0, 0.009),
        row("update-rms", "beta1=0.85 beta2=0.97 snr=0.05", "exact", 0, 0),
        row("update-rms", "beta1=0.8 beta2=0.5 snr=0.3", "exact", 0, 0),
        row("update-rms", "beta1=0.93 beta2=0.995 repetitions=200", "parameter_free", 0, 0.004),
        row("update-rms", "beta1=0.7 beta2=0.9 snr=0.2", "sign_type", 0, 1e-9),
        row("update-rms", "beta1=0.7 beta2=0.9 snr=0.2", "ema_sign", 0, 0),
        row("update-rms", "beta1=0.7 beta2=0.9 snr=0.2", "sgdm", 0, 0),
        row("sup-update", SUPREMUM, "after", 0, 1e-9),
        row("sup-update", SUPREMUM, "after_bias_corrected", 0, 1e-9),
        row("sup-update", SUPREMUM, "constant_gradient", 0, 1e-9),
        row("scale-drift", "beta2=0.99 drift=0.004 steps=200 repetitions=600", "factor", 0, 0.01),
        row("scale-drift", "drift=0.002 steps=400 repetitions=600", "first_order", 0, 0.01),
        row("weight-rms", MEMORYLESS, "mean_field", 0, 0.003),
        row("weight-rms", MEMORYLESS, "zero_mean", 0, 0.003),
        row("weight-rms", MEMORYLESS, "quick_estimate", 0, 0.003),
        row("weight-rms", MEMORYLESS, "stationary_mean_field", 0, 0.005),
        row("weight-rms", ADAMW, "quick_estimate", -0.77, 0.02),
        row("weight-rms", "lr=1 steps=150 coordinates=20000", "stationary_mean_field", 0.39, 0.02),
        row(
            "weight-rms",
            "snr=1 beta1=0.5 beta2=0.999 lr=0.02 steps=1500",
            "signal_dominated",
            0,
            .006),
        row("weight-rms", "beta2=0.999 lr=0.02 steps=4000", "exact_stationary", 0, 0.006),
        row(
            "weight-rms",
            "lr=0.5 steps=400 coordinates=20000",
            "second_order_stationary",
            0,
            0.006),
        row(
            "weight-rms",
            "weight-decay=0 lr=0.01 beta2=0.999 steps=4000",
            "without_decay",
            0,
            0.008),
        row("weight-rms", "beta2=0.99 lr=0.02 steps=1000", "exact_finite", 0, 0.01),
        row("weight-rms", ADAMW, "recursion", 0, 0.006),
        row("weight-rms", ADAMW + " schedule=cosine warmup=200", "recursion", 0, 0.008),
        row(
            "weight-rms",
            "lr=0.02 weight-decay=0 steps=800 coordinates=20000 schedule=linear",
            "recursion",
            0,
            0.008),
        row("weight-rms", SIGNUM, "mean_field", 0.2, 0.01),
        row("weight-rms", SIGNUM, "stationary_mean_field", 0.2, 0.01),
        row("weight-rms", SIGNUM, "slow_decay", 0, 0.01),
        row("weight-rms", SIGNUM, "exact_stationary", 0, 0.005),
        row(
            "weight-rms",
            "optimizer=signum beta1=0.85 lr=0.02 steps=600",
            "exact_finite",
            0,
            0.006),
        row(
            "weight-rms",
            "optimizer=signum beta1=0.85 lr=0.02 steps=1500 schedule=cosine",
            "recursion",
            0,
            0.006),
        row("total-update", "beta1=0.9 beta2=0.995 repetitions=200", "mean_field", 0, 0.006),
        row("total-update", "beta1=0.85 beta2=0.9", "second_order", 0, 0.009),
        row("angle", ANGLE, "mean_field", 0, 0.006),
        row("angle", ANGLE, "second_order", 0.045, 0.006),
        row("angle", ANGLE, "law_of_cosines", 0, 0.006),
        row("angle", "beta1=0.95 lr=1 steps=300 coordinates=1000", "law_of_cosines", 0, 0.01),
        row("decay-sums", SUMS, "mean_of_m", 0, 0),
        row("decay-sums", SUMS, "mean_of_v", 0, 0),
        row("decay-sums", SUMS, "variance_of_m", 0, 0),
        row("decay-sums", "beta1=0.9 steps=200", "variance_approximate", 0.073, 0.002),
        row("sign-correlation", "beta1=0.7 snr=0.1 lag=2", "mean", 0, 0),
        row("sign-correlation", "beta1=0.7 snr=0.1 lag=2", "covariance", 0, 0),
        row(
            "sign-correlation",
            "beta1=0.7 repetitions=8000 walk=1000",
            "random_walk_factor",
            0,
            0.005),
        // 2·ln 2/(1 − beta1) − 0.5 is the next order: 4.621 of 4.121.
        row(
            "sign-correlation",
            "beta1=0.7 repetitions=8000 walk=1000",
            "long_momentum",
            0.121,
            0.01),
        row("noise-scale", ISOTROPIC, "simple", 0, 0),
        row("noise-scale", ISOTROPIC, "curved", 0, 0),
        row("noise-scale", ISOTROPIC, "efficiency", 0, 0),
        row("noise-scale", ISOTROPIC, "relative_steps", 0, 0),
        row("batch-magnification", MAGNIFIED, "noise_ratio", 0, 0),
        row("batch-magnification", MAGNIFIED, "noise_ratio_after", 0, 0),
        row("batch-magnification", MAGNIFIED, "magnification", 0, 0),
        row("batch-magnification", MAGNIFIED, "effective_batch", 0, 0),
        row("batch-magnification", MAGNIFIED, "mean_after", 0, 1e-9),
        row("batch-magnification", MAGNIFIED, "long_run_signum_rate_ratio", 0, 0.005),
        row("optimal-lr", "batch=3 hessian=power-law noise=isotropic", "sgd", 0, 0),
        row("optimal-lr", "batch=3 hessian=power-law noise=isotropic", "sgdm", 0, 0),
        // Where a batch has little noise a sign is sure; where it has much, erf is linear.
        row("optimal-lr", "batch=4096 hessian=moderate", "sign_sgd", 0, 0.004),
        row("optimal-lr", "batch=4096 hessian=moderate", "signum", 0, 0.002),
        row("optimal-lr", "batch=4096 hessian=moderate", "soft_sign", 0, 0.02),
        row("optimal-lr", "batch=0.3 hessian=moderate", "sign_sgd_erf", 0, 0.002),
        row("optimal-lr", "batch=0.05 hessian=moderate", "signum_erf", 0, 0.005),
        row("optimal-lr", "batch=24 beta2=0.995", "adam", 0, 0.015),
        row(
            "optimal-lr",
            "batch=4096 beta1=0.98 beta2=0.995 repetitions=60",
            "adam_long_momentum",
            0,
            0.01),
        row("optimal-lr", ISOTROPIC, "signum_coordinates", 0, 0.003),
        row(
            "optimal-lr",
            "batch=24 hessian=moderate noise=isotropic beta2=0.995",
            "adam_coordinates",
            0,
            0.015),
        row("optimal-lr", ISOTROPIC, "soft_sign_coordinates", 0, 0),
        row(
            "softsign-lr",
            "batch=64 hessian=moderate repetitions=100",
            "soft_sign_coordinates",
            0,
            0),
        row("surge", SURGE, "sign_sgd_erf", 0, 0.005),
        row("surge", SURGE, "signum_erf", 0, 0.005),
        row("surge", SURGE, "adam", 0, 0.02),
        row("surge", SURGE + " hessian=diagonal", "adam_diagonal", 0, 0.02),
        row("surge", SURGE + " hessian=diagonal", "adam_diagonal_fall", 0, 0.015),
        row("softsign", SOFT, "mean", 0, 0),
        row("softsign", SOFT, "second", 0, 0),
        row("softsign", SOFT, "mean_outside", 0, 0),
        row("softsign", SOFT, "second_outside", 0, 0),
        row("softsign", SOFT, "mean_clip", 0, 0),
        row("softsign", SOFT, "second_clip", 0, 0),
        row("softsign", SOFT, "scaled_variance", 0, 0),
        // At ε = 100σ the soft sign is x/ε.
        row("softsign", HUGE_EPSILON, "mean_approximate", 0, 0.001),
        row("softsign", HUGE_EPSILON, "mean_slope", 0, 0.001),
        row("softsign", HUGE_EPSILON, "mean_mean_field", 0, 0.001),
        row("softsign", HUGE_EPSILON, "second_mean_field", 0, 0.001),
        // There (12) has a² + π/2 for a² + 1, a = 0.5.
        row("softsign", HUGE_EPSILON, "second_approximate", 0.4566, 0.001),
        row("softsign-lr", NOISY_SOFT, "strength", 0, 0.003),
        row("softsign-lr", NOISY_SOFT, "soft_sign", 0, 0.005),
        row("softsign-lr", NOISY_SOFT, "soft_sign_coordinates", 0, 0),
        row("softsign-lr", "batch=3 noise=isotropic repetitions=300", "large_epsilon", 0, 0),
        row("sgdm-variance", "beta1=0.7 lr=0.8 repetitions=3000", "stationary", 0, 0),
        row("sgdm-variance", "beta1=0.7 lr=0.02 repetitions=3000", "small_rate", 0, 0.003),
        row("equal-betas", EQUAL, "mean", 0, 1e-6),
        row("equal-betas", EQUAL, "variance", 0, 1e-6),
        row("equal-betas", EQUAL, "direction", 0, 1e-6),
        row("signal", SINE, "transient_factor", 0, 0),
        row("signal", SINE, "largest_beta", 0, 0.001),
        row("signal", SINE, "reach_from_zero", 0, 1e-12),
        row("signal", SINE, "reach_from_first", 0, 1e-12));
  }
}
