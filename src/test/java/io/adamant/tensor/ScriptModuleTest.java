package io.adamant.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Constants, lists and scalars arrive in TorchScript, and gradients come back. */
class ScriptModuleTest {

  private NDManager manager;

  @BeforeEach
  void open() {
    TorchRuntime.prepareThread(1);
    manager = NDManager.newBaseManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ScriptModule module(String methods) {
    Map<String, Object> constants = new LinkedHashMap<>();
    constants.put("factor", 2.5);
    constants.put("power", -3L);
    constants.put("on", true);
    constants.put("off", false);
    return new ScriptModule(
        manager,
        new ScriptArchive("def twice(x: Tensor) -> Tensor:\n  return x + x\n", methods, constants));
  }

  @Test
  void constantsOfEveryTypeArrive() {
    String method =
        """
        def all(self, x: Tensor) -> List[Tensor]:
          return [x * self.factor, x * self.power, x * int(self.on), x * int(self.off)]
        """;
    try (ScriptModule module = module(method)) {
      NDList values = module.call(manager, "all", manager.create(2f));
      assertThat(values).extracting(NDArray::getFloat).containsExactly(5f, -6f, 2f, 0f);
      assertThat(module.methods()).contains("all");
    }
  }

  @Test
  void argumentsOfEveryKindArrive() {
    String method =
        """
        def sum(self, xs: List[Tensor], a: float, b: int, c: bool, d: List[float]) -> Tensor:
          y = torch.stack(xs).sum() + a + b
          return y + d[0] - d[1] if c else y
        def nothing(self, x: Tensor) -> None:
          x.add_(1.0)
        """;
    try (ScriptModule module = module(method)) {
      NDList xs = new NDList(manager.create(1f), manager.create(2f));
      double[] d = {7, 4};
      NDArray yes = module.call(manager, "sum", xs, 0.5, 10L, true, d).singletonOrThrow();
      NDArray no = module.call(manager, "sum", xs, 0.5, 10L, false, d).singletonOrThrow();
      assertThat(yes.getFloat()).isEqualTo(16.5f);
      assertThat(no.getFloat()).isEqualTo(13.5f);
      assertThat(module.call(manager, "nothing", no)).isEmpty();
      assertThat(no.getFloat()).isEqualTo(14.5f);
      assertThatThrownBy(() -> module.call(manager, "nothing", "text"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void gradientsComeBackThroughSinglesAndLists() {
    String method =
        """
        def f(self, x: Tensor, ys: List[Tensor]) -> Tensor:
          return (twice(x) * ys[0] * ys[1]).sum()
        """;
    try (ScriptModule module = module(method);
        Autograd.Mode on = Autograd.recording()) {
      NDArray x = manager.create(new float[] {1, 2});
      NDArray y = manager.create(3f);
      NDArray z = manager.create(5f);
      Autograd.requireGradient(x, true);
      Autograd.requireGradient(y, true);
      NDArray value = module.differentiate(manager, "f", x, new NDList(y, z)).singletonOrThrow();
      assertThat(value.getFloat()).isEqualTo(90f);
      NDArray gradient = Autograd.gradient(x); // made before backward has reached it
      assertThat(gradient.toFloatArray()).containsExactly(0, 0);
      Autograd.backward(value, manager.create(0.5f));
      assertThat(gradient.toFloatArray()).as("the same handle").containsExactly(15, 15);
      assertThat(Autograd.gradient(y).getFloat()).isEqualTo(15f);
      Autograd.zeroGradient(x);
      assertThat(gradient.toFloatArray()).containsExactly(0, 0);
    }
  }

  @Test
  void functionsOfPlainTorchScriptAreMethodsWithConstantsFilledIn() {
    String source =
        """
        def scaled(x: Tensor, factor: float) -> Tensor:
          return x * factor
        def outer(
            xs: List[Tensor], factor: float,
            count: int) -> Tensor:
          # scaled( in a comment is harmless, and so is torch.scaled(x) as another's function
          return (scaled(xs[0], factor) + float(count)).to(torch.float64)
        def fill(x: Tensor, value: float) -> None:
          x.fill_(value)
        """;
    ScriptArchive archive = new ScriptArchive(source, Map.of("factor", 3.0));
    try (ScriptModule module = new ScriptModule(manager, archive)) {
      NDArray x = manager.create(2f);
      NDArray y = module.call(manager, "outer", new NDList(x), 1L).singletonOrThrow();
      assertThat(y.getDataType()).isEqualTo(DataType.FLOAT64);
      assertThat(y.getDouble()).isEqualTo(7);
      assertThat(module.call(manager, "scaled", x).singletonOrThrow().getFloat()).isEqualTo(6);
      assertThat(module.call(manager, "fill", x, 5.0)).isEmpty();
      assertThat(x.getFloat()).isEqualTo(5);
    }
  }

  @Test
  void modesAreRestored() {
    try (ScriptModule module = module("def f(self, x: Tensor) -> Tensor:\n  return x * x\n")) {
      NDArray x = manager.create(3f);
      Autograd.requireGradient(x, true);
      NDArray seed = manager.create(1f);
      NDArray recorded;
      try (Autograd.Mode on = Autograd.recording()) {
        try (Autograd.Mode off = Autograd.noGrad()) {
          NDArray plain = module.differentiate(manager, "f", x).singletonOrThrow();
          assertThatThrownBy(() -> Autograd.backward(plain, seed))
              .isInstanceOf(EngineException.class);
        }
        recorded = module.differentiate(manager, "f", x).singletonOrThrow();
      }
      Autograd.backward(recorded, seed);
      assertThat(Autograd.gradient(x).getFloat()).isEqualTo(6f);
    }
  }

  @Test
  void aSourceThatDoesNotCompileSaysWhere() {
    assertThatThrownBy(
            () -> module("def f(self, x: Tensor) -> Tensor:\n  return torch.no_such(x)\n"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("no_such");
    assertThatThrownBy(() -> new ScriptArchive("", "", Map.of("c", 1f)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("constant c");
  }
}
