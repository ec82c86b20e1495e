package io.adamant.parallel;

import io.adamant.tensor.TensorMemory;

/**
 * Processes that train one model together, numbered 0 to {@code size - 1}, and what they exchange
 * tensors with. Calls are made by one thread, in the same order on all ranks; where tensors are on
 * a GPU they are queued there and not waited for.
 */
public interface Ranks extends AutoCloseable {

  /**
   * A process by itself.
   *
   * @return the one rank of one
   */
  static Ranks one() {
    return new OneRank();
  }

  /**
   * This process.
   *
   * @return its number, from 0
   */
  int rank();

  /**
   * How many there are.
   *
   * @return at least 1
   */
  int size();

  /**
   * Sends to another rank and receives from it, which calls this too.
   *
   * @param out what is sent; as long as {@code in} of the other rank; may be empty
   * @param in where what the other sends is put; no part of {@code out}
   * @param peer the other rank
   */
  void exchange(TensorMemory out, TensorMemory in, int peer);

  /**
   * Gives all ranks what one has.
   *
   * @param memory read on {@code root}, written on the others
   * @param root who has it
   */
  void broadcast(TensorMemory memory, int root);

  /**
   * Time that this rank has spent in exchanges, waiting for the other included.
   *
   * @return seconds; 0 where that is not counted
   */
  default double exchangeSeconds() {
    return 0;
  }

  /** Leaves the others in an orderly way; all ranks do so. */
  @Override
  void close();
}
