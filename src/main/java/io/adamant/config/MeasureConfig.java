package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * What is measured while training, and where it is written besides {@code metrics.jsonl}. Measuring
 * never changes a trajectory.
 *
 * @param every steps between measurements of update RMS, weight RMS and gradient noise; 0 = never
 * @param tensors whether each parameter tensor is measured too, besides the groups
 * @param probeEvery steps between probes of the gradient on fresh batches; 0 = never
 * @param probeBatches fresh batches of a probe, at least 4
 * @param csv whether to write {@code metrics.csv}
 * @param tensorboard whether to write TensorBoard event files into {@code tensorboard/}
 */
@PublicApi
public record MeasureConfig(
    int every,
    boolean tensors,
    int probeEvery,
    int probeBatches,
    boolean csv,
    boolean tensorboard) {

  /**
   * Validates.
   *
   * @throws InputException if a number is out of range, or probes are asked for and no measurement
   */
  public MeasureConfig {
    Check.atLeast("measure.every", every, 0);
    Check.atLeast("measure.probe_every", probeEvery, 0);
    Check.inRange("measure.probe_batches", probeBatches, 4, 256);
    if (every == 0 && probeEvery > 0) {
      throw InputException.badValue(
          "measure.probe_every", probeEvery, "0 while measure.every is 0, which measures nothing");
    }
  }

  /**
   * Groups at every tenth step, no probe, {@code metrics.jsonl} only.
   *
   * @return the defaults
   */
  public static MeasureConfig defaults() {
    return new MeasureConfig(10, false, 0, 8, false, false);
  }

  /**
   * The same at another interval.
   *
   * @param newEvery steps between measurements; 0 = never
   * @return a copy
   */
  public MeasureConfig withEvery(int newEvery) {
    return new MeasureConfig(newEvery, tensors, probeEvery, probeBatches, csv, tensorboard);
  }
}
