package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.rules.Rules;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every optimizer, in every variant, is held to {@link OptimizerContract}, and to what is not about
 * one parameter of one kernel; {@link RuleParityTest} is its other half.
 */
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

  /** Those of others on the class path included. */
  static Stream<Variant> all() {
    Stream<Variant> known = Optimizers.all().stream().map(one -> Variant.of(one.type()));
    return Stream.concat(known, Variant.all()).distinct();
  }

  @ParameterizedTest
  @MethodSource("all")
  void theContractHolds(Variant variant) {
    OptimizerDefinition definition = Optimizers.definition(variant.type());
    Map<String, Object> settings = definition.resolve(variant.settings(), "optimizer");
    variant.assertHolds(OptimizerContract.check(definition, settings, variant.claims()));
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void statisticsAreSumsOfSquares(Variant variant) {
    try (KernelRun run = variant.run(DataType.FLOAT64, Gradients.row(3, SIZE))) {
      for (double[] g : Gradients.normal(5, 3, SIZE)) {
        run.step(g);
        List<double[]> expected = new ArrayList<>(List.of(run.direction(g), run.weights(), g));
        run.state.tensors().forEach(of -> expected.add(of.singletonOrThrow().toDoubleArray()));
        try (NDArray gradient = run.array(g);
            NDArray sums = run.optimizer.statistics(run.state, new NDList(gradient))) {
          for (int i = 0; i < expected.size(); i++) {
            double sum = Arrays.stream(expected.get(i)).map(x -> x * x).sum();
            assertThat(sums.toDoubleArray()[i]).isCloseTo(sum, within(1e-12 * sum));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#all")
  void djlsPathGivesTheSameBits(Variant variant) {
    assumeThat(variant.rule().inputs()).as("DJL's path has gradients only").isEmpty();
    double[] w = Gradients.row(3, SIZE);
    try (KernelRun fused = variant.run(DataType.FLOAT32, w);
        KernelRun djl = variant.run(DataType.FLOAT32, w)) {
      double decay = variant.vector() ? 0 : ParameterRun.DECAY;
      for (double[] g : Gradients.normal(9, STEPS, SIZE)) {
        fused.step(g, 1, ParameterRun.RATE, decay);
        djl.update(g);
        assertThat(djl.weights()).containsExactly(fused.weights());
      }
      assertThat(fused.weights()).isNotEqualTo(w);
    }
  }

  @ParameterizedTest
  @MethodSource("io.adamant.optim.Variant#plain")
  void manyParametersInOneCallAreManyCalls(Variant variant) {
    assumeThat(Optimizers.definition(variant.type()).sums()).as("sums over all").isEmpty();
    assumeThat(variant.rule().inputs()).as("DJL's path has gradients only").isEmpty();
    int[] sizes = {SIZE, 1, 7, 600_000}; // below, at and above what one vector or piece holds
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer optimizer =
            Optimizers.create(variant.type(), variant.settings(), s -> ParameterRun.RATE, 0);
        Autograd.Mode off = Autograd.noGrad()) {
      NDList together = new NDList();
      NDList gradients = new NDList();
      boolean vectors = optimizer.definition().takes(new Shape(SIZE));
      for (int size : sizes) {
        Shape shape = vectors ? new Shape(size) : new Shape(1, size);
        together.add(floats(manager, size, size).reshape(shape));
        gradients.add(floats(manager, size + 1, size).reshape(shape));
      }
      NDList alone = new NDList(together.stream().map(NDArray::duplicate).toList());
      var names = Arrays.stream(sizes).mapToObj(size -> "w" + size).toList();
      OptimizerState state = optimizer.newState(manager, names, together);
      for (int k = 0; k < 3; k++) {
        optimizer.step(state, gradients, manager.create(1d), ParameterRun.RATE, 0);
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
        NDList w = new NDList(floats(manager, 10, size));
        try (FusedOptimizer optimizer = variant.optimizer()) {
          OptimizerState state = optimizer.newState(manager, List.of("w"), w);
          for (int k = 0; k < 3; k++) {
            NDArray g = floats(manager, 11 + k, size);
            optimizer.step(state, new NDList(g), manager.create(1d), ParameterRun.RATE, 0.1);
          }
        }
        weights[threads - 1] = w.singletonOrThrow().toFloatArray();
      }
    } finally {
      TorchRuntime.prepareThread(before);
    }
    assertThat(Arrays.equals(weights[0], weights[1])).isTrue(); // AssertJ compares n^2 pairs
  }

  private static NDArray floats(NDManager manager, long seed, int size) {
    return manager.create(Gradients.row(seed, size)).toType(DataType.FLOAT32, true);
  }
}
