package io.adamant.parallel;

import io.adamant.tensor.TensorMemory;

/** A process by itself: there is nobody to exchange anything with. */
final class OneRank implements Ranks {

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    throw new IllegalStateException("there is no rank " + peer);
  }

  @Override
  public void broadcast(TensorMemory memory, int root) {
    if (root != 0) {
      throw new IllegalStateException("there is no rank " + root);
    }
  }

  @Override
  public void close() {}
}
