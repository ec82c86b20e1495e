package io.adamant.measure;

import io.adamant.stats.LagMoments;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What {@code memory} of {@code measure.py} returns for some parameters.
 *
 * @param gram by block of coordinates, (K, K) inner products, the newest gradient first
 * @param sums by block: coordinates, squares of the update times its correction, the same without
 *     &epsilon;, and the squares that white gradients would give under each of {@code betas}
 * @param betas the rule's own coefficient (NaN where it has none), then the others
 * @param models of the parameters
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MemorySums(double[][][] gram, double[][] sums, double[] betas, Set<UpdateModel> models) {

  static final int COUNT = 0;
  static final int UPDATE = 1;
  static final int BARE = 2;
  static final int WHITE = 3;

  static MemorySums of(double[] row, int length, double[] betas, Set<UpdateModel> models) {
    int blocks = GradientMemory.BLOCKS;
    double[][][] gram = new double[blocks][length][];
    double[][] sums = new double[blocks][];
    int at = 0;
    for (int b = 0; b < blocks; b++) {
      for (int i = 0; i < length; i++) {
        gram[b][i] = Arrays.copyOfRange(row, at, at + length);
        at += length;
      }
    }
    for (int b = 0; b < blocks; b++) {
      sums[b] = Arrays.copyOfRange(row, at, at + WHITE + betas.length);
      at += sums[b].length;
    }
    return new MemorySums(gram, sums, betas, models);
  }

  /** The sample counted as if it were the whole group. */
  MemorySums times(long coordinates) {
    double factor = coordinates / total(COUNT, b -> true);
    return map((b, i, j) -> factor * gram[b][i][j], (b, i) -> factor * sums[b][i], models);
  }

  /** Of several groups; what they do not share in their rules has no meaning then. */
  MemorySums plus(MemorySums other) {
    Set<UpdateModel> both = new HashSet<>(models);
    both.addAll(other.models);
    return map(
        (b, i, j) -> gram[b][i][j] + other.gram[b][i][j],
        (b, i) -> i < other.sums[b].length ? sums[b][i] + other.sums[b][i] : Double.NaN,
        both);
  }

  private interface Product {
    double at(int block, int i, int j);
  }

  private interface Sum {
    double at(int block, int i);
  }

  private MemorySums map(Product product, Sum sum, Set<UpdateModel> of) {
    double[][][] products = new double[gram.length][][];
    double[][] values = new double[sums.length][];
    for (int b = 0; b < gram.length; b++) {
      int block = b;
      int length = gram[b].length;
      products[b] =
          IntStream.range(0, length)
              .mapToObj(
                  i ->
                      IntStream.range(0, length)
                          .mapToDouble(j -> product.at(block, i, j))
                          .toArray())
              .toArray(double[][]::new);
      values[b] = IntStream.range(0, sums[b].length).mapToDouble(i -> sum.at(block, i)).toArray();
    }
    return new MemorySums(products, values, betas, of);
  }

  /** The moments of the newest gradients, of some blocks. */
  LagMoments moments(int steps, IntPredicate blocks) {
    int[] chosen = IntStream.range(0, gram.length).filter(blocks).toArray();
    double[][][] oldestFirst = new double[chosen.length][steps][steps];
    double[] sizes = new double[chosen.length];
    for (int c = 0; c < chosen.length; c++) {
      sizes[c] = sums[chosen[c]][COUNT];
      for (int i = 0; i < steps; i++) {
        for (int j = 0; j < steps; j++) {
          oldestFirst[c][i][j] = gram[chosen[c]][steps - 1 - i][steps - 1 - j];
        }
      }
    }
    return new LagMoments(oldestFirst, sizes);
  }

  /** A sum over some blocks. */
  double total(int column, IntPredicate blocks) {
    return IntStream.range(0, sums.length).filter(blocks).mapToDouble(b -> sums[b][column]).sum();
  }

  /** The root of a mean over the coordinates of some blocks. */
  double rms(int column, IntPredicate blocks) {
    return Math.sqrt(total(column, blocks) / total(COUNT, blocks));
  }
}
