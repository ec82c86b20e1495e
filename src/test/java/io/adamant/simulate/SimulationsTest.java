package io.adamant.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.theory.Formula;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Formulas against simulations, at points that are not in the reference file. */
class SimulationsTest {

  private static Values values(Simulation simulation, String inputs) {
    Map<String, String> given = new HashMap<>();
    for (String input : inputs.isEmpty() ? new String[0] : inputs.split(" ", -1)) {
      given.put(input.substring(0, input.indexOf('=')), input.substring(input.indexOf('=') + 1));
    }
    return Values.of(simulation.parameters(), given);
  }

  /**
   * The formula lies within twice the 95 % interval plus its stated error, and would not if it were
   * scaled by 1.03, or by 3 intervals if that is more.
   */
  private static void agrees(String name, String inputs, String key, double statedError) {
    Simulation simulation = Simulations.named(name);
    Values v = values(simulation, inputs);
    double value = formula(simulation, v, key);
    Measurement measured =
        simulation.run().apply(v, Blocks.quiet(11)).stream()
            .filter(m -> m.key().equals(simulation.against().get(key)))
            .findFirst()
            .orElseThrow();
    double tolerance = 2 * measured.halfWidth() + statedError * Math.abs(measured.value());
    assertThat(value).as(name + " " + key).isCloseTo(measured.value(), within(tolerance));
    double scale = Math.max(1.03, 1 + 3 * tolerance / Math.abs(measured.value()));
    assertThat(Math.abs(scale * value - measured.value()))
        .as("%s %s scaled by %s", name, key, scale)
        .isGreaterThan(tolerance);
  }

  private static double formula(Simulation simulation, Values v, String key) {
    return simulation.formulas().apply(v).stream()
        .filter(f -> f.key().equals(key))
        .mapToDouble(Formula::value)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "update-rms, beta1=0.85 beta2=0.97 snr=0.05, second_order, 0.009",
    "update-rms, beta1=0.7 beta2=0.9 snr=0.2, ema_sign, 0",
    "update-rms, beta1=0.7 beta2=0.9 snr=0.2, sgdm, 0",
    "update-rms, beta1=0.93 beta2=0.999 snr=0.02, mean_field, 0.002",
    "snr, beta1=0.85 snr=0.2, from_momentum_ratio, 0.005",
    "sup-update, beta1=0.93 beta2=0.88 steps=60 repetitions=2, after, 1e-9",
    "sup-update, beta1=0.93 beta2=0.88 steps=60 repetitions=2, after_bias_corrected, 1e-9",
    "sup-update, beta1=0.93 beta2=0.88 steps=60 repetitions=2, constant_gradient, 1e-9",
    "weight-rms, lr=0.02 steps=2500 coordinates=20000, recursion, 0.006",
    "weight-rms, lr=0.02 steps=2500 coordinates=20000 schedule=cosine warmup=200, recursion, 0.008",
    "weight-rms, lr=0.02 weight-decay=0 steps=800 coordinates=20000 schedule=linear, recursion, 0.008",
    "weight-rms, optimizer=signum beta1=0.85 lr=0.02 steps=2500 coordinates=20000, exact_stationary, 0.006",
    "weight-rms, optimizer=signum beta1=0.85 lr=0.02 steps=1500 coordinates=20000 schedule=cosine, recursion, 0.006",
    "weight-rms, lr=0.5 steps=400 coordinates=20000, second_order_stationary, 0.006",
    "total-update, beta1=0.85 beta2=0.9, second_order, 0.009",
    "decay-sums, beta1=0.8 beta2=0.9 lr=0.01 steps=40, mean_of_m, 0",
    "decay-sums, beta1=0.8 beta2=0.9 lr=0.01 steps=40, mean_of_v, 0",
    "decay-sums, beta1=0.8 beta2=0.9 lr=0.01 steps=40, variance_of_m, 0",
    "sign-correlation, beta1=0.7 snr=0.1 lag=2, mean, 0",
    "sign-correlation, beta1=0.7 snr=0.1 lag=2, covariance, 0",
    "sign-correlation, beta1=0.7 repetitions=8000 walk=1000, random_walk_factor, 0.005",
    "noise-scale, batch=5 hessian=moderate noise=isotropic, simple, 0",
    "noise-scale, batch=5 hessian=moderate noise=isotropic, curved, 0",
    "noise-scale, batch=5 hessian=moderate noise=isotropic, efficiency, 0",
    "batch-magnification, beta1=0.7 repetitions=20000 steps=3, noise_ratio, 0",
    "batch-magnification, beta1=0.7 repetitions=20000 steps=3, noise_ratio_after, 0",
    "batch-magnification, beta1=0.7 repetitions=20000 steps=3, magnification, 0",
    "batch-magnification, beta1=0.7 repetitions=20000 steps=3, mean_after, 1e-9",
    "batch-magnification, beta1=0.7 repetitions=20000 steps=3, long_run_signum_rate_ratio, 0.005",
    "optimal-lr, batch=3 hessian=power-law noise=isotropic, sgd, 0",
    "optimal-lr, batch=3 hessian=power-law noise=isotropic, sgdm, 0",
    "optimal-lr, batch=3 hessian=moderate noise=isotropic, signum_coordinates, 0.003",
    "optimal-lr, batch=3 hessian=moderate noise=isotropic, soft_sign_coordinates, 0",
    "optimal-lr, batch=24 hessian=diagonal beta2=0.995, adam, 0.015",
    "optimal-lr, batch=24 hessian=moderate noise=isotropic beta2=0.995, adam_coordinates, 0.015",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, mean, 0",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, second, 0",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, mean_outside, 0",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, second_outside, 0",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, mean_clip, 0",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, second_clip, 0",
    "softsign, gradient=0.7 epsilon=0.6 batch=3, scaled_variance, 0",
    "sgdm-variance, beta1=0.7 lr=0.8 repetitions=3000, stationary, 0",
    "equal-betas, mean=-0.4 variance=0.2 gradient=1.1 lambda=0.5, mean, 1e-6",
    "equal-betas, mean=-0.4 variance=0.2 gradient=1.1 lambda=0.5, variance, 1e-6",
    "equal-betas, mean=-0.4 variance=0.2 gradient=1.1 lambda=0.5, direction, 1e-6"
  })
  void aFormulaIsWithinItsStatedErrorAndWouldNotBeIfScaled(
      String name, String inputs, String key, double statedError) {
    agrees(name, inputs, key, statedError);
  }

  static Stream<Simulation> simulations() {
    return Simulations.all().stream();
  }

  @ParameterizedTest
  @MethodSource("simulations")
  void theThreadsDoNotChangeTheResult(Simulation simulation) {
    String fewer = simulation.name().equals("weight-rms") ? "steps=50 coordinates=1300" : "";
    if (simulation.parameters().stream().anyMatch(p -> p.name().equals("repetitions"))) {
      fewer = "repetitions=70";
    }
    Values v = values(simulation, fewer);
    AtomicLong done = new AtomicLong();
    List<Measurement> one = simulation.run().apply(v, new Blocks(1, 3, done::addAndGet));
    assertThat(simulation.run().apply(v, new Blocks(3, 3, units -> {}))).isEqualTo(one);
    assertThat(done.get()).isEqualTo(simulation.units().applyAsLong(v));
    if (one.stream().anyMatch(m -> m.halfWidth() > 0)) {
      assertThat(simulation.run().apply(v, new Blocks(3, 4, units -> {}))).isNotEqualTo(one);
    }
  }

  @ParameterizedTest
  @MethodSource("simulations")
  void everyPartnerIsMeasuredAndEveryKeyIsAFormula(Simulation simulation) {
    String fewer = simulation.name().equals("weight-rms") ? "steps=5 coordinates=20" : "";
    if (simulation.parameters().stream().anyMatch(p -> p.name().equals("repetitions"))) {
      fewer = "repetitions=2";
    }
    Values v = values(simulation, fewer);
    List<String> measured =
        simulation.run().apply(v, Blocks.quiet(0)).stream().map(Measurement::key).toList();
    assertThat(measured).doesNotHaveDuplicates();
    assertThat(measured).containsAll(simulation.against().values());
    if (!simulation.name().equals("weight-rms")) { // its keys depend on the optimizer
      assertThat(simulation.formulas().apply(v).stream().map(Formula::key))
          .containsAll(simulation.against().keySet());
    }
  }

  /** Moments, tails and the distribution function of the ziggurat. */
  @Test
  void gaussianNumbersAreGaussian() {
    int n = 4_000_000;
    double[] x = new double[n];
    new GaussianSource(5).fill(x);
    double[] moments = new double[5];
    for (double value : x) {
      for (int k = 1; k <= 4; k++) {
        moments[k] += Math.pow(value, k) / n;
      }
    }
    assertThat(moments[1]).isEqualTo(0, within(4 / Math.sqrt(n)));
    assertThat(moments[2]).isEqualTo(1, within(4 * Math.sqrt(2.0 / n)));
    assertThat(moments[3]).isEqualTo(0, within(4 * Math.sqrt(15.0 / n)));
    assertThat(moments[4]).isEqualTo(3, within(4 * Math.sqrt(96.0 / n)));
    Arrays.sort(x);
    double[] edges = {-4, -3.7, -3, -2, -1, -0.5, 0, 0.1, 0.5, 1, 2, 3, 3.65, 4};
    for (double edge : edges) {
      int below = -1 - Arrays.binarySearch(x, edge);
      double p = (1 + org.apache.commons.math3.special.Erf.erf(edge / Math.sqrt(2))) / 2;
      double deviation = 4 * Math.sqrt(p * (1 - p) / n) + 1e-9;
      assertThat(below / (double) n).as("below %s", edge).isEqualTo(p, within(deviation));
    }
  }

  /** The law's own claims, and what training makes of them: theory.md §2.1, §2.3. */
  @Test
  void theSurgeOfOneStepIsNotThatOfTraining() {
    RandomQuadratic problem = RandomQuadratic.draw("diagonal", "proportional", 12, 16, 1);
    List<Double> batches = List.of(0.25, 1.0, 16.0, 4096.0);
    SurgeMethod adam = new SurgeMethod(SurgeMethod.Kind.ADAM, 0.9, 0.99);
    SurgeCurve curve = SurgeCurve.of(problem, adam, batches, 100, 100, Blocks.quiet(2));
    assertThat(adam.threshold(problem.geometry())).isEqualTo(16 / 17.0, within(1e-9));
    List<Double> step = curve.oneStep().stream().map(Measurement::value).toList();
    assertThat(curve.peak(step)).isEqualTo(1);
    assertThat(curve.fall(step)).isEqualTo(0.553, within(0.03));
    for (int i = 0; i < batches.size(); i++) {
      assertThat(step.get(i) / curve.law().get(i)).isEqualTo(1, within(0.03));
      assertThat(curve.trained().get(i)).isLessThan(0.7 * step.get(i));
    }
  }
}
