package io.adamant.plan;

import ai.djl.Device;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.data.Tokenizer;
import io.adamant.data.ValidationWindows;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.parallel.TreeSum;
import io.adamant.tensor.CpuFeatures;
import io.adamant.train.MicroBatch;
import io.adamant.train.ParameterGroups;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a run will take on a GPU that is not here, from shapes and a data sheet: nothing is measured
 * and no engine is loaded.
 *
 * @param card the GPU
 * @param run what it takes there; its times cannot be shorter
 * @param microBatchGiven whether the configuration says which micro-batch
 * @param largest micro-batch that fits; empty if not even one sequence does
 * @param tokensPerSecond of training alone, at most
 * @param ranks cards that train the run together; memory is of each of them
 */
public record GpuPlan(
    GpuCard card,
    RunPlan run,
    boolean microBatchGiven,
    OptionalInt largest,
    double tokensPerSecond,
    int ranks) {

  /** Bytes to stay free: with the allowance for CUDA, 2 GiB of a card are not for tensors. */
  public static final long RESERVE = (2L << 30) - GpuMemoryModel.RUNTIME;

  /**
   * Plans a run.
   *
   * @param read the run as configured; what it says of the device does not count here
   * @param card the GPU
   * @param data the run's data; empty if they are not on this machine
   * @param hooks the run's observers
   * @param ranks cards that train it together
   * @return the plan of the whole run, from its first step on
   * @throws InputException if an optimizer's setting is unknown, the card lacks the run's number
   *     format or kernels, there is too little data, or the run cannot be trained on so many ranks
   */
  public static GpuPlan of(
      RunConfig read,
      GpuCard card,
      Optional<TokenDataset> data,
      List<TrainingHook> hooks,
      int ranks) {
    Training.requireRanks(read.training(), ranks);
    RunConfig config = Training.withOptimizersResolved(read);
    card.require(config.training());
    String path = kernels(config);
    int vocabulary =
        data.map(d -> d.tokenizer().vocabularySize())
            .orElseGet(() -> Tokenizer.size(config.data().tokenizer(), config.data().vocab()));
    ModelSize size = ParameterGroups.size(config, vocabulary);
    long state = ParameterGroups.stateSize(config, size.shapes());
    OptionalInt largest =
        MicroBatch.divisors(config.training().largestMicroBatch()).stream()
            .filter(
                d ->
                    peak(share(sized(config, d), ranks), size, state, hooks)
                        <= card.bytes() - RESERVE)
            .mapToInt(d -> d)
            .findFirst();
    boolean given = config.training().microBatch() > 0;
    RunConfig run = given ? config : sized(config, largest.orElse(1));
    long sequences = run.training().sequences(run.training().steps());
    OptionalDouble epochs =
        data.map(d -> OptionalDouble.of(Training.checkData(run, d).epochs(sequences)))
            .orElse(OptionalDouble.empty());
    RunConfig share = share(run, ranks);
    GpuTimeBound bound = new GpuTimeBound(share, size, card, state);
    long probes = TrainingHook.Cost.ofRun(run.training(), hooks).gradients();
    double exchange =
        run.training().steps()
            * exchangedBytes(size, ranks)
            / (card.linkGigabytesPerSecond() * 1e9);
    double training = exchange + bound.training().values().stream().mapToDouble(s -> s).sum();
    Map<String, Double> time =
        new LinkedHashMap<>(bound.parts(evaluated(run, data) / ranks, probes));
    Map<String, Long> memory = new LinkedHashMap<>(memory(share, size, state, hooks).terms());
    if (ranks > 1) {
      time.put("exchange", exchange);
      memory.put("exchange", TreeSum.BUFFERS);
    }
    RunPlan plan =
        new RunPlan(
            run,
            size,
            vocabulary,
            path,
            epochs,
            memory,
            RunPlan.checkpointBytes(run, size, state),
            time,
            0);
    return new GpuPlan(card, plan, given, largest, plan.tokens() / training, ranks);
  }

  /** What one of several ranks computes. */
  private static RunConfig share(RunConfig run, int ranks) {
    return ranks == 1
        ? run
        : run.with(
            Map.of(
                "training.batch", run.training().batch() / ranks,
                "training.leaves", run.training().leaves() / ranks));
  }

  private static double exchangedBytes(ModelSize size, int ranks) {
    return 4.0 * size.trained() * 2 * (ranks - 1) / ranks;
  }

  /**
   * What a rank sends to others in a step: the gradients, 2 (p &minus; 1)/p of them, see {@link
   * TreeSum}.
   *
   * @return bytes; 0 for one rank
   */
  public double exchangedBytes() {
    return exchangedBytes(run.size(), ranks);
  }

  private static String kernels(RunConfig config) {
    String label = Training.kernels(config, CpuFeatures.detect(), Device.gpu(0));
    if (!KernelPath.of(label).fusedAttention()) {
      throw InputException.badValue(
          "training.kernels", label, "auto with --gpu, whose memory is known for fused attention");
    }
    return label;
  }

  private static RunConfig sized(RunConfig config, int microBatch) {
    return config.with(
        Map.of("training.micro_batch", microBatch, "training.batch_warmup", 0)); // any divisor
  }

  private static GpuMemoryModel memory(
      RunConfig run, ModelSize size, long state, List<TrainingHook> hooks) {
    return new GpuMemoryModel(run, size, state, MemoryModel.hookNumbers(run, size, hooks));
  }

  private static long peak(RunConfig run, ModelSize size, long state, List<TrainingHook> hooks) {
    return memory(run, size, state, hooks).peak();
  }

  /** Without the data, validations on the way only, of as many tokens as are asked for. */
  private static long evaluated(RunConfig run, Optional<TokenDataset> data) {
    int context = run.model().context();
    return data.map(
            d ->
                RunPlan.evaluatedTokens(
                    run.training(), new ValidationWindows(d.validation(), context).targets()))
        .orElseGet(
            () -> {
              long each = run.training().evalTokens();
              return each == 0 ? 0 : RunPlan.evaluatedTokens(run.training(), each, 0);
            });
  }

  /**
   * Whether the run as planned has room on the card.
   *
   * @return false if its peak leaves less than {@link #RESERVE} free
   */
  public boolean fits() {
    return run.peakBytes() <= card.bytes() - RESERVE;
  }
}
