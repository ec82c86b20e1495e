package io.adamant.measure;

/**
 * What is measured when.
 *
 * @param steps of the run
 * @param batch sequences a step, at least 1
 * @param every steps between measurements, at least 1; the last step is measured in any case
 * @param tensors whether each parameter tensor is measured by itself, besides the groups
 * @param probeEvery steps between probes with fresh batches; 0 for none
 * @param probeBatches fresh batches of a probe, at least 4
 */
public record MeasurePlan(
    long steps, int batch, int every, boolean tensors, int probeEvery, int probeBatches) {

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
