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
 * How fast a device moves numbers: the best of several copies of an array that no cache holds. An
 * optimizer's step cannot be faster than its reads and writes at this rate.
 */
public final class MemoryBandwidth {

  private static final int TRIES = 5;
  private static final long COPIES = 4; // in one call
  private static final long GPU_NUMBERS = 1L << 28; // 1 GiB
  private static final long CPU_NUMBERS = 1L << 24; // 64 MiB

  private MemoryBandwidth() {}

  /**
   * Measures it on the calling thread, which is prepared for training.
   *
   * @param device whose memory
   * @return bytes a second, read and written bytes both counted
   */
  public static double bytesPerSecond(Device device) {
    long numbers = device.isGpu() ? GPU_NUMBERS : CPU_NUMBERS;
    try (NDManager manager = NDManager.newBaseManager(device);
        ScriptModule module = new ScriptModule(manager, archive());
        Autograd.Mode off = Autograd.noGrad()) {
      NDArray from = manager.ones(new Shape(numbers));
      NDArray to = manager.zeros(new Shape(numbers));
      double bytes = 2.0 * Float.BYTES * numbers * COPIES;
      double best = 0;
      seconds(manager, module, from, to); // touches the memory
      for (int i = 0; i < TRIES; i++) {
        best = Math.max(best, bytes / seconds(manager, module, from, to));
      }
      return best;
    }
  }

  private static double seconds(NDManager manager, ScriptModule module, NDArray from, NDArray to) {
    try (NDManager scope = manager.newSubManager()) {
      long start = System.nanoTime();
      module.call(scope, "copy", from, to, COPIES).singletonOrThrow().toFloatArray();
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static ScriptArchive archive() {
    return new ScriptArchive(
        "",
        """
        def copy(self, x: Tensor, y: Tensor, count: int) -> Tensor:
          for i in range(count):
            y.copy_(x)
          return y.narrow(0, 0, 1).clone()
        """,
        Map.of());
  }
}
