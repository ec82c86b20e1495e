package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adamant.stats.RatioHistogram;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TorchRuntime;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The histogram of ratios as GPUs count it, held on a CPU against the operator that CPUs use. */
class GpuHistogramTest {

  private static final String METHODS =
      """
      def sorted(self, x: Tensor, bins: int, low: float, high: float) -> Tensor:
        return histogram(x, bins, low, high)
      def counted(self, x: Tensor, bins: int, low: float, high: float) -> Tensor:
        return torch.histc(x, bins, low, high).to(torch.float64)
      """;

  private static double[] counts(String method, float... values) {
    TorchRuntime.prepareThread(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        ScriptModule module =
            new ScriptModule(
                manager,
                new ScriptArchive(ScriptModule.resource("measure.py"), METHODS, Map.of()))) {
      NDArray x = manager.create(values);
      long bins = RatioHistogram.BINS;
      return module
          .call(manager, method, x, bins, RatioHistogram.LOW, RatioHistogram.HIGH)
          .singletonOrThrow()
          .toDoubleArray();
    }
  }

  @Test
  void itIsThatOfTheCpu() {
    Random random = new Random(1);
    float[] values = new float[100_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (6 * random.nextGaussian() - 2); // some lie outside
    }
    assertThat(counts("sorted", values)).containsExactly(counts("counted", values));
  }

  @Test
  void edgesBelongToTheBinAboveAndTheLastToTheLast() {
    float[] values = {-8, -8, -7.5f, -7.4999f, 3.5f, 4, 4, 4.0001f, 5, -8.0001f, Float.NaN};
    double[] counts = counts("sorted", values);
    assertThat(counts[0]).isEqualTo(2);
    assertThat(counts[1]).isEqualTo(2);
    assertThat(counts[RatioHistogram.BINS - 1]).isEqualTo(3);
    assertThat(counts("sorted", 5, 5)).containsOnly(0);
  }
}
