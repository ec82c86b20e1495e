package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every plain-double rule, in every variant, is held to the contract of the kernels. */
class RuleContractTest {
  private static final int SIZE = Variant.SIZE;

  /** Under a rule, with the guard that the rule itself has. */
  private static final class RuleRun implements ParameterRun {
    private final Rule rule;
    private final double[] weights;
    private double[] direction;

    RuleRun(Rule rule, double[] weights) {
      this.rule = rule;
      this.weights = weights.clone();
      direction = new double[weights.length];
    }

    @Override
    public void step(double[] g, double gate, double rate, double decay) {
      if (gate > 0) {
        direction = rule.step(weights, g, rate, decay);
      }
    }

    @Override
    public boolean guardedStep(double[] g) {
      long before = rule.steps();
      step(g);
      boolean taken = rule.steps() > before;
      assertThat(taken || Arrays.stream(direction).allMatch(u -> u == 0)).isTrue();
      return taken;
    }

    @Override
    public double[] weights() {
      return weights.clone();
    }

    @Override
    public double[] direction(double[] g) {
      return direction;
    }

    @Override
    public Map<String, double[]> everything() {
      Map<String, double[]> values = new LinkedHashMap<>();
      values.put("w", weights());
      values.put("steps", new double[] {rule.steps()});
      rule.state().forEach((name, state) -> values.put("w/" + name, state.clone()));
      return values;
    }

    @Override
    public void restore(Map<String, double[]> everything) {
      System.arraycopy(everything.get("w"), 0, weights, 0, weights.length);
      Map<String, double[]> state = new LinkedHashMap<>();
      rule.state().keySet().forEach(name -> state.put(name, everything.get("w/" + name)));
      rule.restore(state, (long) everything.get("steps")[0]);
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void theContractHolds(Variant variant) {
    OptimizerDefinition definition = Optimizers.definition(variant.type());
    variant.assertHolds(
        OptimizerContract.check(
            definition, variant.claims(), (type, w, shape) -> new RuleRun(variant.rule(shape), w)));
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#scaleInvariant")
  void aPowerOfTwoOnTheGradientsChangesNoBit(Variant variant) {
    double[][] g = Gradients.normal(1, 30, SIZE);
    assertThat(directions(variant.rule(), Gradients.scaled(g, 1 << 20)))
        .isDeepEqualTo(directions(variant.rule(), g));
  }

  private static double[][] directions(Rule rule, double[][] g) {
    double[] w = new double[SIZE];
    return Arrays.stream(g).map(row -> rule.step(w, row, 0, 0)).toArray(double[][]::new);
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void stateIsACopyAndTheGradientIsNotTouched(Variant variant) {
    for (int[] shape : new int[][] {{Variant.ROWS, Variant.COLS}, {SIZE}}) {
      if (shape.length == 1 && !variant.takes(SIZE)) {
        continue;
      }
      Rule rule = variant.rule(shape);
      double[] g = Gradients.row(9, SIZE);
      double[] u = rule.step(new double[SIZE], g, 0.1, 0.1);
      assertThat(g).containsExactly(Gradients.row(9, SIZE));
      Map<String, double[]> state = deepCopy(rule.state());
      Arrays.fill(u, 7);
      rule.state().values().forEach(array -> Arrays.fill(array, 7));
      assertThat(rule.state().keySet()).containsExactlyElementsOf(state.keySet());
      state.forEach((name, array) -> assertThat(rule.state().get(name)).containsExactly(array));
    }
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
}
