package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.adamant.config.ClipConfig;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.model.Gpt;
import io.adamant.optim.GradientClipping;
import io.adamant.optim.ParameterGroup;
import io.adamant.optim.StateKind;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the optimizers of a run are given at a step beside its gradient. All of it follows from the
 * run's seed, the step and the weights before it, so that a resumed run goes on bit for bit.
 *
 * <p>The sampled gradient, at the steps where it is due: each position of the step's batch gets a
 * label that is drawn from the model's own logits, and the gradient of the mean loss with these
 * labels is taken times the root of the number of tokens. Probe noise is drawn from the seed, the
 * step and the place of a number among the parameters alone. An earlier gradient is that of the
 * same batch at the weights that the rule keeps from the step before; weights that go by other
 * rules are the present ones.
 */
final class StepInputs implements AutoCloseable {

  private final List<ParameterGroup> groups;
  private final Gpt model;
  private final GradientClipping clipping;
  private final NDList gradients;
  private final GradientSum sum;
  private final TrainConfig config;
  private final ClipConfig clip;
  private final ScriptModule kernel;

  private StepInputs(
      NDManager manager,
      List<ParameterGroup> groups,
      Gpt model,
      GradientClipping clipping,
      NDList gradients,
      GradientSum sum,
      RunConfig config) {
    this.sum = sum;
    this.groups = groups;
    this.model = model;
    this.clipping = clipping;
    this.gradients = gradients;
    this.config = config.training();
    clip = config.clip();
    kernel =
        new ScriptModule(manager, new ScriptArchive(ScriptModule.resource("inputs.py"), Map.of()));
  }

  /** Empty for a run whose optimizers need gradients only. */
  static Optional<StepInputs> of(
      NDManager manager,
      List<ParameterGroup> groups,
      Gpt model,
      GradientClipping clipping,
      NDList gradients,
      GradientSum sum,
      RunConfig config) {
    boolean needed =
        groups.stream()
            .anyMatch(
                group ->
                    StateKind.inputs().stream().anyMatch(kind -> given(group, kind).isPresent()));
    return needed
        ? Optional.of(new StepInputs(manager, groups, model, clipping, gradients, sum, config))
        : Optional.empty();
  }

  private static Optional<NDList> given(ParameterGroup group, StateKind kind) {
    return group.optimizer().given(group.state(), kind);
  }

  /** Whether the micro-batches of a step are wanted once more; 0 is the first step. */
  boolean wantsBatch(long step) {
    return groups.stream()
        .anyMatch(
            group ->
                samplesAt(group, step) || given(group, StateKind.EARLIER_GRADIENT).isPresent());
  }

  private static boolean samplesAt(ParameterGroup group, long step) {
    return group.optimizer().takesAt(StateKind.SAMPLED_GRADIENT, step);
  }

  /**
   * Writes the inputs of a step.
   *
   * @param scope of the step
   * @param step 0 for the first
   * @param losses () of each micro-batch of the batch
   * @param tokens (b, T) of each micro-batch of this rank, if wanted
   * @param targets (b, T), likewise
   */
  void give(NDManager scope, long step, NDList losses, NDList tokens, NDList targets) {
    NDList loss = new NDList();
    groups.forEach(group -> given(group, StateKind.LOSS).ifPresent(loss::addAll));
    kernel.call(scope, "give_loss", losses, loss);
    NDList fresh = new NDList();
    groups.forEach(group -> given(group, StateKind.FRESH).ifPresent(fresh::addAll));
    kernel.call(scope, "mark", fresh, 0.0);
    giveNoise(scope, step);
    if (groups.stream().anyMatch(group -> samplesAt(group, step))) {
      giveSampled(scope, step, tokens, losses.size());
    }
    giveEarlier(scope, tokens, targets, losses.size());
  }

  /** Each tensor's numbers have a key of their own. */
  private void giveNoise(NDManager scope, long step) {
    int tensor = 0;
    for (ParameterGroup group : groups) {
      if (group.optimizer().takesAt(StateKind.PROBE_NOISE, step)) {
        for (NDArray noise : given(group, StateKind.PROBE_NOISE).orElseThrow()) {
          kernel.call(scope, "give_noise", noise, key(step, --tensor)); // labels' are not negative
        }
        kernel.call(scope, "mark", given(group, StateKind.FRESH).orElseThrow(), 1.0);
      } else {
        tensor -= group.gradients().size();
      }
    }
  }

  private void giveSampled(NDManager scope, long step, NDList tokens, int count) {
    NDList fresh = new NDList();
    NDList kept = new NDList();
    for (ParameterGroup group : groups) {
      if (samplesAt(group, step)) {
        fresh.addAll(given(group, StateKind.FRESH).orElseThrow());
      }
      kept.addAll(
          given(group, StateKind.SAMPLED_GRADIENT)
              .filter(list -> samplesAt(group, step))
              .orElseGet(() -> copies(scope, group.gradients())));
    }
    keepGradients(scope, kept);
    int first = sum.first(count);
    sum.sum(
        config,
        count,
        micro -> sampledGradient(scope, tokens.get(micro - first), key(step, micro), 1.0 / count),
        null);
    long size = tokens.get(0).size() * count; // all micro-batches are equally long
    kernel.call(scope, "exchange", gradients, kept, Math.sqrt((double) size), fresh);
  }

  private void giveEarlier(NDManager scope, NDList tokens, NDList targets, int count) {
    NDList now = new NDList();
    NDList earlier = new NDList();
    NDList kept = new NDList();
    for (ParameterGroup group : groups) {
      Optional<NDList> to = given(group, StateKind.EARLIER_GRADIENT);
      if (to.isPresent()) {
        now.addAll(group.state().parameters());
        earlier.addAll(given(group, StateKind.WEIGHTS).orElseThrow());
      }
      kept.addAll(to.orElseGet(() -> copies(scope, group.gradients())));
    }
    if (now.isEmpty()) {
      return;
    }
    keepGradients(scope, kept);
    kernel.call(scope, "swap", now, earlier);
    int first = sum.first(count);
    sum.sum(
        config,
        count,
        micro -> {
          try (NDManager activations = scope.newSubManager()) {
            model.forwardBackward(
                activations,
                tokens.get(micro - first),
                targets.get(micro - first),
                1.0 / count,
                config.checkpointActivations(),
                part -> {});
          }
        },
        null);
    kernel.call(scope, "swap", now, earlier);
    kernel.call(scope, "give_earlier", gradients, kept, clip.globalNorm(), clip.coordinate());
  }

  private void keepGradients(NDManager scope, NDList kept) {
    for (int i = 0; i < kept.size(); i++) {
      gradients.get(i).copyTo(kept.get(i));
    }
    clipping.zero(scope, gradients);
  }

  private static NDList copies(NDManager scope, NDList list) {
    NDList copies = new NDList();
    for (NDArray array : list) {
      NDArray copy = array.zerosLike();
      copy.attach(scope);
      copies.add(copy);
    }
    return copies;
  }

  private void sampledGradient(NDManager scope, NDArray tokens, long key, double weight) {
    try (NDManager activations = scope.newSubManager()) {
      NDList labels = new NDList();
      for (long row = 0; row < tokens.getShape().get(0); row++) {
        try (NDManager one = activations.newSubManager()) {
          NDArray sequence = tokens.get(new NDIndex(row + ":" + (row + 1)));
          sequence.attach(one);
          NDArray logits = model.logits(one, sequence); // (1, T, V): those of a batch are large
          labels.add(kernel.call(activations, "draw", logits, mixed(key + row)).singletonOrThrow());
        }
      }
      NDArray targets = NDArrays.concat(labels).reshape(tokens.getShape());
      targets.attach(activations);
      model.forwardBackward(
          activations, tokens, targets, weight, config.checkpointActivations(), part -> {});
    }
  }

  /** One of a stream of numbers, which are far from each other. */
  private long key(long step, int micro) {
    return mixed(mixed(mixed(config.seed()) + step) + micro);
  }

  /** SplitMix64. */
  private static long mixed(long x) {
    long z = x + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void close() {
    kernel.close();
  }
}
