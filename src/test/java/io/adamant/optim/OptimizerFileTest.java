package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file may say beyond a rule for each coordinate. */
class OptimizerFileTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void statesHaveTheShapesThatTheyAreDeclaredWith() {
    OptimizerDefinition definition =
        file(
            "tensors: whole",
            """
            r = state("rows")
            b = state("columns")
            c = state("rows rows")
            d = state("columns columns")
            e = state("number")
            f = state("weights")
            h = state("vectors")
            """,
            """
            def update(g, r, b, c, d, e, f, h):
              if g.dim() == 2:
                r = average(r, torch.mean(g * g, [1], True), 0.5)
                b = average(b, torch.mean(g * g, [0], True), 0.5)
                c = average(c, torch.mm(g, g.t()), 0.5)
                d = average(d, torch.mm(g.t(), g), 0.5)
              else:
                h = average(h, g, 0.5)
              e = e + torch.sum(g)
              f = f - g
            """);
    NDList parameters = new NDList(manager.ones(new Shape(2, 3)), manager.ones(new Shape(4)));
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      OptimizerState state = optimizer.newState(manager, List.of("x", "y"), parameters);
      step(optimizer, state, new NDList(parameters.get(0).mul(2), parameters.get(1).mul(3)), 1, 0);
      Map<String, NDArray> named = state.named();
      assertThat(values(named, "x/r")).containsExactly(2, 2);
      assertThat(values(named, "x/b")).containsExactly(2, 2, 2);
      assertThat(values(named, "x/c")).containsExactly(6, 6, 6, 6);
      assertThat(values(named, "x/d")).hasSize(9).containsOnly(4);
      assertThat(values(named, "x/e")).containsExactly(12);
      assertThat(values(named, "x/f")).hasSize(6).containsOnly(-1);
      assertThat(values(named, "x/h")).containsExactly(0);
      assertThat(values(named, "y/r")).containsExactly(0);
      assertThat(values(named, "y/d")).containsExactly(0);
      assertThat(values(named, "y/h")).hasSize(4).containsOnly(1.5f);
      assertThat(optimizer.stateSize(new Shape(2, 3))).isEqualTo(2 + 3 + 4 + 9 + 1 + 6 + 1);
    }
  }

  @Test
  void aSideLongerThanTheLimitHoldsOneZero() {
    OptimizerDefinition definition = Optimizers.definition("soap");
    try (FusedOptimizer all = FusedOptimizer.builder(definition).build();
        FusedOptimizer short3 =
            FusedOptimizer.builder(definition).set("max_precond_dim", 3).build()) {
      assertThat(all.stateSize(new Shape(3, 4))).isEqualTo(2 * 12 + 2 * 9 + 2 * 16);
      assertThat(short3.stateSize(new Shape(3, 4))).isEqualTo(2 * 12 + 2 * 9 + 2);
      assertThat(short3.stateSize(new Shape(4, 4))).isEqualTo(2 * 16 + 4);
      OptimizerState state =
          short3.newState(manager, List.of("w"), new NDList(manager.ones(new Shape(3, 4))));
      assertThat(values(state.named(), "w/left")).hasSize(9);
      assertThat(values(state.named(), "w/right_basis")).containsExactly(0);
    }
  }

  @Test
  void aStillFirstStepFillsTheStateAndLeavesTheWeights() {
    OptimizerDefinition definition =
        file("first: still", "m = state()\n", "def update(g, m):\n  m = average(m, g, 0.0)\n");
    NDArray w = manager.ones(new Shape(2));
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(w));
      NDList g = new NDList(manager.ones(new Shape(2)));
      step(optimizer, state, g, 0.5, 0.5);
      assertThat(w.toFloatArray()).containsExactly(1, 1);
      assertThat(values(state.named(), "w/m")).containsExactly(1, 1);
      assertThat(optimizer.directions(state, g).get(0).toFloatArray()).containsExactly(0, 0);
      step(optimizer, state, g, 0.5, 0.5);
      assertThat(w.toFloatArray()).containsExactly(0.25f, 0.25f); // (1 - 0.25) 1 - 0.5
    }
  }

  @Test
  void aRuleMayMoveTheWeightsItself() {
    OptimizerDefinition definition =
        file(
            "claims: odd",
            "z = state(\"weights\")\nm = state()\n",
            """
            def update(w, g, m):
              m = average(m, w, 0.0)

            def moved(w, u, z, t, lr, decay):
              z = z - u * lr
              return 0.5 * w + 0.5 * z - decay
            """);
    NDArray w = manager.ones(new Shape(2));
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(w));
      NDList g = new NDList(manager.ones(new Shape(2)));
      optimizer.step(state, g, manager.create(0d), 0.5, 0.25);
      assertThat(w.toFloatArray()).containsExactly(1, 1);
      assertThat(values(state.named(), "w/z")).containsExactly(1, 1);
      step(optimizer, state, g, 0.5, 0.25);
      assertThat(values(state.named(), "w/z")).containsExactly(0.5f, 0.5f);
      assertThat(w.toFloatArray()).containsExactly(0.5f, 0.5f);
      assertThat(values(state.named(), "w/m")).containsExactly(1, 1); // before the step
    }
  }

  @Test
  void numbersAdvanceOnceForAllPiecesAndParameters() {
    OptimizerDefinition definition =
        file(
            "claims: odd",
            "m = state()\nc = state(\"number\")\n",
            """
            def update(g, m, c):
              m = g + c

            def numbers(lr, t, c):
              c = c + t * lr

            def averaged(w, c):
              return w - c
            """);
    Shape long2 = new Shape(600_000); // more than a piece of a step or of a sum of squares
    NDList w = new NDList(manager.ones(long2), manager.ones(new Shape(2, 2)));
    NDList g = new NDList(manager.zeros(long2), manager.zeros(new Shape(2, 2)));
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      OptimizerState state = optimizer.newState(manager, List.of("a", "b"), w);
      step(optimizer, state, g, 0.5, 0);
      optimizer.step(state, g, manager.create(0d), 0.5, 0);
      step(optimizer, state, g, 0.5, 0);
      for (String name : List.of("a/c", "b/c")) {
        assertThat(values(state.named(), name)).containsExactly(1.5f); // 0.5 + 2 * 0.5
      }
      assertThat(values(state.named(), "b/m")).containsOnly(1.5f);
      double[] sums = optimizer.statistics(state, g).toDoubleArray();
      assertThat(sums[4]).isEqualTo(1.5 * 1.5);
      assertThat(optimizer.averaged(state).get(1).toFloatArray()).containsOnly(-0.5f);
      assertThat(w.get(1).toFloatArray()).containsOnly(1);
    }
  }

  @Test
  void sumsAreThoseOfAllGroupsOfARule() {
    OptimizerDefinition definition =
        file(
            "claims: odd",
            "c = state(\"number\")\n",
            """
            def sums(w, g, lr):
              return torch.stack([torch.sum(w * g), torch.sum(g) * lr])

            def numbers(sums, c):
              c = sums[0] - sums[1]
            """);
    List<ParameterGroup> groups = new ArrayList<>();
    for (int size = 1; size <= 3; size++) {
      FusedOptimizer optimizer =
          size < 3
              ? FusedOptimizer.builder(definition).build()
              : FusedOptimizer.builder(definition).set("decay", "last").build();
      NDList w = new NDList(manager.ones(new Shape(size)));
      OptimizerState state = optimizer.newState(manager, List.of("w"), w);
      NDList g = new NDList(manager.ones(new Shape(size)));
      groups.add(new ParameterGroup("g" + size, optimizer, state, g, size, 0));
    }
    try (Autograd.Mode off = Autograd.noGrad()) {
      ParameterGroup.step(groups, manager.create(1d), 0.125);
    }
    List<Float> found = new ArrayList<>();
    for (ParameterGroup group : groups) {
      found.add(values(group.state().named(), "w/c")[0]);
      group.optimizer().close();
    }
    float both = 1 + 2 - 0.125f * (1 + 2 * 2);
    assertThat(found)
        .containsExactly(both, both, 3 - 0.125f * 3 * 3); // other settings: another rule
  }

  @Test
  void sumsNeedNumbersAndNumbersAreAssignedThereAlone() {
    assertThatThrownBy(() -> file("claims: odd", "", "def sums(g):\n  return g\n"))
        .isInstanceOf(InputException.class)
        .hasMessage("toy.py:1: def sums needs a def numbers(...) that reads them");
    String number = "c = state(\"number\")\n";
    String both = "def update(g, c):\n  c = c + 1\n\ndef numbers(c):\n  c = c + 1\n";
    assertThatThrownBy(() -> file("claims: odd", number, both))
        .isInstanceOf(InputException.class)
        .hasMessage("toy.py:11: update cannot assign c");
  }

  @Test
  void whatStartsFromWeightsFollowsWeightsThatAreLoaded() {
    OptimizerDefinition definition =
        file("claims: odd", "z = state(\"weights\")\n", "def update(g, z):\n  z = z - g\n");
    NDArray w = manager.zeros(new Shape(2));
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(w));
      manager.ones(new Shape(2)).copyTo(w);
      optimizer.startFromWeights(state);
      assertThat(values(state.named(), "w/z")).containsExactly(1, 1);
    }
  }

  @Test
  void aSettingThatCameLaterCountsOnlyWhereItDiffers() {
    OptimizerDefinition definition =
        file(
            "claims: odd",
            "a = setting(0.5, \"[0, 1)\", \"a\")\nb = setting(0.5, \"[0, 1)\", \"b\", later)\n",
            "def direction(g):\n  return g * a * b\n");
    assertThat(definition.resolve(Map.of("b", 0.5), "optimizer")).containsOnlyKeys("a");
    assertThat(definition.resolve(Map.of("b", 0.25), "optimizer")).containsKeys("a", "b");
    NDArray w = manager.ones(new Shape(2));
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(w));
      step(optimizer, state, new NDList(manager.ones(new Shape(2))), 1, 0);
      assertThat(w.toFloatArray()).containsExactly(0.75f, 0.75f);
    }
  }

  @Test
  void aRuleOfMatricesTakesNoVectorAndNamesTheOtherRulesSettings() {
    OptimizerDefinition definition = file("tensors: matrices", "", "");
    try (FusedOptimizer optimizer = FusedOptimizer.builder(definition).build()) {
      assertThatThrownBy(
              () ->
                  optimizer.newState(
                      manager, List.of("gain"), new NDList(manager.ones(new Shape(2)))))
          .isInstanceOf(InputException.class)
          .hasMessage("toy takes matrices; gain has the shape (2)");
    }
    Map<String, Object> resolved =
        definition.resolve(Map.of("others", "signum", "others_beta1", 0.5), "optimizer");
    assertThat(resolved)
        .containsEntry("others", "signum")
        .containsEntry("others_beta1", 0.5)
        .containsEntry("others_lr", "same");
    Others others = Others.of(definition.resolve(Map.of("others_lr", 0.25), "optimizer"), 0.5, 0.1);
    assertThat(others.type()).isEqualTo("adamw");
    assertThat(others.lrScale()).isEqualTo(0.5);
    assertThat(others.weightDecay()).isEqualTo(0.1);
  }

  @Test
  void aRuleOfMatricesMayNameTheOtherRule() {
    OptimizerDefinition scion = Optimizers.definition("scion");
    assertThat(scion.resolve(Map.of("others_vector_radius", 2.0), "optimizer"))
        .containsEntry("others", "scion_others")
        .containsEntry("others_radius", 3000.0)
        .containsEntry("others_vector_radius", 2.0);
    assertThat(scion.resolve(Map.of("others", "signum"), "optimizer"))
        .containsEntry("others", "signum")
        .doesNotContainKey("others_radius");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "others | toy | optimizer.type: no optimizer named toy; there are",
        "others_beta7 | 0.5 | optimizer.others.beta7: unknown setting of adamw",
        "others_lr | 7 | optimizer.others_lr is 7.0; allowed: same or a number in [0, 1]",
      })
  void whatIsWrongForTheOthersIsRefused(String name, String word, String message) {
    OptimizerDefinition definition = file("tensors: matrices", "", "");
    Object value = word.matches("[0-9.]+") ? (Object) Double.valueOf(word) : word;
    assertThatThrownBy(() -> definition.resolve(Map.of(name, value), "optimizer"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "claims: odd | state(\"rows\") | the state m belongs to a whole tensor",
        "tensors: whole | state(\"diagonal\") | allowed: state(), state(\"weights\")",
        "tensors: some | state() | tensors: whole, tensors: matrices, first: still; found",
      })
  void whatCannotBeIsRefused(String top, String state, String message) {
    assertThatThrownBy(() -> file(top, "m = " + state + "\n", "def update(g, m):\n  m = m + 1\n"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "step", "loop", "update", "direction", "heading", "directions", "statistics", "moved",
        "averaged", "clipped", "cut", "sums", "numbers", "gather", "conclude", "average",
        "inverse_root", "decay"
      })
  void namesOfTheKernelsFunctionsAreTaken(String name) {
    assertThatThrownBy(() -> file("claims: odd", name + " = setting(0.5, \"[0, 1)\", \"a\")\n", ""))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("toy: no state or setting can be named " + name + "; allowed: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aStateIsNotNamedLikeAFunctionEither() {
    String update = "def update(g, step):\n  step = g + 1.0\n";
    assertThatThrownBy(() -> file("claims: odd", "step = state()\n", update))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("toy: no state or setting can be named step; allowed: ");
  }

  private void step(
      FusedOptimizer optimizer, OptimizerState state, NDList g, double lr, double decay) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      optimizer.step(state, g, manager.create(1d), lr, decay);
    }
  }

  private static float[] values(Map<String, NDArray> named, String name) {
    return named.get(name).toFloatArray();
  }

  private static OptimizerDefinition file(String top, String declarations, String functions) {
    String direction = functions.contains("direction") ? "" : "\ndef direction(g):\n  return g\n";
    return OptimizerDefinition.parse(
        "toy.py",
        "\"\"\"A toy\n\nformula: u = g\nsource: a test\n%s\n\"\"\"\n\n%s\n%s%s"
            .formatted(top, declarations, functions, direction));
  }
}
