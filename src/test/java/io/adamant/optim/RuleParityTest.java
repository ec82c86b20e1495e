package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import io.adamant.rules.Rule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every optimizer's tensors against its plain-double rule, which shares no code with them. A sign's
 * argument within 1e-6 of its largest coordinate is left out: rounding may turn the sign over.
 */
class RuleParityTest {
  private static final int SIZE = Variant.SIZE;

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void oneStepFromTheSameState(Variant variant) {
    oneStep(variant, Gradients.row(2, SIZE), DataType.FLOAT32, 1e-6);
    oneStep(variant, Gradients.row(2, SIZE), DataType.FLOAT64, 1e-12);
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void oneStepOfZeroTinyAndHugeGradients(Variant variant) {
    if (!variant.newtonSchulz()) { // a matrix of rank one in float32: see its own test
      oneStep(variant, Gradients.rough(3, 1, SIZE)[0], DataType.FLOAT32, 1e-6);
      oneStep(variant, Gradients.rough(3, 1, SIZE)[0], DataType.FLOAT64, 1e-12);
    }
    for (double scale : new double[] {0, 1e-12, 1e12}) {
      double[] g = KernelRun.rounded(Gradients.scaled(Gradients.normal(4, 1, SIZE), scale)[0]);
      oneStep(variant, g, DataType.FLOAT32, 1e-6);
      oneStep(variant, g, DataType.FLOAT64, 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void threeHundredStepsInFloat32(Variant variant) {
    trajectory(variant, DataType.FLOAT32, 300, 2e-5);
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void fiftyStepsInFloat64(Variant variant) {
    trajectory(variant, DataType.FLOAT64, 50, 1e-12);
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#plain")
  void aTensorOfSeveralPieces(Variant variant) {
    int rows = 2;
    int cols = 300_000; // a piece is 524,288 coordinates
    double[] w = Gradients.row(5, rows * cols);
    double[] g = Gradients.row(6, rows * cols);
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT64, w, rows, cols)) {
      Rule rule = variant.rule(rows, cols);
      run.step(g, KernelRun.RATE, KernelRun.DECAY);
      rule.step(w, g, KernelRun.RATE, KernelRun.DECAY);
      assertClose(run.weights(), w, new boolean[w.length], 1e-12);
    }
  }

  /** Weights, direction and state after one step, from a state that is no start. */
  private static void oneStep(Variant variant, double[] g, DataType type, double tolerance) {
    double[] w = Gradients.row(1, SIZE);
    try (KernelRun run = new KernelRun(variant, type, w)) {
      Rule rule = variant.rule();
      Map<String, double[]> state = someState(rule);
      rule.restore(state, 4);
      run.restore(state, 4);
      double[] u = rule.step(w, g, KernelRun.RATE, KernelRun.DECAY);
      run.step(g, KernelRun.RATE, KernelRun.DECAY);

      boolean[] leftOut = nearZero(variant, state, rule.state(), g);
      // Newton-Schulz multiplies a rounding by up to 3.4 in each of its steps.
      double amplified = variant.newtonSchulz() ? 10 * tolerance : tolerance;
      assertClose(run.direction(g), u, leftOut, amplified);
      assertClose(run.weights(), w, leftOut, tolerance);
      assertThat(run.steps()).isEqualTo(5);
      assertThat(run.state().keySet()).isEqualTo(rule.state().keySet());
      rule.state()
          .forEach(
              (name, tensor) ->
                  assertClose(run.state().get(name), tensor, new boolean[SIZE], amplified));
    }
  }

  private static void trajectory(Variant variant, DataType type, int steps, double tolerance) {
    double[] w = Gradients.row(1, SIZE);
    boolean[] leftOut = new boolean[SIZE];
    try (KernelRun run = new KernelRun(variant, type, w)) {
      Rule rule = variant.rule();
      for (double[] g : Gradients.normal(7, steps, SIZE)) {
        Map<String, double[]> before = rule.state();
        rule.step(w, g, KernelRun.RATE, KernelRun.DECAY);
        run.step(g, KernelRun.RATE, KernelRun.DECAY);
        boolean[] now = nearZero(variant, before, rule.state(), g);
        for (int i = 0; i < SIZE; i++) {
          leftOut[i] |= now[i]; // once apart, weights stay apart
        }
        assertClose(run.weights(), w, leftOut, tolerance);
      }
    }
    assertThat(leftOut).as("nearly all coordinates were compared").satisfies(RuleParityTest::few);
  }

  private static void few(boolean[] leftOut) {
    int count = 0;
    for (boolean out : leftOut) {
      count += out ? 1 : 0;
    }
    assertThat(count).isLessThanOrEqualTo(leftOut.length / 10);
  }

  /** Averages as after some steps: m of either sign, squares positive. */
  private static Map<String, double[]> someState(Rule rule) {
    Map<String, double[]> state = new LinkedHashMap<>();
    for (String name : rule.state().keySet()) {
      double[] values = Gradients.row(name.charAt(0), rule.state().get(name).length);
      if (!name.equals("m")) {
        Arrays.setAll(values, i -> (float) (values[i] * values[i] + 0.01));
      }
      state.put(name, values);
    }
    return state;
  }

  private static boolean[] nearZero(
      Variant variant, Map<String, double[]> before, Map<String, double[]> after, double[] g) {
    boolean[] near = new boolean[g.length];
    if (variant.sign()) {
      double[] x = variant.signed(before, after, g);
      for (int i = 0; i < g.length; i++) {
        near[i] = Math.abs(x[i]) < 1e-6 * largest(x);
      }
    }
    return near;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }

  /** Within the tolerance times the largest coordinate. */
  private static void assertClose(
      double[] found, double[] expected, boolean[] leftOut, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    double bound = tolerance * largest(expected);
    for (int i = 0; i < found.length; i++) {
      if (!leftOut[i] && !(Math.abs(found[i] - expected[i]) <= bound)) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "coordinate %d is %s; the rule has %s, allowed is a difference of %.1e",
                i,
                found[i],
                expected[i],
                bound));
      }
    }
  }
}
