package io.adamant.parallel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Sums of numbers of wild magnitude over ranks: another order of adding gives other bits. */
public final class WildSums {

  /** Together in a bucket, alone in pieces, and together again. */
  private static final int[] SIZES = {1, 7, 1000, (1 << 20) + 12_345, 33};

  private WildSums() {}

  private static float[] numbers(int rank, int array) {
    Random random = new Random(100L * array + rank);
    float[] numbers = new float[SIZES[array]];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Math.scalb(random.nextFloat() - 0.5f, random.nextInt(40) - 20);
    }
    return numbers;
  }

  private static String hash(List<float[]> arrays) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (float[] array : arrays) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * array.length);
        bytes.asFloatBuffer().put(array);
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of the sums that this rank gets, once it has also been given what the last one has. */
  public static String over(Ranks ranks) {
    try (NDManager manager = NDManager.newBaseManager();
        TreeSum tree = new TreeSum(ranks, manager)) {
      NDList arrays = new NDList();
      for (int array = 0; array < SIZES.length; array++) {
        arrays.add(manager.create(numbers(ranks.rank(), array)));
      }
      tree.sum(arrays);
      int root = ranks.size() - 1;
      NDArray given = manager.create(numbers(ranks.rank(), 2));
      ranks.broadcast(TensorMemory.of(given), root);
      if (!Arrays.equals(given.toFloatArray(), numbers(root, 2))) {
        throw new IllegalStateException("rank " + ranks.rank() + " was given something else");
      }
      return hash(arrays.stream().map(NDArray::toFloatArray).toList());
    }
  }

  /** Of the sums as one process adds them. */
  public static String alone(int size) {
    return hash(IntStream.range(0, SIZES.length).mapToObj(array -> tree(0, size, array)).toList());
  }

  private static float[] tree(int first, int count, int array) {
    if (count == 1) {
      return numbers(first, array);
    }
    float[] sum = tree(first, count / 2, array);
    float[] right = tree(first + count / 2, count - count / 2, array);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += right[i];
    }
    return sum;
  }
}
