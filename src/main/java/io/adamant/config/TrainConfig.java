package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How long, on what and with which randomness a run trains, and what it keeps.
 *
 * @param steps optimizer steps, at least 1
 * @param batch sequences in a step B, at least 1
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
 * @param initFrom directory of a checkpoint whose weights to start from with a fresh optimizer, or
 *     empty for random weights
 * @param onDivergence what happens when finite losses show that the run has gone wrong
 * @param tf32 whether float32 products on CUDA may round their operands to TensorFloat-32; fp32 is
 *     true fp32 unless this is asked for
 */
@PublicApi
public record TrainConfig(
    int steps,
    int batch,
    int microBatch,
    Precision precision,
    String device,
    String kernels,
    boolean checkpointActivations,
    int threads,
    long seed,
    int evalEvery,
    long evalTokens,
    int checkpointEvery,
    int keepCheckpoints,
    int logEvery,
    NonFinitePolicy onNonfinite,
    int maxSkipped,
    String initFrom,
    DivergencePolicy onDivergence,
    boolean tf32) {
  private static final Pattern KERNELS =
      Pattern.compile("auto|(torch|onednn|bf16)\\+(sdpa|explicit)");
  private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda(:(0|[1-9][0-9]{0,3}))?");

  /**
   * Validates.
   *
   * @throws InputException if a number is out of range, the device is unknown, or the micro-batch
   *     does not divide the batch
   */
  public TrainConfig {
    Check.atLeast("training.steps", steps, 1);
    Check.size("training.batch", batch);
    if (microBatch < 0 || (microBatch > 0 && batch % microBatch != 0)) {
      throw InputException.badValue(
          "training.micro_batch", microBatch, "auto or a divisor of training.batch, " + batch);
    }
    Check.matching("training.device", device, DEVICE, "auto, cpu, cuda or cuda:N");
    Check.matching(
        "training.kernels",
        kernels,
        KERNELS,
        "auto, or torch, onednn or bf16 with +sdpa or +explicit");
    Check.inRange("training.threads", threads, 0, 4096);
    Check.atLeast("training.seed", seed, 0);
    Check.atLeast("training.eval_every", evalEvery, 0);
    Check.atLeast("training.eval_tokens", evalTokens, 0);
    Check.atLeast("training.checkpoint_every", checkpointEvery, 0);
    Check.atLeast("training.keep_checkpoints", keepCheckpoints, 1);
    Check.atLeast("training.log_every", logEvery, 1);
    Check.atLeast("training.max_skipped", maxSkipped, 0);
    Check.text("training.init_from", initFrom);
  }

  /**
   * 300 steps of 16 sequences in fp32 on whatever device there is, seed 1.
   *
   * @return the defaults
   */
  public static TrainConfig defaults() {
    return new TrainConfig(
        300,
        16,
        0,
        Precision.FP32,
        "auto",
        "auto",
        false,
        0,
        1,
        50,
        65_536,
        100,
        2,
        10,
        NonFinitePolicy.SKIP,
        20,
        "",
        DivergencePolicy.CONTINUE,
        false);
  }

  /**
   * Micro-batches in a step.
   *
   * @return {@code batch / microBatch}; 1 as long as the micro-batch is {@code auto}
   */
  public int accumulation() {
    return microBatch == 0 ? 1 : batch / microBatch;
  }

  /**
   * The same for another number of steps.
   *
   * @param newSteps optimizer steps
   * @return a copy
   */
  public TrainConfig withSteps(int newSteps) {
    return with("steps", newSteps);
  }

  /**
   * The same with another batch, computed in one piece where that fits.
   *
   * @param newBatch sequences in a step
   * @return a copy whose micro-batch is {@code auto}
   */
  public TrainConfig withBatch(int newBatch) {
    return withBatch(newBatch, 0);
  }

  /**
   * The same with another batch, computed in pieces.
   *
   * @param newBatch sequences in a step
   * @param newMicroBatch sequences computed at once
   * @return a copy
   */
  public TrainConfig withBatch(int newBatch, int newMicroBatch) {
    return with(Map.of("training.batch", newBatch, "training.micro_batch", newMicroBatch));
  }

  /**
   * The same with another micro-batch.
   *
   * @param newMicroBatch sequences computed at once; 0 is {@code auto}
   * @return a copy
   */
  public TrainConfig withMicroBatch(int newMicroBatch) {
    return with("micro_batch", newMicroBatch);
  }

  /**
   * The same in another precision.
   *
   * @param newPrecision number format of the matrix products
   * @return a copy
   */
  public TrainConfig withPrecision(Precision newPrecision) {
    return with("precision", newPrecision);
  }

  /**
   * The same on another device.
   *
   * @param newDevice {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
   * @return a copy
   */
  public TrainConfig withDevice(String newDevice) {
    return with("device", newDevice);
  }

  /**
   * The same with other kernels.
   *
   * @param newKernels {@code auto} or such as {@code onednn+sdpa}
   * @return a copy
   */
  public TrainConfig withKernels(String newKernels) {
    return with("kernels", newKernels);
  }

  /**
   * The same on another number of CPU threads.
   *
   * @param newThreads threads, or 0 to leave the choice to the machine
   * @return a copy
   */
  public TrainConfig withThreads(int newThreads) {
    return with("threads", newThreads);
  }

  /**
   * The same with another seed.
   *
   * @param newSeed seed of weights and data order
   * @return a copy
   */
  public TrainConfig withSeed(long newSeed) {
    return with("seed", newSeed);
  }

  /**
   * The same starting from the weights of a checkpoint.
   *
   * @param directory the checkpoint, or empty for random weights
   * @return a copy
   */
  public TrainConfig withInitFrom(String directory) {
    return with("init_from", directory);
  }

  private TrainConfig with(String key, Object value) {
    return with(Map.of("training." + key, value));
  }

  private TrainConfig with(Map<String, ?> values) {
    return RunConfig.defaults().withTraining(this).with(values).training();
  }
}
