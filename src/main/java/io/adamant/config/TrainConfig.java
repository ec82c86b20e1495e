package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.ArrayList;
import java.util.List;

/**
 * How long, on what and with which randomness a run trains, and what it keeps.
 *
 * @param steps optimizer steps, at least 1
 * @param batch sequences in a step B, at least 1; of all ranks together
 * @param microBatch sequences whose gradients are computed at once; divides {@code batch}; 0, in
 *     YAML {@code auto}, the default, is the whole batch on a CPU and the most that fits on a GPU
 * @param precision number format of the matrix products
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param kernels how matrix products and attention are computed, such as {@code onednn+sdpa};
 *     {@code auto} leaves the choice to the machine, and a resolved run has it written out
 * @param checkpointActivations whether the backward pass computes a layer's activations again, to
 *     hold those of one layer at a time; same bits, about a third more work
 * @param threads CPU threads; 0, in YAML {@code auto}, leaves the choice to the machine
 * @param seed seed of the weights and of the order of the data, at least 0
 * @param evalEvery steps between validations; 0 = only at the end
 * @param evalTokens validation tokens at each of them; 0 = all. The last one always takes all
 * @param checkpointEvery steps between checkpoints; 0 = only at the end
 * @param keepCheckpoints how many of the latest checkpoints are kept, at least 1
 * @param logEvery steps between printed lines, at least 1
 * @param onNonfinite what happens at a step with a loss or norm that is not finite
 * @param maxSkipped skipped steps after which the run ends as diverged, at least 0
 * @param initFrom directory of a checkpoint, or of a model in the layout of Hugging Face, whose
 *     weights to start from with a fresh optimizer; empty for random weights
 * @param onDivergence what happens when finite losses show that the run has gone wrong
 * @param tf32 whether float32 products on CUDA may round their operands to TensorFloat-32; fp32 is
 *     true fp32 unless this is asked for
 * @param batchWarmup fraction of the steps, 0 to below 1, during which the batch grows from one
 *     micro-batch to {@code batch}, see {@link #accumulation(long)}
 * @param readout weights that are evaluated and kept beside those that are trained
 * @param readoutDecay a of {@link Readout#EMA}, 0 to below 1
 * @param branchFrom checkpoint of another run that this one goes on from, with its optimizer state
 *     and its count of steps; empty for a run from the start
 * @param branchStep steps that the other run had done there, below {@code steps}; 0 for a run from
 *     the start
 * @param branchBatch k, 1 or more: {@code batch} is k times that of the other run
 * @param branchRate factor on the other run's learning rates, above 0
 * @param readoutTail share of the steps whose weights {@link Readout#TAIL} averages, above 0
 * @param reduction order in which the gradients of a batch's parts are added; {@code tree} runs on
 *     several ranks too, each of which takes its share of {@code batch}
 * @param leaves L of {@link Reduction#TREE}, a divisor of {@code batch}
 * @param rankTimeout seconds that a rank may be silent, or that all may wait for it, until the run
 *     is ended
 */
@PublicApi
public record TrainConfig(
    @Key(value = "300", min = 1) int steps,
    @Key(value = "16", min = 1, max = Key.SIZE) int batch,
    @Key(value = "auto", word = "auto") int microBatch,
    @Key("fp32") Precision precision,
    @Key(
            value = "auto",
            pattern = "auto|cpu|cuda(:(0|[1-9][0-9]{0,3}))?",
            allowed = "auto, cpu, cuda or cuda:N")
        @Key.OutsideId
        String device,
    @Key(
            value = "auto",
            pattern = "auto|(torch|onednn|bf16)\\+(sdpa|explicit)",
            allowed = "auto, or torch, onednn or bf16 with +sdpa or +explicit")
        @Key.OutsideId
        String kernels,
    @Key("false") @Key.OutsideId boolean checkpointActivations,
    @Key(value = "auto", word = "auto", min = 0, max = 4096) @Key.OutsideId int threads,
    @Key(value = "1", min = 0) long seed,
    @Key(value = "50", min = 0) int evalEvery,
    @Key(value = "65536", min = 0) long evalTokens,
    @Key(value = "100", min = 0) @Key.OutsideId int checkpointEvery,
    @Key(value = "2", min = 1) @Key.OutsideId int keepCheckpoints,
    @Key(value = "10", min = 1) @Key.OutsideId int logEvery,
    @Key("skip") NonFinitePolicy onNonfinite,
    @Key(value = "20", min = 0) int maxSkipped,
    @Key(allowed = "the directory of a checkpoint or a model, or \"\" for random weights")
        String initFrom,
    @Key("continue") @Key.OlderRuns("continue") DivergencePolicy onDivergence,
    @Key("false") @Key.OlderRuns("false") boolean tf32,
    @Key(value = "0.0", min = 0, max = 1, below = true) @Key.OlderRuns("0.0") double batchWarmup,
    @Key("trained") @Key.OutsideId Readout readout,
    @Key(value = "0.999", min = 0, max = 1, below = true) @Key.OutsideId double readoutDecay,
    @Key(value = "0.2", min = 0, max = 1, above = true) @Key.OutsideId double readoutTail,
    @Key(allowed = "the directory of a checkpoint, or \"\" for a run from the start")
        @Key.OlderRuns("")
        String branchFrom,
    @Key(value = "0", min = 0) @Key.OlderRuns("0") int branchStep,
    @Key(value = "1", min = 1, max = Key.SIZE) @Key.OlderRuns("1") int branchBatch,
    @Key(value = "1.0", min = 0, above = true) @Key.OlderRuns("1.0") double branchRate,
    @Key("sequential") @Key.OlderRuns("sequential") Reduction reduction,
    @Key(value = "8", min = 1, max = Key.SIZE) @Key.OlderRuns("8") int leaves,
    @Key(value = "300", min = 1, max = 86_400) @Key.OutsideId int rankTimeout) {

  /**
   * Validates.
   *
   * @throws InputException if the micro-batch does not divide the batch or a leaf of it, or the
   *     batch is to grow and there is no smaller micro-batch to grow by
   */
  public TrainConfig {
    if (reduction == Reduction.TREE && batch % leaves != 0) {
      throw InputException.badValue(
          "training.leaves", leaves, "a divisor of training.batch, " + batch);
    }
    int most = reduction == Reduction.TREE ? batch / leaves : batch;
    if (microBatch < 0 || (microBatch > 0 && most % microBatch != 0)) {
      throw InputException.badValue(
          "training.micro_batch",
          microBatch,
          "auto or a divisor of "
              + (most == batch ? "training.batch, " : "training.batch / training.leaves, ")
              + most);
    }
    if (reduction == Reduction.TREE && batchWarmup > 0) {
      throw InputException.badValue(
          "training.batch_warmup", batchWarmup, "0 with training.reduction: tree");
    }
    if (batch % branchBatch != 0) {
      throw InputException.badValue(
          "training.branch_batch", branchBatch, "a divisor of training.batch, " + batch);
    }
    if (branchStep > 0 && (branchStep >= steps || batchWarmup > 0)) {
      throw InputException.badValue(
          "training.branch_step",
          branchStep,
          "below training.steps, %s, in a run without training.batch_warmup".formatted(steps));
    }
    if (batchWarmup > 0 && (microBatch == 0 || microBatch == batch)) {
      throw InputException.badValue(
          "training.batch_warmup",
          batchWarmup,
          "0, or a training.micro_batch to grow by, a divisor of training.batch, %s, below it, not %s"
              .formatted(batch, microBatch == 0 ? "auto" : microBatch));
    }
  }

  /**
   * 300 steps of 16 sequences in fp32 on whatever device there is, seed 1.
   *
   * @return the defaults
   */
  public static TrainConfig defaults() {
    return ConfigSection.defaults("training", TrainConfig.class);
  }

  /**
   * Micro-batches in a whole batch.
   *
   * @return {@code batch / microBatch}; 1 as long as the micro-batch is {@code auto}
   */
  public int accumulation() {
    return microBatch == 0 ? 1 : batch / microBatch;
  }

  /**
   * Sequences whose gradients may be computed at once: no micro-batch is larger.
   *
   * @return a leaf of the batch, or the whole batch
   */
  public int largestMicroBatch() {
    return reduction == Reduction.TREE ? batch / leaves : batch;
  }

  /**
   * Numbers of ranks that the run can be trained on, with the same bits on each.
   *
   * @return 1, 2, 4, ... as far as they divide the leaves; 1 alone without a tree
   */
  public List<Integer> ranks() {
    List<Integer> ranks = new ArrayList<>();
    for (int n = 1; n <= leaves && leaves % n == 0; n *= 2) {
      if (n == 1 || reduction == Reduction.TREE) {
        ranks.add(n);
      }
    }
    return ranks;
  }

  /**
   * The first step whose weights {@link #readout} averages.
   *
   * @return 1 for the first; behind the last where it averages none
   */
  public long readoutFrom() {
    return switch (readout) {
      case TRAINED -> steps + 1L;
      case EMA, SCHEDULE_FREE -> 1;
      case TAIL -> steps + 1L - Math.max(1, Math.round(readoutTail * steps));
    };
  }

  /** Steps in which the batch is not whole, W = round({@code batchWarmup}&middot;N). */
  private long growing() {
    return Math.round(batchWarmup * steps);
  }

  /**
   * Micro-batches in a step, 1 + &lfloor;s (A &minus; 1) / W&rfloor; in the first W steps s = 0, 1,
   * ... and then all A, where W is the share {@code batchWarmup} of the run's steps, rounded.
   *
   * @param step s, 0 for the first
   * @return how many, at least 1
   */
  public int accumulation(long step) {
    int all = accumulation();
    return step < growing() ? Math.toIntExact(1 + step * (all - 1) / growing()) : all;
  }

  /**
   * Sequences in the first steps together: micro-batch k = 1, ..., A &minus; 1 beyond the first is
   * in all of them from step &lceil;k W / (A &minus; 1)&rceil; on.
   *
   * @param count how many steps
   * @return the number of the first sequence of the step that follows; a branch counts on from the
   *     sequences of the run that it goes on from
   */
  public long sequences(long count) {
    long warmup = growing();
    if (warmup == 0) {
      long before = Math.min(count, branchStep);
      return before * (batch / branchBatch) + (count - before) * batch;
    }
    long more = accumulation() - 1L;
    long microBatches = count;
    for (long k = 1; k <= more; k++) {
      microBatches += Math.max(0, count - (k * warmup + more - 1) / more);
    }
    return microBatches * microBatch;
  }
}
