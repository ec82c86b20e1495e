package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.tensor.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeSumTest {

  private static final int[] SIZES = {1, 2, 7, 1000, 3 * (1 << 20) + 5, 0x100000, 31};

  /** Numbers of wild magnitude, so that every other order of adding gives other bits. */
  private static float[][] values(int rank) {
    Random random = new Random(100 + rank);
    float[][] values = new float[SIZES.length][];
    for (int i = 0; i < SIZES.length; i++) {
      values[i] = new float[SIZES[i]];
      for (int j = 0; j < SIZES[i]; j++) {
        values[i][j] = (float) (random.nextGaussian() * Math.exp(10 * random.nextGaussian()));
      }
    }
    return values;
  }

  private static float tree(float[][][] of, int array, int at, int first, int count) {
    return count == 1
        ? of[first][array][at]
        : tree(of, array, at, first, count / 2) + tree(of, array, at, first + count / 2, count / 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8})
  void allRanksHaveTheBitsOfTheTree(int size) throws Exception {
    float[][][] of =
        IntStream.range(0, size).mapToObj(TreeSumTest::values).toArray(float[][][]::new);
    List<float[][]> sums =
        together(
            size,
            ranks -> {
              try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                  TreeSum sum = new TreeSum(ranks, manager)) {
                NDList arrays = new NDList();
                for (float[] array : of[ranks.rank()]) {
                  arrays.add(manager.create(array));
                }
                sum.sum(arrays);
                return arrays.stream().map(NDArray::toFloatArray).toArray(float[][]::new);
              }
            });
    for (float[][] sum : sums) {
      for (int i = 0; i < SIZES.length; i++) {
        for (int at = 0; at < SIZES[i]; at += Math.max(1, SIZES[i] / 5000)) {
          assertThat(sum[i][at]).isEqualTo(tree(of, i, at, 0, size));
        }
      }
      assertThat(sum).isDeepEqualTo(sums.get(0));
    }
  }

  @Test
  void aTransposedArrayIsRefused() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDArray array = manager.create(new float[][] {{1, 2, 3}, {4, 5, 6}});
      assertThat(TensorMemory.of(array).bytes()).isEqualTo(24);
      assertThat(TensorMemory.of(array.get("1:2")).address())
          .isEqualTo(TensorMemory.of(array).address() + 12);
      assertThatThrownBy(() -> TensorMemory.of(array.transpose()))
          .hasMessage("an array of (3, 2) is not contiguous");
    }
  }

  @Test
  void threeRanksMakeNoTree() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      assertThatThrownBy(() -> new TreeSum(ThreadRanks.of(3).get(0), manager))
          .hasMessage("3 ranks are no power of two");
    }
  }

  /** What a rank of several does. */
  interface Work<T> {
    T of(Ranks ranks) throws Exception;
  }

  /** Results of threads that are ranks, in their order. */
  static <T> List<T> together(int size, Work<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<T>> results = new ArrayList<>();
      for (Ranks ranks : ThreadRanks.of(size)) {
        Callable<T> call = () -> work.of(ranks);
        results.add(threads.submit(call));
      }
      List<T> found = new ArrayList<>();
      for (Future<T> result : results) {
        found.add(result.get());
      }
      return found;
    } finally {
      threads.shutdownNow();
    }
  }
}
