package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.parallel.Member;
import io.adamant.parallel.World;
import io.adamant.tensor.Devices;
import io.adamant.train.RankOrders.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rank above 0: computes what rank 0 tells it to, run after run, and writes nothing. */
public final class RankFollower {

  private final World world;
  private final Member member;

  /**
   * A follower.
   *
   * @param world whose rank 0 gives orders
   */
  public RankFollower(World world) {
    this.world = world;
    this.member = world.member().orElseThrow();
  }

  /**
   * Obeys until there are no more orders.
   *
   * @return exit code of rank 0
   */
  public int obey() {
    try {
      for (Optional<String> order = member.next(); order.isPresent(); order = member.next()) {
        String[] words = order.get().split(" ", 2);
        if (Order.valueOf(words[0]) == Order.CONNECT) {
          world.follow(words[1]);
        } else if (Order.valueOf(words[0]) == Order.BEGIN) {
          run(words[1]);
        } else if (Order.valueOf(words[0]) != Order.END) { // of a run that did not begin here
          throw new IllegalStateException("an order outside a run: " + order.get());
        }
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      member.fail(e instanceof InputException ? e.getMessage() : e.toString());
      throw e;
    }
    return member.exitCode();
  }

  private void run(String text) {
    List<String> words = strings(text);
    RunConfig config = here(Configs.parseRun(words.get(0), List.of()));
    String label = words.get(1);
    Device device = Devices.select(config.training().device());
    try (TokenDataset data =
            TokenDataset.open(Training.dataset(config), CacheDirectory.ofUser(), line -> {});
        Session session = new Session(config, data, device, KernelPath.of(label), world.ranks())) {
      member.answer(Json.line(RankFacts.of(config, data)));
      obey(session, config);
    }
  }

  /** A run on GPUs goes on with the one of this rank. */
  private RunConfig here(RunConfig config) {
    return config.training().device().equals("cpu")
        ? config
        : config.with("training.device", "cuda:" + world.gpu().getDeviceId());
  }

  private static List<String> strings(String json) {
    try {
      return List.of(Json.MAPPER.readValue(json, String[].class));
    } catch (IOException e) {
      throw new UncheckedIOException("reading an order failed", e);
    }
  }

  private void obey(Session session, RunConfig config) {
    TrainingStep step =
        new TrainingStep(session, config.training(), List.of(), TrainingStep.Observer.NONE);
    Evaluation evaluation =
        new Evaluation(
            session.model(),
            session.manager(),
            session.validation(),
            config.model().context(),
            config.training().microBatch(),
            session.sum());
    BatchPrefetcher batches = null;
    try {
      while (true) {
        String[] words = member.next().orElseThrow().split(" ", -1);
        switch (Order.valueOf(words[0])) {
          case SHARE -> RankOrders.broadcast(session, world);
          case STEP -> {
            long number = Long.parseLong(words[1]);
            if (batches == null) {
              batches = session.batchesFrom(number);
            }
            step.take(number, batches, Boolean.parseBoolean(words[2]));
          }
          case EVALUATE ->
              evaluate(
                  session, evaluation, Long.parseLong(words[1]), Boolean.parseBoolean(words[2]));
          case COMPARE -> member.answer(Json.line(RankOrders.hashes(session)));
          case END -> {
            return;
          }
          default -> throw new IllegalStateException("an order inside a run: " + words[0]);
        }
      }
    } finally {
      if (batches != null) {
        batches.close();
      }
    }
  }

  private static void evaluate(
      Session session, Evaluation evaluation, long maxTokens, boolean readout) {
    if (!readout) {
      evaluation.loss(maxTokens);
      return;
    }
    try (NDManager scope = session.manager().newSubManager()) {
      Map<String, NDArray> weights = session.readoutWeights(scope);
      evaluation.loss(maxTokens, weights);
    }
  }
}
