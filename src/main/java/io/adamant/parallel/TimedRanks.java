package io.adamant.parallel;

import io.adamant.tensor.TensorMemory;
import java.util.function.Supplier;

/**
 * Ranks that know how long this one has been waiting for others, and whose way to exchange tensors
 * can be chosen, and chosen anew, once it is known where the tensors are.
 */
final class TimedRanks implements Ranks {

  private final int rank;
  private final int size;
  private Ranks ranks; // null before the first choice
  private volatile long since; // nanoTime, 0 while it does not wait
  private long total; // nanoseconds, of the thread that exchanges

  TimedRanks(int rank, int size) {
    this.rank = rank;
    this.size = size;
  }

  /** Exchanges tensors over others from now on; to find each other is waiting too. */
  void use(Supplier<Ranks> others) {
    timed(() -> ranks = others.get());
  }

  /** Milliseconds that the exchange at hand has taken so far; 0 if there is none. */
  long waiting() {
    long begun = since;
    return begun == 0 ? 0 : Math.max(1, (System.nanoTime() - begun) / 1_000_000);
  }

  private void timed(Runnable exchange) {
    since = System.nanoTime() | 1; // never 0
    try {
      exchange.run();
    } finally {
      total += System.nanoTime() - since;
      since = 0;
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    Ranks chosen = chosen();
    timed(() -> chosen.exchange(out, in, peer));
  }

  @Override
  public void broadcast(TensorMemory memory, int root) {
    Ranks chosen = chosen();
    timed(() -> chosen.broadcast(memory, root));
  }

  private Ranks chosen() {
    if (ranks == null) {
      throw new IllegalStateException("it is not chosen yet how ranks exchange tensors");
    }
    return ranks;
  }

  @Override
  public double exchangeSeconds() {
    return total / 1e9;
  }

  @Override
  public void close() {
    if (ranks != null) {
      ranks.close();
      ranks = null;
    }
  }
}
