package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
            + " it has: beta2, eps, bias_correction",
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
    for (OptimizerProvider provider : Optimizers.all()) {
      Map<String, Object> resolved = provider.definition().resolve(Map.of(), "optimizer");
      assertThat(provider.definition().resolve(resolved, "optimizer")).isEqualTo(resolved);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"g", "gate", "decay", "param", "n_", "N", "x y", "m"})
  void aNameThatTheKernelCannotGiveIsRefused(String name) {
    DefinitionBuilder builder = OptimizerDefinition.of("toy", "Toy").state("m").direction("m");
    builder.scalar(name, "gate");
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("toy: no state or scalar can be named " + name + "; allowed: ");
  }

  /** Letters that a formula likes and that the kernel's loop could have used itself. */
  @Test
  void namesOfFormulasDoNotMeetTheKernels() {
    OptimizerDefinition definition =
        OptimizerDefinition.of("toy", "Toy")
            .state("n", "p", "b", "u")
            .scalar("a", "gate * 0.5")
            .scalar("i", "gate * 1.0")
            .advance(
                """
                n.lerp_(g, a)
                p.lerp_(g, i)
                b.copy_(g * a)
                u.copy_(n + p)
                """)
            .direction("u + b")
            .build();
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

  private static OptimizerDefinition definition(String type) {
    return Optimizers.provider(type).definition();
  }
}
