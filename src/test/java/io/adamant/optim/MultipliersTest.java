package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.rules.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adamw momentum=nesterov",
        "adamw momentum=nesterov_next",
        "adamw momentum=nesterov_next bias_correction=false",
        "adamw momentum=nesterov init=gradient",
        "adamw momentum=nesterov decay=l2 mask=cautious",
        "adamw slow_alpha=5",
        "adamw slow_alpha=5 slow_beta=0.99 slow_alpha_warmup=5 slow_beta_warmup=4",
        "adamw slow_alpha=5 slow_beta=0.99 bias_correction=false",
        "adamw slow_alpha=3 slow_beta=0.9 slow_beta_warmup=100 momentum=nesterov_next",
        "sgdm momentum=nesterov",
        "sgdm momentum=nesterov dampening=0",
        "sgdm momentum=nesterov_next dampening=0.3 coordinate_clip=0.2",
        "sgdm slow_alpha=2 slow_beta=0.8",
        "signum momentum=nesterov",
        "signum momentum=nesterov init=gradient mollifier=0.1",
        "signum slow_alpha=4 slow_beta=0.8",
        "emasign momentum=nesterov",
        "emasign slow_alpha=4 slow_beta=0.98",
        "softsign_adam momentum=nesterov_next",
        "softsign_adam momentum=nesterov_next bias_correction=false",
        "softsign_adam slow_alpha=4 slow_beta=0.98 denominator=outside",
        "adavar momentum=nesterov",
        "adavar slow_alpha=4 slow_beta=0.98",
        "cautious_adamw momentum=nesterov",
        "cautious_adamw momentum=nesterov_next correction=rate",
        "cautious_adamw slow_alpha=4 slow_beta=0.98",
      })
  void theKernelGivesTheDirectionWhatTheRuleInDoubleGives(String line) {
    String type = line.split(" ", 2)[0];
    Map<String, Object> settings = settings(line);
    Map<String, Object> plain = new TreeMap<>(settings);
    plain.keySet().removeIf(name -> name.equals("momentum") || name.startsWith("slow"));
    for (int[] shape : new int[][] {{6, 9}, {7}}) {
      double[][] numbers = numbers(shape);
      double[] rule = byRule(type, settings, decay(settings), numbers, shape);
      assertThat(byKernel(type, settings, DataType.FLOAT64, numbers, shape))
          .containsExactly(rule, within(1e-12));
      assertThat(byKernel(type, settings, DataType.FLOAT32, numbers, shape))
          .containsExactly(rule, within(1e-5));
      assertThat(equal(rule, byRule(type, plain, decay(plain), numbers, shape))).isFalse();
    }
    settings.keySet().removeAll(List.of("decay", "mask")); // l2 changes g, a mask joins coordinates
    OptimizerDefinition definition = Optimizers.definition(type);
    OptimizerClaims odd = new OptimizerClaims(true, false, OptionalDouble.empty());
    assertThat(OptimizerContract.check(definition, settings, odd))
        .isNotEmpty()
        .noneMatch(found -> found.verdict() == OptimizerContract.Verdict.FAILS);
  }

  /** AdamW with a setting is a rule that has a file, and recordings of its authors, of its own. */
  @ParameterizedTest
  @CsvSource({
    "nadamw, , momentum=nesterov",
    "ademamix, alpha=4, slow_alpha=4",
    "ademamix, alpha=4 beta3=0.99, slow_alpha=4 slow_beta=0.99",
    "ademamix, beta3_warmup=5, slow_alpha=5 slow_beta_warmup=5",
    "ademamix, alpha_warmup=6, slow_alpha=5 slow_alpha_warmup=6",
  })
  void adamWWithASettingIsTheRuleOfThatName(String type, String own, String setting) {
    Map<String, Object> given = settings(setting + " beta1=0.9 beta2=0.999 eps=1e-8");
    Map<String, Object> theirs = own == null ? Map.of() : settings(own);
    for (int[] shape : new int[][] {{6, 9}, {7}}) {
      double[][] numbers = numbers(shape);
      double[] expected = byKernel(type, theirs, DataType.FLOAT64, numbers, shape);
      assertThat(byKernel("adamw", given, DataType.FLOAT64, numbers, shape))
          .containsExactly(expected, within(1e-13));
      assertThat(byRule("adamw", given, 0.3, numbers, shape))
          .containsExactly(expected, within(1e-13));
    }
  }

  /** torch.optim.SGD(momentum, nesterov=True): b = mu b + g, first b = g; u = g + mu b. */
  @Test
  void sgdmWithoutDampeningAndNesterovIsThatOfTorch() {
    double[][] numbers = numbers(7);
    double[] w = numbers[0].clone();
    double[] b = numbers[1].clone();
    for (int k = 1; k < numbers.length; k++) {
      double rate = SCHEDULE.at(k - 1L);
      for (int i = 0; i < w.length; i++) {
        b[i] = k == 1 ? b[i] : 0.9 * b[i] + numbers[k][i];
        w[i] = w[i] * (1 - rate * 0.3) - rate * (numbers[k][i] + 0.9 * b[i]);
      }
    }
    Map<String, Object> settings = settings("momentum=nesterov dampening=0 beta1=0.9");
    assertThat(byKernel("sgdm", settings, DataType.FLOAT64, numbers, 7))
        .containsExactly(w, within(1e-13));
  }

  @Test
  void aSlowAverageIsOneMoreState() {
    for (String setting : List.of("slow_alpha=1", "momentum=nesterov")) {
      boolean slow = setting.startsWith("slow");
      FusedOptimizer optimizer = Optimizers.create("adamw", settings(setting), SCHEDULE, 0);
      try (KernelRun run = new KernelRun(optimizer, DataType.FLOAT32, numbers(7)[0], 7)) {
        assertThat(run.state.named().keySet())
            .isEqualTo(
                slow ? Set.of("w/m", "w/v", "w/slow", "steps") : Set.of("w/m", "w/v", "steps"));
        assertThat(optimizer.stateSize(new Shape(5, 4))).isEqualTo(slow ? 60 : 40);
      }
    }
  }

  @Test
  void theClipCountsWhatItIsGiven() {
    double[] g = {
      0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8
    }; // m is g/10 after a step, with Nesterov 0.19 g
    assertThat(clipped("plain", g)).isEqualTo(3);
    assertThat(clipped("nesterov", g)).isEqualTo(5);
  }

  private static double clipped(String momentum, double[] g) {
    Map<String, Object> settings = settings("coordinate_clip=0.05 momentum=" + momentum);
    FusedOptimizer optimizer = Optimizers.create("sgdm", settings, SCHEDULE, 0);
    try (KernelRun run =
        new KernelRun(optimizer, DataType.FLOAT64, new double[g.length], g.length)) {
      run.step(g);
      return optimizer.clipped(run.state, new NDList(run.array(g))).getDouble();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sgd | momentum=nesterov | optimizer.momentum: not for sgd, whose file does not say"
            + " momentum: m; it is for adamw, adavar, cautious_adamw, emasign, sgdm, signum, softsign_adam",
        "rmsprop | slow_alpha=1 | optimizer.slow_alpha: not for rmsprop",
        "lion | momentum=nesterov | optimizer.momentum: not for lion",
        "muon | momentum=nesterov | optimizer.momentum: not for muon",
        "adan | slow_beta=0.9 | optimizer.slow_beta: not for adan",
        "adopt | momentum=nesterov_next | optimizer.momentum: not for adopt",
        "adamw | momentum=heavy | optimizer.momentum: heavy is not allowed for adamw; allowed: one"
            + " of plain, nesterov, nesterov_next",
        "adamw | slow_beta=0.9 | optimizer.slow_beta: 0.9 needs a slow_alpha above 0",
        "adamw | slow_alpha=0 slow_beta_warmup=9 | optimizer.slow_beta_warmup: 9 needs a slow_alpha",
      })
  void settingsOfAnAverageAreRefusedWhereNothingWouldComeOfThem(
      String type, String setting, String message) {
    assertThatThrownBy(() -> Optimizers.create(type, settings(setting), SCHEDULE, 0))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  /** Kernel and rule have these settings in the same places. */
  @Test
  void theSameRulesHaveThem() {
    Map<String, Object> settings = Map.of("momentum", "nesterov", "slow_alpha", 1.0);
    for (String type : io.adamant.rules.Rules.types()) {
      if (Optimizers.definition(type).momentum().exists()) {
        assertThat(io.adamant.rules.Rules.create(type, settings, 3, 2).steps()).isZero();
      } else {
        assertThatThrownBy(() -> io.adamant.rules.Rules.create(type, settings, 3, 2))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("unknown setting");
      }
    }
  }

  /** A file that says it has an average must have one, of one thing, with one decay. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "momentum: m | momentum: q | momentum: q needs a state q that def update advances by",
        "average(m, g, beta) | average(m, g * g, beta) | momentum: m needs a state m",
        "average(m, g, beta) | average(m, g, 0.5) | momentum: m needs a state m",
        "m = average | m = g.add(m) # | momentum: m needs a state m",
        "x = g | m = average(m, g, tau); x = g | momentum: m needs a state m",
        "tau = setting | slow = setting | with momentum: m no state or setting can be named slow",
      })
  void aFileWithoutTheAverageThatItNamesIsRefused(String from, String to, String message) {
    String text =
        """
        \"""A toy

        formula: u = m
        source: a test
        momentum: m
        \"""
        beta = setting(0.9, "[0, 1)", "decay")
        tau = setting(0.8, "[0, 1)", "decay")
        m = state()
        x = state()
        def update(g, m, x):
          m = average(m, g, beta)
          x = g
        def direction(m):
          return m
        """;
    assertThat(OptimizerDefinition.parse("toy.py", text).momentum().beta()).isEqualTo("beta");
    String broken = text.replace(from, to.replace("; ", "\n  "));
    assertThatThrownBy(() -> OptimizerDefinition.parse("toy.py", broken))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("toy.py:1: " + message);
  }

  /** Of words such as {@code momentum=nesterov}; others are passed over. */
  private static Map<String, Object> settings(String line) {
    Map<String, Object> settings = new TreeMap<>();
    for (String word : line.split(" ", -1)) {
      String[] parts = word.split("=", 2);
      if (parts.length == 2) {
        Object flagOrWord =
            parts[1].matches("true|false") ? (Object) Boolean.valueOf(parts[1]) : parts[1];
        boolean number = parts[1].matches("[0-9].*");
        settings.put(parts[0], number ? (Object) Double.valueOf(parts[1]) : flagOrWord);
      }
    }
    return settings;
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
    written.putAll(Map.of("momentum", "plain", "slow_alpha", 0.0, "slow_beta_warmup", 0.0));
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
