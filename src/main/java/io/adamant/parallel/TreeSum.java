package io.adamant.parallel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TensorMemory;
import java.util.EnumMap;
import java.util.Map;

/**
 * Sums arrays over 2, 4, 8, ... ranks in the order of a balanced binary tree whose leaves are the
 * ranks: ((x_0 + x_1) + (x_2 + x_3)) + ..., so that ranks that hold sums of subtrees get the bits
 * that one rank gets.
 *
 * <p>Recursive halving and gathering: at the distances 1, 2, 4, ... two ranks each add one half of
 * the part that they share, at the end a rank has 1/p of the sum, and the parts are gathered the
 * way back. a + b has the bits of b + a, so it does not matter who adds. Each rank sends 2 (p
 * &minus; 1)/p of an array. Source: Rabenseifner 2004, "Optimization of collective reduction
 * operations", &sect;2.
 */
public final class TreeSum implements AutoCloseable {

  /** Larger pieces would be mapped and faulted anew by the C library each time. */
  private static final long MOST = 1 << 20; // numbers at a time

  /** Bytes that it holds for arrays in float32. */
  public static final long BUFFERS = 2 * MOST * Float.BYTES;

  private final Ranks ranks;
  private final NDManager manager;
  private final ScriptModule kernel;
  private final Map<DataType, NDArray> received = new EnumMap<>(DataType.class);
  private final Map<DataType, NDArray> packed = new EnumMap<>(DataType.class);

  /**
   * Prepares.
   *
   * @param ranks a power of two of them
   * @param parent device and lifetime
   */
  public TreeSum(Ranks ranks, NDManager parent) {
    if (Integer.bitCount(ranks.size()) != 1) {
      throw new IllegalArgumentException(ranks.size() + " ranks are no power of two");
    }
    this.ranks = ranks;
    manager = parent.newSubManager();
    kernel =
        new ScriptModule(manager, new ScriptArchive(ScriptModule.resource("reduce.py"), Map.of()));
  }

  /**
   * Sums in place; all ranks have the sums then.
   *
   * @param arrays of the same shapes on all ranks, contiguous
   */
  public void sum(NDList arrays) {
    if (ranks.size() == 1) {
      return;
    }
    NDList small = new NDList(); // put together, since each exchange has to wait for the other
    long size = 0;
    for (NDArray array : arrays) {
      boolean fits = !small.isEmpty() && array.getDataType() == small.get(0).getDataType();
      if (!small.isEmpty() && (!fits || size + array.size() > MOST)) {
        sumTogether(small, size);
        small = new NDList();
        size = 0;
      }
      if (array.size() < MOST) {
        small.add(array);
        size += array.size();
      } else {
        TensorMemory memory = TensorMemory.of(array);
        for (long begin = 0; begin < array.size(); begin += MOST) {
          sum(array, memory, begin, Math.min(MOST, array.size() - begin));
        }
      }
    }
    if (size > 0) {
      sumTogether(small, size);
    }
  }

  private void sumTogether(NDList arrays, long size) {
    if (arrays.size() == 1) {
      sum(arrays.get(0), TensorMemory.of(arrays.get(0)), 0, size);
      return;
    }
    NDArray bucket = packed.computeIfAbsent(arrays.get(0).getDataType(), this::buffer);
    kernel.call(manager, "pack", bucket, arrays);
    sum(bucket, TensorMemory.of(bucket), 0, size);
    kernel.call(manager, "unpack", arrays, bucket);
  }

  private void sum(NDArray array, TensorMemory memory, long first, long count) {
    int width = array.getDataType().getNumOfBytes();
    NDArray other = received.computeIfAbsent(array.getDataType(), this::buffer);
    TensorMemory room = TensorMemory.of(other);
    long begin = first; // of what this rank goes on to sum
    long length = count;
    long[] begins = new long[Integer.SIZE];
    long[] lengths = new long[Integer.SIZE];
    int level = 0;
    for (int distance = 1; distance < ranks.size(); distance *= 2, level++) {
      begins[level] = begin;
      lengths[level] = length;
      long half = length / 2;
      boolean lower = (ranks.rank() & distance) == 0;
      long kept = lower ? half : length - half;
      long keptAt = lower ? begin : begin + half;
      long sentAt = lower ? begin + half : begin;
      ranks.exchange(
          memory.part(sentAt * width, (length - kept) * width),
          room.part(0, kept * width),
          ranks.rank() ^ distance);
      if (kept > 0) {
        kernel.call(manager, "add_part", array, keptAt, other, kept);
      }
      begin = keptAt;
      length = kept;
    }
    for (int distance = ranks.size() / 2; distance > 0; distance /= 2) {
      level--;
      long missing = lengths[level] - length;
      boolean lower = (ranks.rank() & distance) == 0;
      long otherAt = lower ? begin + length : begins[level];
      ranks.exchange(
          memory.part(begin * width, length * width),
          memory.part(otherAt * width, missing * width),
          ranks.rank() ^ distance);
      begin = begins[level];
      length = lengths[level];
    }
  }

  private NDArray buffer(DataType type) {
    return manager.create(new Shape(MOST), type);
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
