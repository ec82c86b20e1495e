package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that are refused, each in one line that says where, what and what is allowed. */
class DefinitionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sgdm | dampening | nesterov | optimizer.dampening: nesterov is not allowed for sgdm;"
            + " allowed: ema or a number in [0, 1]",
        "sgdm | dampening | 1.5 | optimizer.dampening: 1.5 is not allowed for sgdm;"
            + " allowed: ema or a number in [0, 1]",
        "lion | beta2 | 0.4 | optimizer.beta2: 0.4 is not allowed for lion;"
            + " allowed: a number in [0.5, 1)",
        "muon | ns_steps | 2.5 | optimizer.ns_steps: 2.5 is not allowed for muon;"
            + " allowed: a whole number from 1 to 1000",
        "muon | ns_steps | 0 | optimizer.ns_steps: 0.0 is not allowed for muon;"
            + " allowed: a whole number from 1 to 1000",
        "signum | init | ones | optimizer.init: ones is not allowed for signum;"
            + " allowed: one of zero, gradient",
        "rmsprop | beta1 | 0.9 | optimizer.beta1: unknown setting of rmsprop;"
            + " it has: lr, weight_decay, beta2, eps, bias_correction, decay, decay_on, mask, constraint,"
            + " update_floor, update_ceiling;"
            + " take out of the file what belongs to another optimizer",
        "adamw | learning_rate | 0.9 | optimizer.learning_rate: unknown setting of adamw;"
            + " did you mean optimizer.lr?",
        "adamw | betas | 0.9 | optimizer.betas: unknown setting of adamw;"
            + " did you mean optimizer.beta1?",
        "adamw | nesterov_decay | 0.9 | optimizer.nesterov_decay: unknown setting of adamw;"
            + " it has: lr, weight_decay, beta1, beta2, eps, bias_correction, init, correction,"
            + " eps_root, decay, decay_on, mask, constraint, update_floor, update_ceiling, momentum,"
            + " slow_alpha, slow_beta, slow_alpha_warmup, slow_beta_warmup",
      })
  void refuses(String type, String name, String value, String message) {
    Object setting = value.matches("[0-9.]+") ? (Object) Double.valueOf(value) : value;
    assertThatThrownBy(() -> definition(type).resolve(Map.of(name, setting), "optimizer"))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  @Test
  void aStartFromTheGradientLeavesNoBiasToCorrect() {
    OptimizerDefinition adamw = definition("adamw");
    assertThatThrownBy(
            () -> adamw.resolve(Map.of("init", "gradient", "bias_correction", true), "optimizer"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("optimizer.bias_correction")
        .hasMessageContaining("false with init: gradient")
        .hasMessageNotContaining("\n");
    Map<String, Object> resolved = adamw.resolve(Map.of("init", "gradient"), "optimizer");
    assertThat(resolved).containsEntry("bias_correction", false);
    assertThat(adamw.resolve(resolved, "optimizer")).isEqualTo(resolved); // as in a saved run.yaml
  }

  @Test
  void whatIsResolvedStaysAsItIs() {
    for (OptimizerDefinition definition : Optimizers.all()) {
      Map<String, Object> resolved = definition.resolve(Map.of(), "optimizer");
      assertThat(definition.resolve(resolved, "optimizer")).isEqualTo(resolved);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "w", "g", "gate", "decay", "param", "n_", "N"})
  void aNameThatTheKernelCannotGiveIsRefused(String name) {
    assertThatThrownBy(() -> toy(name + " = state()", "def update(g):\n  %s = g".formatted(name)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(name);
  }

  /** Letters that a formula likes and that the kernel's loop could have used itself. */
  @Test
  void namesOfFormulasDoNotMeetTheKernels() {
    OptimizerDefinition definition =
        toy(
            """
            a = setting(0.5, "[0, 1)", "a decay")
            n = state()
            p = state()
            b = state()
            u = state()
            """,
            """
            def update(g, n, p, b, u):
              i = g * 2.0
              n = average(n, g, a)
              p = i - g
              b = g * a
              u = n + p
            def direction(g, u, b):
              return u + b
            """);
    try (NDManager manager = NDManager.newBaseManager();
        FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      NDList w = new NDList(manager.create(new float[] {1, 2}));
      OptimizerState state = optimizer.newState(manager, List.of("w"), w);
      NDList g = new NDList(manager.create(new float[] {2, -4}));
      optimizer.step(state, g, manager.create(1d), 0.5, 0);
      assertThat(w.get(0).toFloatArray()).containsExactly(-1, 6); // u = g/2 + g + g/2
      assertThat(optimizer.directions(state, g).get(0).toFloatArray()).containsExactly(4, -8);
      assertThat(optimizer.statistics(state, g).toDoubleArray())
          .containsExactly(80, 37, 20, 5, 20, 5, 45);
    }
  }

  /** A file's errors say where, what and what is allowed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "formula: u = g | formula = u | toy.py:1: the top allows formula: TEXT",
        "source: a test | | toy.py:1: the top",
        "beta = setting(0.9, \"[0, 1)\", \"decay\") | beta = setting(1.0, \"[0, 1)\", \"decay\")"
            + " | toy.py:7: beta = 1.0: allowed: a number in [0, 1)",
        "beta = setting(0.9, \"[0, 1)\", \"decay\") | beta = setting(0.9, \"0 to 1\", \"decay\")"
            + " | toy.py:7: the range of beta must be like [0, 1)",
        "beta = setting(0.9, \"[0, 1)\", \"decay\") | beta = 0.9 | toy.py:7: allowed are NAME = setting",
        "m = state() | m = state(); v = state() | toy.py:8: allowed are NAME = setting",
        "m = average(m, g, beta) | pass | toy.py:1: def update must assign the state m",
        "m = average(m, g, beta) | beta = 0.5 | toy.py:12: update cannot assign beta",
        "m = average(m, g, beta) | m = average(m, | toy.py:12: an assignment to a state stands on one",
        "def update(g, m) | def update(g, v) | toy.py:11: update takes w, g, t, lr, m; found g, v",
        "return torch.sign(m) | m = g | toy.py:16: direction cannot assign m",
        "def direction | def directions | toy.py:15: a function of your own says its types",
        "torch.sign(m) | torch.sign(q) | toy.py:16: undefined value q, in: return torch.sign(q)",
        "torch.sign(m) | torch.sing(m) | toy.py:16: Unknown builtin op: aten::sing, in: return torch.sing(m)",
        "average(m, g, beta) | average(m, g) | toy.py:12: average",
      })
  void aFileThatIsWrongIsRefusedInOneLine(String from, String to, String message) {
    String right =
        """
        \"""A toy

        formula: u = g
        source: a test
        \"""

        beta = setting(0.9, "[0, 1)", "decay")
        m = state()


        def update(g, m):
          m = average(m, g, beta)


        def direction(g, m):
          return torch.sign(m)
        """;
    step(OptimizerDefinition.parse("toy.py", right)); // which is right
    String wrong = right.replace(from, to == null ? "" : to);
    assertThat(wrong).isNotEqualTo(right);
    assertThatThrownBy(() -> step(OptimizerDefinition.parse("toy.py", wrong)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  /** What is computed from a bad gradient may be NaN, and still leaves no trace. */
  @Test
  void anAssignmentOfAnyKindIsGated() {
    OptimizerDefinition definition =
        toy(
            "m = state()",
            """
            def update(g, m):
              m = torch.log(g)
            def direction(g, m):
              return m
            """);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList w = new NDList(manager.ones(new Shape(2)));
      FusedOptimizer optimizer = FusedOptimizer.builder(definition).build();
      OptimizerState state = optimizer.newState(manager, List.of("w"), w);
      optimizer.step(state, new NDList(manager.full(new Shape(2), -1)), manager.create(0d), 1, 0);
      assertThat(state.tensors().get(0).get(0).toFloatArray()).containsExactly(0, 0);
      optimizer.step(state, new NDList(manager.ones(new Shape(2))), manager.create(1d), 1, 0);
      assertThat(state.tensors().get(0).get(0).toFloatArray()).containsExactly(0, 0);
      assertThat(w.get(0).toFloatArray()).containsExactly(1, 1);
    }
  }

  private static void step(OptimizerDefinition definition) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList w = new NDList(manager.ones(new Shape(2)));
      FusedOptimizer optimizer = FusedOptimizer.builder(definition).build();
      OptimizerState state = optimizer.newState(manager, List.of("w"), w);
      optimizer.step(state, new NDList(manager.ones(new Shape(2))), manager.create(1d), 1, 0);
    }
  }

  private static OptimizerDefinition toy(String declarations, String functions) {
    String top = "\"\"\"A toy\n\nformula: u\nsource: a test\n\"\"\"\n";
    String direction = functions.contains("direction") ? "" : "def direction(g):\n  return g\n";
    return OptimizerDefinition.parse(
        "toy.py", top + declarations + "\n" + functions + "\n" + direction);
  }

  private static OptimizerDefinition definition(String type) {
    return Optimizers.definition(type);
  }
}
