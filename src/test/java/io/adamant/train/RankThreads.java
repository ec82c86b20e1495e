package io.adamant.train;

import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.parallel.Coordinator;
import io.adamant.parallel.Member;
import io.adamant.parallel.Ranks;
import io.adamant.parallel.ThreadRanks;
import io.adamant.parallel.World;
import io.adamant.results.RunSummary;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Ranks in threads of the test: rank 0 in the calling one. */
final class RankThreads {

  private RankThreads() {}

  /** Trains on a number of ranks. */
  static RunSummary train(
      int size,
      RunConfig config,
      TokenDataset data,
      List<TrainingHook> hooks,
      Path root,
      BooleanSupplier stop)
      throws InterruptedException {
    if (size == 1) {
      return new Training(config, data, hooks, ProgressListener.NONE).train(root, stop);
    }
    List<Ranks> ranks = ThreadRanks.of(size);
    List<Thread> threads = new ArrayList<>();
    Thread main = Thread.currentThread();
    Coordinator coordinator =
        new Coordinator(0, "token", () -> 0, () -> {}, reason -> main.interrupt());
    for (int rank = 1; rank < size; rank++) {
      Ranks own = ranks.get(rank);
      Thread thread =
          new Thread(
              () -> {
                Member member =
                    new Member(
                        List.of(
                            InetSocketAddress.createUnresolved("127.0.0.1", coordinator.port())),
                        "token",
                        own.rank(),
                        () -> 0,
                        reason -> {});
                World world = World.of(own, null, member);
                new RankFollower(world).obey();
                member.close();
              });
      thread.start();
      threads.add(thread);
    }
    coordinator.assemble(size);
    try {
      return new Training(config, data, hooks, ProgressListener.NONE)
          .withWorld(World.of(ranks.get(0), coordinator, null))
          .train(root, stop);
    } finally {
      coordinator.close(0);
      for (Thread thread : threads) {
        thread.join(10_000);
      }
    }
  }
}
