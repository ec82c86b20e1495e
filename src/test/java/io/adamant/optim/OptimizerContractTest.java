package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.rules.Rules;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TorchRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every optimizer, in every variant, holds to; {@link RuleParityTest} is its other half. */
class OptimizerContractTest {
  private static final int SIZE = Variant.SIZE;
  private static final int STEPS = 12;

  @Test
  void everyOptimizerOfOursIsHeldToTheContract() {
    assertThat(Variant.all().map(variant -> "optimizers/" + variant.type() + ".py"))
        .containsAll(ScriptModule.resources("optimizers/"));
    assertThat(Variant.all().map(Variant::type)).containsAll(Rules.types());
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#plain")
  void settingsAndDefaultsAreThoseOfTheRule(Variant variant) {
    OptimizerDefinition definition = Optimizers.definition(variant.type());
    Map<String, Object> defaults = definition.resolve(Map.of(), "optimizer");
    defaults.keySet().removeIf(Others::isFor);
    assertThat(defaults.keySet()).isEqualTo(Rules.defaults(variant.type()).keySet());
    Rules.defaults(variant.type())
        .forEach(
            (name, value) ->
                assertThat(plain(defaults.get(name))).as(name).isEqualTo(plain(value)));
  }

  /** 5 and 5.0 are one number. */
  private static Object plain(Object value) {
    return value instanceof Number x ? (Object) x.doubleValue() : value;
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#scaleInvariant")
  void ignoresAPositiveFactorOnTheGradients(Variant variant) {
    double[][] g = Gradients.normal(1, STEPS, SIZE);
    double[][] larger = Gradients.scaled(g, 1 << 20);
    // A power of two changes no rounding of the averages; the operators need not keep that.
    assertClose(trajectory(variant, larger), trajectory(variant, g), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#scaleDependent")
  void dependsOnTheScaleOfTheGradients(Variant variant) {
    double[][] g = Gradients.normal(1, STEPS, SIZE);
    double[] once = trajectory(variant, g);
    double[] larger = trajectory(variant, Gradients.scaled(g, 4));
    double apart = 0;
    for (int i = 0; i < SIZE; i++) {
      apart = Math.max(apart, Math.abs(larger[i] - once[i]));
    }
    assertThat(apart).as("weights apart after %d steps", STEPS).isGreaterThan(0.003);
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void isOddInTheGradients(Variant variant) {
    double[][] g = Gradients.normal(2, STEPS, SIZE);
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT32, new double[SIZE]);
        KernelRun mirrored = new KernelRun(variant, DataType.FLOAT32, new double[SIZE])) {
      for (double[] row : g) {
        run.step(row, KernelRun.RATE, 0);
        mirrored.step(negative(row), KernelRun.RATE, 0);
        assertThat(mirrored.weights()).isEqualTo(negative(run.weights()));
        assertThat(mirrored.direction(negative(row))).isEqualTo(negative(run.direction(row)));
      }
      assertThat(run.weights()).doesNotContain(Double.NaN).isNotEqualTo(new double[SIZE]);
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void aZeroRateMovesNoWeight(Variant variant) {
    double[] w = Gradients.row(3, SIZE);
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT32, w)) {
      for (double[] g : Gradients.normal(4, STEPS, SIZE)) {
        run.step(g, 0, KernelRun.DECAY);
      }
      assertThat(run.weights()).containsExactly(w);
      assertThat(run.steps()).isEqualTo(STEPS);
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void theDirectionRecomputedIsTheOneApplied(Variant variant) {
    double rate = 0.25;
    double decay = 0.5;
    double[] w = Gradients.row(3, SIZE);
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT64, w)) {
      for (double[] g : Gradients.normal(5, STEPS, SIZE)) {
        double[] before = run.weights();
        run.step(g, rate, decay);
        double[] u = run.direction(g);
        double[] expected = new double[SIZE];
        for (int i = 0; i < SIZE; i++) {
          expected[i] = (1 - rate * decay) * before[i] - rate * u[i];
        }
        assertClose(run.weights(), expected, 1e-14);
        assertThat(run.direction(g)).as("asking changes nothing").containsExactly(u);
        assertThat(run.statistics(g)[0]).isCloseTo(squareSum(u), within(1e-12 * squareSum(u)));
        double squares = squareSum(run.weights());
        assertThat(run.statistics(g)[1]).isCloseTo(squares, within(1e-12 * squares + 1e-10));
        assertThat(run.statistics(g)[2]).isCloseTo(squareSum(g), within(1e-10));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void aClosedGateLeavesEverythingAsItWas(Variant variant) {
    badStep(variant, Double.NaN, 3);
    badStep(variant, Double.POSITIVE_INFINITY, 0);
    badStep(variant, 1e30, 1); // finite, but its square is not in float32
  }

  private static void badStep(Variant variant, double bad, int goodSteps) {
    double[] w = Gradients.row(3, SIZE);
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT32, w);
        GradientClipping clipping = new GradientClipping(run.manager, 1.0, 0, 8);
        Autograd.Mode off = Autograd.noGrad()) {
      for (double[] g : Gradients.normal(6, goodSteps, SIZE)) {
        run.step(g, KernelRun.RATE, KernelRun.DECAY);
      }
      double[] weights = run.weights();
      Map<String, double[]> state = run.state();

      double[] g = Gradients.row(7, SIZE);
      g[SIZE / 2] = bad;
      NDArray gradient = run.array(g);
      NDList losses = new NDList(run.manager.create(1f));
      NDArray gate = clipping.clipAndGuard(run.manager, losses, new NDList(gradient), goodSteps);
      run.step(gradient, gate, KernelRun.RATE, KernelRun.DECAY);

      assertThat(clipping.read(goodSteps, goodSteps + 1L)[0].taken()).isFalse();
      assertThat(run.weights()).containsExactly(weights);
      assertThat(run.steps()).isEqualTo(goodSteps);
      state.forEach((name, values) -> assertThat(run.state().get(name)).containsExactly(values));
      goesOnAsIfNothingHadHappened(variant, run, goodSteps);
    }
  }

  private static void goesOnAsIfNothingHadHappened(Variant variant, KernelRun run, int goodSteps) {
    try (KernelRun spared = new KernelRun(variant, DataType.FLOAT32, Gradients.row(3, SIZE))) {
      for (double[] g : Gradients.normal(6, goodSteps, SIZE)) {
        spared.step(g, KernelRun.RATE, KernelRun.DECAY);
      }
      double[] next = Gradients.row(8, SIZE);
      run.step(next, KernelRun.RATE, KernelRun.DECAY);
      spared.step(next, KernelRun.RATE, KernelRun.DECAY);
      assertThat(run.weights()).containsExactly(spared.weights());
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void aRestoredStateGoesOnBitForBit(Variant variant) {
    double[][] g = Gradients.normal(8, STEPS, SIZE);
    try (KernelRun first = new KernelRun(variant, DataType.FLOAT32, Gradients.row(3, SIZE))) {
      for (int k = 0; k < 5; k++) {
        first.step(g[k], KernelRun.RATE, KernelRun.DECAY);
      }
      try (KernelRun second = new KernelRun(variant, DataType.FLOAT32, first.weights())) {
        first.copyStateTo(second);
        for (int k = 5; k < STEPS; k++) {
          first.step(g[k], KernelRun.RATE, KernelRun.DECAY);
          second.step(g[k], KernelRun.RATE, KernelRun.DECAY);
        }
        assertThat(second.weights()).containsExactly(first.weights());
        assertThat(second.direction(g[0])).containsExactly(first.direction(g[0]));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void djlsPathGivesTheSameBits(Variant variant) {
    double[] w = Gradients.row(3, SIZE);
    try (KernelRun fused = new KernelRun(variant, DataType.FLOAT32, w);
        KernelRun djl = new KernelRun(variant, DataType.FLOAT32, w)) {
      double decay = variant.vector() ? 0 : KernelRun.DECAY;
      for (double[] g : Gradients.normal(9, STEPS, SIZE)) {
        fused.step(g, KernelRun.RATE, decay);
        djl.update(g);
        assertThat(djl.weights()).containsExactly(fused.weights());
      }
      assertThat(fused.weights()).isNotEqualTo(w);
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#plain")
  void manyParametersInOneCallAreManyCalls(Variant variant) {
    int[] sizes = {SIZE, 1, 7, 600_000}; // below, at and above what one vector or piece holds
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer optimizer =
            Optimizers.create(variant.type(), variant.settings(), s -> KernelRun.RATE, 0);
        Autograd.Mode off = Autograd.noGrad()) {
      NDList together = new NDList();
      NDList gradients = new NDList();
      boolean vectors = optimizer.definition().takes(new Shape(SIZE));
      for (int size : sizes) {
        Shape shape = vectors ? new Shape(size) : new Shape(1, size);
        together.add(manager.create(KernelRun.floats(Gradients.row(size, size)), shape));
        gradients.add(manager.create(KernelRun.floats(Gradients.row(size + 1, size)), shape));
      }
      NDList alone = new NDList(together.stream().map(NDArray::duplicate).toList());
      var names = Arrays.stream(sizes).mapToObj(size -> "w" + size).toList();
      OptimizerState state = optimizer.newState(manager, names, together);
      for (int k = 0; k < 3; k++) {
        optimizer.step(state, gradients, manager.create(1d), KernelRun.RATE, 0);
        for (int i = 0; i < sizes.length; i++) {
          optimizer.update(names.get(i), alone.get(i), gradients.get(i));
        }
      }
      for (int i = 0; i < sizes.length; i++) {
        float[] expected = together.get(i).toFloatArray();
        // AssertJ would compare n^2 pairs.
        assertThat(Arrays.equals(alone.get(i).toFloatArray(), expected))
            .as("%d", sizes[i])
            .isTrue();
      }
    }
  }

  static Stream<Variant> ofVectors() {
    Shape vector = new Shape(SIZE);
    return Variant.plain().filter(one -> Optimizers.definition(one.type()).takes(vector));
  }

  /**
   * Threads part a tensor where no vector register begins; that must not show. Products of matrices
   * are the library's.
   */
  @ParameterizedTest
  @MethodSource("ofVectors")
  void theNumberOfThreadsChangesNoBit(Variant variant) {
    int size = 600_011; // two pieces, neither a multiple of anything
    float[][] weights = new float[2][];
    int before = TorchRuntime.threads();
    try (NDManager manager = NDManager.newBaseManager();
        Autograd.Mode off = Autograd.noGrad()) {
      for (int threads = 1; threads <= 2; threads++) {
        TorchRuntime.prepareThread(threads);
        NDList w = new NDList(manager.create(KernelRun.floats(Gradients.row(10, size))));
        try (FusedOptimizer optimizer =
            Optimizers.create(variant.type(), variant.settings(), s -> KernelRun.RATE, 0)) {
          OptimizerState state = optimizer.newState(manager, List.of("w"), w);
          for (int k = 0; k < 3; k++) {
            NDArray g = manager.create(KernelRun.floats(Gradients.row(11 + k, size)));
            optimizer.step(state, new NDList(g), manager.create(1d), KernelRun.RATE, 0.1);
          }
        }
        weights[threads - 1] = w.singletonOrThrow().toFloatArray();
      }
    } finally {
      TorchRuntime.prepareThread(before);
    }
    assertThat(Arrays.equals(weights[0], weights[1])).isTrue(); // AssertJ compares n^2 pairs
  }

  /** Weights after the gradients, from zero, without decay. */
  private static double[] trajectory(Variant variant, double[][] gradients) {
    try (KernelRun run = new KernelRun(variant, DataType.FLOAT32, new double[SIZE])) {
      for (double[] g : gradients) {
        run.step(g, KernelRun.RATE, 0);
      }
      return run.weights();
    }
  }

  private static double[] negative(double[] values) {
    return Arrays.stream(values).map(x -> 0 - x).toArray(); // 0 - 0 is 0, not -0
  }

  private static double squareSum(double[] values) {
    return Arrays.stream(values).map(x -> x * x).sum();
  }

  private static void assertClose(double[] found, double[] expected, double tolerance) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(found).containsExactly(expected, within(tolerance * Math.max(1, largest)));
  }
}
