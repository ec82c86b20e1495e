package io.adamant.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * A small computation with known results through each way that Adamant uses the engine. DJL's
 * native library fits one version of libtorch: with another it may load and then read wrong shapes
 * without an error, which this finds.
 */
public final class EngineCheck {

  private static final float[] X = {1, 2, 3, 4, 5, 6};

  private EngineCheck() {}

  /**
   * Runs the check; takes milliseconds once the engine is loaded.
   *
   * @param device where to compute
   * @return what is wrong, in one line; empty if all is well
   */
  public static Optional<String> run(Device device) {
    try (NDManager manager = NDManager.newBaseManager(device)) {
      return arrays(manager).or(() -> kernel(manager));
    } catch (RuntimeException e) {
      return Optional.of("the engine failed: " + e);
    }
  }

  /**
   * Refuses an engine that computes wrong, at the start of a training.
   *
   * @param device where to compute
   * @throws InputException if the check finds anything
   */
  public static void require(Device device) {
    run(device)
        .ifPresent(
            wrong -> {
              throw new InputException(
                  "the engine computes wrong: "
                      + wrong
                      + "; libtorch and DJL's native library do not fit, see ./adamant doctor");
            });
  }

  /** Shapes and values of plain operations; x is (2, 3). */
  private static Optional<String> arrays(NDManager manager) {
    NDArray x = manager.create(X, new Shape(2, 3));
    NDArray product = x.matMul(x.transpose()); // (2, 2)
    return differs("the shape of x", x.getShape(), new Shape(2, 3))
        .or(
            () ->
                differs("the shape of x times its transpose", product.getShape(), new Shape(2, 2)))
        .or(() -> wrongValues("x times its transpose", product, 14, 32, 32, 77))
        .or(() -> wrongValues("the sum of columns", x.sum(new int[] {0}), 5, 7, 9));
  }

  /** A TorchScript kernel and its gradient: y = sum(x^2), dy/dx = 2 x. */
  private static Optional<String> kernel(NDManager manager) {
    ScriptArchive archive =
        new ScriptArchive(
            "", "def f(self, x: Tensor) -> Tensor:\n  return (x * x).sum()", Map.of());
    try (ScriptModule module = new ScriptModule(manager, archive);
        Autograd.Mode recording = Autograd.recording()) {
      NDArray x = manager.create(X, new Shape(2, 3));
      Autograd.requireGradient(x, true);
      NDList y = module.differentiate(manager, "f", x);
      Autograd.backward(y.singletonOrThrow(), manager.create(1f));
      NDArray gradient = Autograd.gradient(x);
      return wrongValues("the kernel's result", y.singletonOrThrow(), 91)
          .or(() -> differs("the gradient's shape", gradient.getShape(), new Shape(2, 3)))
          .or(() -> wrongValues("the gradient", gradient, 2, 4, 6, 8, 10, 12));
    }
  }

  private static Optional<String> wrongValues(String what, NDArray found, float... expected) {
    return differs(what, Arrays.toString(found.toFloatArray()), Arrays.toString(expected));
  }

  private static Optional<String> differs(String what, Object found, Object expected) {
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of("%s is %s; it should be %s".formatted(what, found, expected));
  }
}
