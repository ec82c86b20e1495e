package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.rules.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What multiplies every rule: the kernel against the rule in double, which states it again. */
class MultipliersTest {

  private static final LearningRate SCHEDULE = LearningRate.of(k -> 0.05 / (1 + k), 0.05);

  @ParameterizedTest
  @CsvSource({
    "adamw, decay, independent",
    "adamw, decay, corrected",
    "adamw, decay, cautious",
    "adamw, decay, proximal",
    "adamw, decay, last",
    "adamw, decay, l2",
    "signum, decay, l2",
    "nadamw, decay, l2", // its direction reads the gradient
    "adamw, mask, cautious",
    "sgdm, mask, cautious",
    "adamw, constraint, hyperball",
    "muon, constraint, hyperball",
    "adamw, update_floor, 0.2",
    "adamw, update_ceiling, 0.01",
    "muon, update_ceiling, 0.01",
  })
  void theKernelDoesWhatTheRuleInDoubleDoes(String type, String name, String word) {
    Object value = word.startsWith("0") ? (Object) Double.valueOf(word) : word;
    for (int[] shape : new int[][] {{6, 9}, {7}}) {
      double[][] numbers = numbers(shape);
      double[] kernel = byKernel(type, Map.of(name, value), DataType.FLOAT64, numbers, shape);
      double[] rule = byRule(type, Map.of(name, value), decay(Map.of(name, value)), numbers, shape);
      assertThat(kernel).containsExactly(rule, within(1e-12));
      assertThat(byKernel(type, Map.of(name, value), DataType.FLOAT32, numbers, shape))
          .containsExactly(rule, within(1e-4));
      double[] plain = byRule(type, Map.of(), decay(Map.of(name, value)), numbers, shape);
      boolean ofMatrices = !name.equals("decay") && !name.equals("mask");
      assertThat(rule)
          .satisfies(w -> assertThat(equal(w, plain)).isEqualTo(ofMatrices && shape.length == 1));
    }
  }

  private static boolean equal(double[] a, double[] b) {
    return java.util.Arrays.equals(a, b);
  }

  @Test
  void aHyperballKeepsTheNormAndABoundBoundsTheStep() {
    double[][] numbers = numbers(6, 9);
    double[] ball =
        byKernel("adamw", Map.of("constraint", "hyperball"), DataType.FLOAT64, numbers, 6, 9);
    assertThat(norm(ball)).isCloseTo(norm(numbers[0]), within(1e-12));
    double[][] one = {numbers[0], numbers[1]};
    double[] moved =
        byKernel("adamw", Map.of("update_ceiling", 0.003), DataType.FLOAT64, one, 6, 9);
    double decay = 1 - SCHEDULE.at(0) * decay(Map.of("update_ceiling", 0.003));
    double step = 0;
    for (int i = 0; i < moved.length; i++) {
      step += Math.pow(moved[i] - decay * one[0][i], 2);
    }
    assertThat(Math.sqrt(step) / norm(one[0]) / decay).isCloseTo(0.003, within(1e-12));
  }

  @Test
  void settingsAtTheirDefaultsAreNoSettings() {
    OptimizerDefinition adamw = Optimizers.definition("adamw");
    Map<String, Object> written = new TreeMap<>(Map.of("decay", "coupled", "mask", "none"));
    assertThat(adamw.resolve(written, "optimizer")).isEqualTo(adamw.resolve(Map.of(), "optimizer"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "constraint | hyperball | 0.1 | does not go together with a weight_decay above 0",
        "decay | sometimes | 0 | is not allowed for adamw; allowed: one of coupled, independent",
        "update_ceiling | 1.5 | 0 | is not allowed for adamw; allowed: none or a number in [0, 1]",
      })
  void whatExcludesEachOtherIsRefused(String name, String word, double decay, String message) {
    Object value = word.startsWith("1") ? (Object) Double.valueOf(word) : word;
    assertThatThrownBy(() -> Optimizers.create("adamw", Map.of(name, value), SCHEDULE, decay))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"update_floor", "update_ceiling"})
  void aConstraintHasNoBounds(String bound) {
    Map<String, Object> settings = Map.of("constraint", "hyperball", bound, 0.1);
    assertThatThrownBy(() -> Optimizers.create("adamw", settings, SCHEDULE, 0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("constraint: hyperball does not go together with update_floor");
  }

  /** Weights, then gradients; one of them is not finite, and that step changes nothing. */
  private static double[][] numbers(int... shape) {
    int size = shape.length == 1 ? shape[0] : shape[0] * shape[1];
    Random random = new Random(7);
    double[][] numbers = new double[9][];
    for (int k = 0; k < numbers.length; k++) {
      numbers[k] = random.doubles(size, -1, 1).toArray();
    }
    return numbers;
  }

  private static double[] byKernel(
      String type, Map<String, Object> settings, DataType dtype, double[][] numbers, int... shape) {
    FusedOptimizer optimizer = Optimizers.create(type, settings, SCHEDULE, 0);
    try (KernelRun run = new KernelRun(optimizer, dtype, numbers[0], shape)) {
      for (int k = 1; k < numbers.length; k++) {
        run.step(numbers[k], 1, SCHEDULE.at(k - 1L), decay(settings));
      }
      return run.weights();
    }
  }

  private static double[] byRule(
      String type,
      Map<String, Object> settings,
      double weightDecay,
      double[][] numbers,
      int... shape) {
    Rule rule = io.adamant.rules.Rules.create(type, settings, shape);
    double[] w = numbers[0].clone();
    for (int k = 1; k < numbers.length; k++) {
      double rate = SCHEDULE.at(k - 1L);
      double decay = weightDecay;
      Object kind = settings.getOrDefault("decay", "coupled");
      if (kind.equals("independent")) {
        decay /= SCHEDULE.highest();
      } else if (kind.equals("corrected")) {
        decay *= rate / SCHEDULE.highest();
      }
      rule.step(w, numbers[k], rate, decay);
    }
    return w;
  }

  private static double decay(Map<String, Object> settings) {
    return settings.containsKey("constraint") ? 0 : 0.3;
  }

  private static double norm(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  @Test
  void whatDecaysIsChosenByNameAndShape() {
    assertThat(decaying("matrices")).containsExactly("layers.0.mlp.up", "head.weight");
    assertThat(decaying("all"))
        .containsExactly("layers.0.mlp.up", "head.weight", "layers.0.mlp_norm.gain");
    assertThat(decaying("layers")).containsExactly("layers.0.mlp.up");
  }

  private static List<String> decaying(String word) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("layers.0.mlp.up", new Shape(4, 3));
    shapes.put("head.weight", new Shape(4, 3));
    shapes.put("layers.0.mlp_norm.gain", new Shape(3));
    try (FusedOptimizer optimizer =
        Optimizers.create("adamw", Map.of("decay_on", word), SCHEDULE, 0.1)) {
      return shapes.entrySet().stream()
          .filter(e -> optimizer.decays(e.getKey(), e.getValue()))
          .map(Map.Entry::getKey)
          .toList();
    }
  }
}
