package io.adamant.parallel;

import io.adamant.tensor.TensorMemory;

/** Ranks that know how long this one has been waiting for others. */
final class TimedRanks implements Ranks {

  private final Ranks ranks;
  private volatile long since; // nanoTime, 0 while it does not wait
  private long total; // nanoseconds, of the thread that exchanges

  TimedRanks(Ranks ranks) {
    this.ranks = ranks;
  }

  /** Milliseconds that the exchange at hand has taken so far; 0 if there is none. */
  long waiting() {
    long begun = since;
    return begun == 0 ? 0 : Math.max(1, (System.nanoTime() - begun) / 1_000_000);
  }

  private void timed(Runnable exchange) {
    since = System.nanoTime() | 1; // never 0
    exchange.run();
    total += System.nanoTime() - since;
    since = 0;
  }

  @Override
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int size() {
    return ranks.size();
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    timed(() -> ranks.exchange(out, in, peer));
  }

  @Override
  public void broadcast(TensorMemory memory, int root) {
    timed(() -> ranks.broadcast(memory, root));
  }

  @Override
  public double exchangeSeconds() {
    return total / 1e9;
  }

  @Override
  public void close() {
    ranks.close();
  }
}
