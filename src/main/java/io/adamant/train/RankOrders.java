package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.parallel.Coordinator;
import io.adamant.parallel.World;
import io.adamant.tensor.SafeTensors;
import io.adamant.tensor.TensorMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What rank 0 tells the other ranks during a run. Only rank 0 decides anything: the others compute
 * what they are told and write nothing, see {@link RankFollower}. With one rank nothing happens.
 */
final class RankOrders {

  /** Of one rank. */
  static final RankOrders NONE = new RankOrders(World.alone());

  /** Kinds of orders. */
  enum Order {
    /** Before a run: exchange tensors as {@link World#connect} says. */
    CONNECT,
    /** A run begins; answered with {@link RankFacts}. */
    BEGIN,
    /** Take over weights and state. */
    SHARE,
    /** Take a step: its number from 0, and whether the parts of its gradient are to be shown. */
    STEP,
    /** Evaluate: tokens at most, and whether what is read out. */
    EVALUATE,
    /** Answer with the hash of every weight. */
    COMPARE,
    /** The run is over. */
    END
  }

  private final World world;

  RankOrders(World world) {
    this.world = world;
  }

  private boolean isAlone() {
    return world.ranks().size() == 1;
  }

  private void give(Order order, Object... words) {
    StringBuilder text = new StringBuilder(order.name());
    for (Object word : words) {
      text.append(' ').append(word);
    }
    world.coordinator().ifPresent(coordinator -> coordinator.order(text.toString()));
  }

  /**
   * The others prepare for a run.
   *
   * @throws InputException if the run's tensors cannot be exchanged
   */
  void begin(RunConfig config, KernelPath path, Device device) {
    if (isAlone()) {
      return;
    }
    connect(device);
    Coordinator coordinator = world.coordinator().orElseThrow();
    coordinator.timeout(Duration.ofSeconds(config.training().rankTimeout()));
    give(Order.BEGIN, Json.line(List.of(Configs.toYaml(config), path.label())));
  }

  private void connect(Device device) {
    if (device.isGpu() && !world.gpu().equals(device)) {
      throw InputException.badValue(
          "training.device",
          "cuda:" + device.getDeviceId(),
          "auto, cuda or cpu: of several ranks each takes the GPU of its number on its machine");
    }
    OptionalInt gpu = device.isGpu() ? OptionalInt.of(device.getDeviceId()) : OptionalInt.empty();
    try {
      world.connect(gpu, how -> give(Order.CONNECT, how));
    } catch (InputException e) {
      throw e;
    } catch (RuntimeException e) {
      abort(e); // the others may wait for this one
      throw e;
    }
  }

  /**
   * Waits until they are prepared.
   *
   * @throws InputException if one of them computes otherwise than rank 0
   */
  void requireAlike(RunConfig config, TokenDataset data) {
    if (isAlone()) {
      return;
    }
    Map<String, String> here = RankFacts.of(config, data);
    List<String> answers = world.coordinator().orElseThrow().answers();
    for (int i = 0; i < answers.size(); i++) {
      Map<String, String> there = read(answers.get(i));
      for (Map.Entry<String, String> fact : here.entrySet()) {
        String other = there.getOrDefault(fact.getKey(), "unknown");
        if (!other.equals(fact.getValue())) {
          throw new InputException(
              "the ranks are not alike, so they would not compute the same: %s is %s on rank 0 and %s on rank %s"
                  .formatted(fact.getKey(), fact.getValue(), other, i + 1));
        }
      }
    }
  }

  private static Map<String, String> read(String json) {
    try {
      Map<String, String> map = new LinkedHashMap<>();
      Json.MAPPER
          .readTree(json)
          .properties()
          .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
      return map;
    } catch (IOException e) {
      throw new UncheckedIOException("reading a rank's answer failed", e);
    }
  }

  /** The others take over weights, optimizer state and what is averaged. */
  void share(Session session) {
    if (!isAlone()) {
      give(Order.SHARE);
      broadcast(session, world);
    }
  }

  static void broadcast(Session session, World world) {
    for (NDArray array : session.shared()) {
      world.ranks().broadcast(TensorMemory.of(array), 0);
    }
  }

  /** The others take a step with this rank. */
  void step(long step, boolean shown) {
    give(Order.STEP, step, shown);
  }

  /** The others evaluate with this rank. */
  void evaluate(long maxTokens, boolean readout) {
    give(Order.EVALUATE, maxTokens, readout);
  }

  /**
   * Compares the weights.
   *
   * @throws IllegalStateException if those of another rank are not the same bits
   */
  void requireSameWeights(Session session, long step) {
    if (isAlone()) {
      return;
    }
    give(Order.COMPARE);
    Map<String, String> own = hashes(session);
    List<String> answers = world.coordinator().orElseThrow().answers();
    for (int i = 0; i < answers.size(); i++) {
      Map<String, String> there = read(answers.get(i));
      List<String> different = new ArrayList<>(own.keySet());
      different.removeIf(name -> own.get(name).equals(there.get(name)));
      if (!different.isEmpty()) {
        throw new IllegalStateException(
            "after step %s the weights of rank %s are not those of rank 0: %s"
                .formatted(step, i + 1, String.join(", ", different)));
      }
    }
  }

  /** SHA-256 of each weight. */
  static Map<String, String> hashes(Session session) {
    Map<String, String> hashes = new LinkedHashMap<>();
    session
        .weights()
        .forEach((name, array) -> hashes.put(name, SafeTensors.sha256(Map.of(name, array))));
    return hashes;
  }

  /** The run is over. */
  void end() {
    give(Order.END);
  }

  /** Ends all ranks because this one cannot go on. */
  void abort(Throwable reason) {
    world.coordinator().ifPresent(coordinator -> coordinator.abort("rank 0: " + reason));
  }
}
