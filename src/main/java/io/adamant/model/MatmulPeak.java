package io.adamant.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.Map;

/**
 * The fastest matrix product that this machine is seen to form, in the number format and with the
 * library of a kernel path: the best of several tries and shapes, operands converted beforehand.
 */
public final class MatmulPeak {

  private static final int TRIES = 5;
  private static final long PRODUCTS = 4; // in one call
  private static final long[][] SHAPES = {
    {1024, 1024, 1024}, {2048, 1024, 1024}, {2048, 512, 2048}
  };

  /** A GPU is not filled by those: 1.1 TFLOP a product, some milliseconds on a large one. */
  private static final long[][] GPU_SHAPES = {{8192, 8192, 8192}, {16384, 4096, 8192}};

  private MatmulPeak() {}

  /**
   * Measures it on the calling thread, which is prepared for training.
   *
   * @param device where to multiply
   * @param linear number format and library
   * @return operations a second, 2 M N K a product
   */
  public static double flopsPerSecond(Device device, KernelPath.Linear linear) {
    try (NDManager manager = NDManager.newBaseManager(device);
        ScriptModule module = new ScriptModule(manager, archive(linear));
        Autograd.Mode off = Autograd.noGrad()) {
      double best = 0;
      for (long[] shape : device.isGpu() ? GPU_SHAPES : SHAPES) {
        NDArray x = manager.randomNormal(new Shape(shape[0], shape[1])); // (M, K)
        NDArray w = manager.randomNormal(new Shape(shape[2], shape[1])); // (N, K)
        double operations = 2.0 * shape[0] * shape[1] * shape[2] * PRODUCTS;
        seconds(manager, module, x, w); // warms up
        for (int i = 0; i < TRIES; i++) {
          best = Math.max(best, operations / seconds(manager, module, x, w));
        }
      }
      return best;
    }
  }

  /**
   * Time of the products alone: that of a call which also repeats them, less one which does not.
   */
  private static double seconds(NDManager manager, ScriptModule module, NDArray x, NDArray w) {
    try (NDManager scope = manager.newSubManager()) {
      long start = System.nanoTime();
      module.call(scope, "repeat", x, w, 1L).singletonOrThrow().toFloatArray();
      long middle = System.nanoTime();
      module.call(scope, "repeat", x, w, 1 + PRODUCTS).singletonOrThrow().toFloatArray();
      long end = System.nanoTime();
      // Noise can make the difference tiny: the products took no less than half of the longer call.
      return Math.max((end - middle) - (middle - start), (end - middle) / 2) / 1e9;
    }
  }

  private static ScriptArchive archive(KernelPath.Linear linear) {
    String product = linear == KernelPath.Linear.ONEDNN ? "matmul(a, b)" : "torch.linear(a, b)";
    return new ScriptArchive(
        ScriptModule.resource(linear.matmul()),
        """
        def repeat(self, x: Tensor, w: Tensor, count: int) -> Tensor:
          a, b = cast(x), cast(w)
          last = torch.zeros([1, 1], device=x.device)
          for i in range(count):
            last = %s.narrow(0, 0, 1).narrow(1, 0, 1).to(torch.float32)
          return last
        """
            .formatted(product),
        Map.of());
  }
}
