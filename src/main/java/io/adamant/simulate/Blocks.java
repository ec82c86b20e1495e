package io.adamant.simulate;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;

/**
 * How a simulation is spread over threads: into blocks, each with its own stream of numbers, whose
 * results are put together in order. So the result depends on the seed, not on the threads.
 *
 * @param threads at least 1
 * @param seed of all streams
 * @param progress told how many units of work were done, from any thread
 */
public record Blocks(int threads, long seed, LongConsumer progress) {

  /** Checks the count. */
  public Blocks {
    if (threads < 1) {
      throw new InputException("--threads " + threads + ": allowed: at least 1");
    }
  }

  /**
   * All processors, no progress.
   *
   * @param seed of all random numbers
   */
  public static Blocks quiet(long seed) {
    return new Blocks(Granted.here().threads(), seed, units -> {});
  }

  /** Results of all blocks, in order; the stream is for numbers of that block only. */
  <T> List<T> map(int count, BiFunction<Integer, GaussianSource, T> block) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.min(threads, count),
            work -> {
              Thread thread = new Thread(work, "simulate");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = i;
        futures.add(
            pool.submit(() -> block.apply(index, new GaussianSource(Seeds.mix(seed, index)))));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the simulation was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a block of the simulation failed", e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
