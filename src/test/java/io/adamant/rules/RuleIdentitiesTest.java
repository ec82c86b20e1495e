package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;

/** Rules that theory.md §1 and §6 say are one and the same, over random gradients and betas. */
class RuleIdentitiesTest {
  private static final int STEPS = 60;
  private static final int SIZE = 4;

  private static double[] run(String type, Map<String, Object> settings, double[][] g) {
    return RuleRuns.flat(RuleRuns.directions(type, settings, g));
  }

  private static Map<String, Object> equalBetaAdam(double beta) {
    return Map.of("beta1", beta, "beta2", beta, "eps", 0.0, "bias_correction", false);
  }

  private static Map<String, Object> adaVar(double beta1, double gamma, double tau) {
    return Map.of("beta1", beta1, "gamma", gamma, "tau", tau, "eps", 0.0);
  }

  /** Proposition 1 (eq 3): AdaVar at γ = τ = β1 is equal-beta Adam. */
  @Property(tries = 200)
  void propositionOne(
      @ForAll long seed, @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.999) double beta) {
    double[][] g = RuleRuns.normal(seed, STEPS, SIZE);
    double[] adam = run("adamw", equalBetaAdam(beta), g);
    double[] adaVar = run("adavar", adaVar(beta, beta, beta), g);
    assertThat(adaVar).containsExactly(adam, within(1e-12));
  }

  /** Proposition 2: any other γ or τ is a different method. */
  @Example
  void propositionOneNeedsAllThreeEqual() {
    double[][] g = RuleRuns.normal(5, STEPS, SIZE);
    double[] adam = run("adamw", equalBetaAdam(0.9), g);
    assertThat(largestGap(adam, run("adavar", adaVar(0.9, 0.8, 0.9), g))).isGreaterThan(0.01);
    assertThat(largestGap(adam, run("adavar", adaVar(0.9, 0.9, 0.8), g))).isGreaterThan(0.01);
  }

  private static double largestGap(double[] a, double[] b) {
    double gap = 0;
    for (int i = 0; i < a.length; i++) {
      gap = Math.max(gap, Math.abs(a[i] - b[i]));
    }
    return gap;
  }

  @Property(tries = 50)
  void signSgdIsAdamWithoutMemory(@ForAll long seed) {
    double[][] g = RuleRuns.rough(seed, STEPS, SIZE);
    double[] adam = run("adamw", Map.of("beta1", 0.0, "beta2", 0.0, "eps", 0.0), g);
    assertThat(adam).containsExactly(run("signsgd", Map.of(), g), within(1e-15));
  }

  @Property(tries = 50)
  void rmsPropIsAdamWithoutMomentum(
      @ForAll long seed,
      @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.999) double beta2,
      @ForAll boolean biasCorrection) {
    double[][] g = RuleRuns.rough(seed, STEPS, SIZE);
    Map<String, Object> settings =
        Map.of("beta2", beta2, "eps", 1e-3, "bias_correction", biasCorrection);
    Map<String, Object> adam = new HashMap<>(settings);
    adam.put("beta1", 0.0);
    assertThat(run("rmsprop", settings, g)).containsExactly(run("adamw", adam, g), within(1e-14));
  }

  @Property(tries = 50)
  void softSignAdamWithEpsilonOutsideIsAdam(@ForAll long seed, @ForAll boolean biasCorrection) {
    double[][] g = RuleRuns.rough(seed, STEPS, SIZE);
    Map<String, Object> adam =
        Map.of("beta1", 0.9, "beta2", 0.99, "eps", 0.1, "bias_correction", biasCorrection);
    Map<String, Object> softSign = new HashMap<>(adam);
    softSign.put("denominator", "outside");
    assertThat(run("softsign_adam", softSign, g))
        .containsExactly(run("adamw", adam, g), within(1e-13));
  }

  @Property(tries = 50)
  void softSignSgdIsSoftSignAdamWithoutMemory(@ForAll long seed, @ForAll boolean inside) {
    double[][] g = RuleRuns.rough(seed, STEPS, SIZE);
    Map<String, Object> softSign = Map.of("eps", 0.1, "denominator", inside ? "inside" : "outside");
    Map<String, Object> adam = new HashMap<>(softSign);
    adam.put("beta1", 0.0);
    adam.put("beta2", 0.0);
    assertThat(run("softsign_sgd", softSign, g))
        .containsExactly(run("softsign_adam", adam, g), within(1e-15));
  }

  /** Signum is the sign of SGDM, EMASign is SGDM of the sign, Lion at β1 = β2 is Signum. */
  @Property(tries = 50)
  void signRulesAndMomentum(
      @ForAll long seed, @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.99) double b) {
    double[][] g = RuleRuns.normal(seed, STEPS, SIZE);
    double[] signum = run("signum", Map.of("beta1", b), g);
    assertThat(signum).containsExactly(sign(run("sgdm", Map.of("beta1", b), g)));
    assertThat(run("lion", Map.of("beta1", b, "beta2", b), g)).containsExactly(signum);
    double[][] signs = RuleRuns.directions("signsgd", Map.of(), g);
    assertThat(run("emasign", Map.of("beta1", b), g))
        .containsExactly(run("sgdm", Map.of("beta1", b), signs));
  }

  private static double[] sign(double[] x) {
    double[] signs = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      signs[i] = Math.signum(x[i]);
    }
    return signs;
  }

  /** With bias correction the first step is sign(g) for any betas. */
  @Property(tries = 50)
  void firstAdamStepIsTheSign(
      @ForAll long seed,
      @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.999) double beta1,
      @ForAll @Scale(5) @DoubleRange(min = 0, max = 0.999) double beta2) {
    double[][] g = RuleRuns.rough(seed, 1, SIZE);
    double[] adam = run("adamw", Map.of("beta1", beta1, "beta2", beta2, "eps", 0.0), g);
    assertThat(adam).containsExactly(run("signsgd", Map.of(), g), within(1e-12));
  }

  /** At equal betas, bias correction is the factor 1/√(1−β^k). */
  @Property(tries = 50)
  void equalBetaBiasCorrectionIsOneFactor(
      @ForAll long seed, @ForAll @Scale(5) @DoubleRange(min = 0.5, max = 0.99) double beta) {
    double[][] g = RuleRuns.normal(seed, STEPS, 1);
    double[] plain = run("adamw", equalBetaAdam(beta), g);
    double[] corrected = run("adamw", Map.of("beta1", beta, "beta2", beta, "eps", 0.0), g);
    for (int k = 1; k <= STEPS; k++) {
      double factor = 1 / Math.sqrt(1 - Math.pow(beta, k));
      assertThat(corrected[k - 1]).isEqualTo(factor * plain[k - 1], within(1e-12));
    }
  }
}
