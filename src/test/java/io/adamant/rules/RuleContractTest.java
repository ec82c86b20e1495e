package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import io.adamant.optim.Optimizers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every rule, in every variant, holds to. */
class RuleContractTest {
  private static final int STEPS = 30;
  private static final int ROWS = 3;
  private static final int COLS = 4;
  private static final int SIZE = ROWS * COLS;

  /** A rule and its settings; the shape is (ROWS, COLS) unless flat. */
  record Variant(String type, Map<String, Object> settings, boolean flat) {
    Rule create() {
      int[] shape = flat ? new int[] {SIZE} : new int[] {ROWS, COLS};
      return Rules.create(type, settings, shape);
    }

    @Override
    public String toString() {
      return type + settings + (flat ? " on a vector" : "");
    }
  }

  private static Variant of(String type, Object... keysAndValues) {
    Map<String, Object> settings = new TreeMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return new Variant(type, settings, false);
  }

  /** Variants whose direction ignores a positive factor on all gradients. */
  static Stream<Variant> scaleInvariant() {
    return Stream.of(
        of("signsgd"),
        of("signum"),
        of("signum", "init", "gradient"),
        of("emasign"),
        of("rmsprop", "eps", 0.0),
        of("rmsprop", "eps", 0.0, "bias_correction", false),
        of("adamw", "eps", 0.0),
        of("adamw", "eps", 0.0, "bias_correction", false),
        of("adamw", "eps", 0.0, "init", "gradient"),
        of("softsign_sgd", "eps", 0.0),
        of("softsign_adam", "eps", 0.0),
        of("adavar", "eps", 0.0),
        of("lion"),
        of("muon"),
        of("muon", "nesterov", false),
        of("muon_hidden", "ns_eps", 0.0, "iteration", "convergent"),
        of("scion", "norm", "sign"),
        of("scion", "norm", "column_norm", "eps", 0.0),
        of("scion_others", "norm", "row_norm", "eps", 0.0),
        new Variant("muon", Map.of("adam_eps", 0.0), true));
  }

  /** Variants whose direction depends on the gradients' scale. */
  static Stream<Variant> scaleDependent() {
    return Stream.of(
        of("sgd"),
        of("sgdm"),
        of("sgdm", "dampening", 0.0),
        of("sgdm", "coordinate_clip", 0.1),
        of("signum", "mollifier", 0.1),
        of("rmsprop", "eps", 0.1),
        of("adamw", "eps", 0.1),
        of("softsign_sgd", "eps", 0.1),
        of("softsign_sgd", "eps", 0.1, "denominator", "outside"),
        of("softsign_adam", "eps", 0.1),
        of("softsign_adam", "eps", 0.1, "denominator", "outside"),
        of("adavar", "eps", 0.1),
        of("muon_hidden", "ns_eps", 10.0),
        new Variant("muon", Map.of("adam_eps", 0.1), true));
  }

  static Stream<Variant> all() {
    return Stream.of(
            Rules.types().stream().map(RuleContractTest::of),
            Rules.types().stream()
                .filter(type -> Optimizers.definition(type).takes(new Shape(SIZE)))
                .map(type -> new Variant(type, Map.of(), true)),
            scaleInvariant(),
            scaleDependent(),
            Stream.of(of("mars", "form", "shampoo")))
        .flatMap(variants -> variants)
        .distinct();
  }

  @Test
  void everyTypeIsHeldToTheContract() {
    assertThat(all().map(Variant::type).distinct()).containsAll(Rules.types());
  }

  @ParameterizedTest
  @MethodSource("scaleInvariant")
  void ignoresAPositiveFactorOnTheGradients(Variant variant) {
    double[][] g = RuleRuns.normal(1, STEPS, SIZE);
    double[][] once = RuleRuns.directions(variant.create(), g);
    double[][] larger = RuleRuns.directions(variant.create(), RuleRuns.scaled(g, 1 << 20));
    assertThat(larger).isDeepEqualTo(once); // a power of two: not even the rounding changes
  }

  @ParameterizedTest
  @MethodSource("scaleDependent")
  void dependsOnTheScaleOfTheGradients(Variant variant) {
    double[][] g = RuleRuns.normal(1, STEPS, SIZE);
    double[] once = RuleRuns.flat(RuleRuns.directions(variant.create(), g));
    double[] larger = RuleRuns.flat(RuleRuns.directions(variant.create(), RuleRuns.scaled(g, 4)));
    for (int i = 0; i < once.length; i++) {
      if (Math.abs(larger[i] - once[i]) > 0.05 * Math.abs(once[i])) {
        return;
      }
    }
    throw new AssertionError("four times the gradient changed no direction by 5 %");
  }

  @ParameterizedTest
  @MethodSource("all")
  void isOddInTheGradients(Variant variant) {
    double[][] g = RuleRuns.normal(2, STEPS, SIZE);
    double[][] u = RuleRuns.directions(variant.create(), g);
    double[][] mirrored = RuleRuns.directions(variant.create(), RuleRuns.scaled(g, -1));
    assertThat(mirrored).isDeepEqualTo(RuleRuns.scaled(u, -1));
  }

  @ParameterizedTest
  @MethodSource("all")
  void aZeroRateLeavesTheWeights(Variant variant) {
    Rule rule = variant.create();
    double[] w = RuleRuns.normal(3, 1, SIZE)[0];
    double[] before = w.clone();
    for (double[] g : RuleRuns.normal(4, STEPS, SIZE)) {
      rule.step(w, g, 0.0, 0.1);
    }
    assertThat(w).containsExactly(before);
    assertThat(rule.steps()).isEqualTo(STEPS);
  }

  @ParameterizedTest
  @MethodSource("all")
  void decaysFirstThenSteps(Variant variant) {
    Rule rule = variant.create();
    double[] w = RuleRuns.normal(3, 1, SIZE)[0];
    for (double[] g : RuleRuns.normal(4, 3, SIZE)) {
      double[] before = w.clone();
      double[] u = rule.step(w, g, 0.25, 0.5);
      for (int i = 0; i < SIZE; i++) {
        assertThat(w[i]).isEqualTo(0.875 * before[i] - 0.25 * u[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aGradientThatIsNotFiniteSkipsTheStepWhole(Variant variant) {
    for (double bad : new double[] {Double.NaN, 1 / 0.0, -1 / 0.0}) {
      Rule rule = variant.create();
      double[] w = RuleRuns.normal(3, 1, SIZE)[0];
      for (double[] g : RuleRuns.normal(5, 3, SIZE)) {
        rule.step(w, g, 0.01, 0.1);
      }
      double[] weights = w.clone();
      Map<String, double[]> state = deepCopy(rule.state());
      double[] g = RuleRuns.normal(6, 1, SIZE)[0];
      g[SIZE - 1] = bad;
      assertThat(rule.step(w, g, 0.01, 0.1)).containsOnly(0.0);
      assertThat(w).containsExactly(weights);
      assertThat(rule.steps()).isEqualTo(3);
      assertSameState(rule.state(), state);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void staysFiniteOnRoughGradientsAndZeros(Variant variant) {
    Rule rule = variant.create();
    double[] w = new double[SIZE];
    double[][] g = RuleRuns.rough(7, STEPS, SIZE);
    g[0] = new double[SIZE]; // 0/0 in the direction is 0
    for (double[] row : g) {
      for (double u : rule.step(w, row, 0.01, 0.1)) {
        assertThat(u).isFinite();
      }
    }
    assertThat(w).doesNotContain(Double.NaN);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aRestoredRuleContinuesBitForBit(Variant variant) {
    double[][] g = RuleRuns.normal(8, STEPS, SIZE);
    double[][] u = RuleRuns.directions(variant.create(), g);
    Rule first = variant.create();
    List<double[]> pieces = new ArrayList<>();
    double[] w = new double[SIZE];
    for (int k = 0; k < STEPS; k++) {
      if (k == 11) {
        Rule second = variant.create();
        second.restore(first.state(), first.steps());
        first = second;
      }
      pieces.add(first.step(w, g[k], 0, 0));
    }
    assertThat(pieces.toArray(double[][]::new)).isDeepEqualTo(u);
  }

  @ParameterizedTest
  @MethodSource("all")
  void stateIsACopyAndTheGradientIsNotTouched(Variant variant) {
    Rule rule = variant.create();
    double[] g = RuleRuns.normal(9, 1, SIZE)[0];
    double[] before = g.clone();
    double[] u = rule.step(new double[SIZE], g, 0.1, 0.1);
    assertThat(g).containsExactly(before);
    Map<String, double[]> state = deepCopy(rule.state());
    Arrays.fill(u, 7);
    rule.state().values().forEach(array -> Arrays.fill(array, 7));
    assertSameState(rule.state(), state);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesARateThatIsNone(double rate) {
    Rule rule = Rules.create("sgd", Map.of(), 1);
    assertThatThrownBy(() -> rule.step(new double[1], new double[1], rate, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("learningRate is " + rate + "; it must be finite and >= 0");
    assertThatThrownBy(() -> rule.step(new double[1], new double[1], 0, rate))
        .hasMessageStartingWith("weightDecay is ");
  }

  @Test
  void refusesOtherSizesAndStates() {
    Rule rule = Rules.create("sgdm", Map.of(), 2);
    assertThatThrownBy(() -> rule.step(new double[2], new double[3], 0.1, 0))
        .hasMessage("g has 3 coordinates; this rule has 2");
    assertThatThrownBy(() -> rule.restore(Map.of(), 1)).hasMessageContaining("[m]");
    assertThatThrownBy(() -> rule.restore(Map.of("m", new double[3]), 1))
        .hasMessage("m has 3 coordinates; this rule has 2");
    assertThatThrownBy(() -> rule.restore(Map.of("m", new double[2]), -1))
        .hasMessageContaining("-1");
  }

  /** Does not trust state() to have copied. */
  private static Map<String, double[]> deepCopy(Map<String, double[]> state) {
    Map<String, double[]> copy = new LinkedHashMap<>();
    state.forEach((name, array) -> copy.put(name, array.clone()));
    return copy;
  }

  private static void assertSameState(Map<String, double[]> actual, Map<String, double[]> state) {
    assertThat(actual.keySet()).containsExactlyElementsOf(state.keySet());
    state.forEach((name, array) -> assertThat(actual.get(name)).containsExactly(array));
  }
}
