package io.adamant.measure;

import java.util.function.LongToIntFunction;

/**
 * What is measured when.
 *
 * @param steps of the run
 * @param batch sequences a step, at least 1; of a batch that grows, in the end
 * @param every steps between measurements, at least 1; the last step is measured in any case
 * @param tensors whether each parameter tensor is measured by itself, besides the groups
 * @param probeEvery steps between probes with fresh batches; 0 for none
 * @param probeBatches fresh batches of a probe, at least 4; they have {@code batch} sequences
 * @param batches sequences of each step, 1 for the first
 * @param apart whether a step's gradients are shown part by part, as with {@code
 *     training.reduction: tree}, and not as the sum so far
 */
public record MeasurePlan(
    long steps,
    int batch,
    int every,
    boolean tensors,
    int probeEvery,
    int probeBatches,
    LongToIntFunction batches,
    boolean apart) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public MeasurePlan {
    if (every < 1 || batch < 1 || probeEvery < 0 || probeBatches < 4) {
      throw new IllegalArgumentException(
          "every = %s, batch = %s, probeEvery = %s, probeBatches = %s; allowed: 1, 1, 0, 4 or more"
              .formatted(every, batch, probeEvery, probeBatches));
    }
  }

  /**
   * For batches of one size.
   *
   * @param steps of the run
   * @param batch sequences a step
   * @param every steps between measurements
   * @param tensors whether each parameter tensor is measured by itself
   * @param probeEvery steps between probes; 0 for none
   * @param probeBatches fresh batches of a probe
   */
  public MeasurePlan(
      long steps, int batch, int every, boolean tensors, int probeEvery, int probeBatches) {
    this(steps, batch, every, tensors, probeEvery, probeBatches, step -> batch, false);
  }

  /**
   * Measurements of groups only.
   *
   * @param steps of the run
   * @param batch sequences a step
   * @param every steps between measurements
   * @return a plan without probes
   */
  public static MeasurePlan of(long steps, int batch, int every) {
    return new MeasurePlan(steps, batch, every, false, 0, 8);
  }

  boolean measures(long step) {
    return step % every == 0 || step == steps;
  }

  boolean probes(long step) {
    return probeEvery > 0 && step % probeEvery == 0;
  }
}
