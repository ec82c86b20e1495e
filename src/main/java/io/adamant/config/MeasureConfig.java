package io.adamant.config;

/**
 * What is measured while training. Measuring never changes a trajectory.
 *
 * @param every steps between measurements of update RMS, weight RMS and gradient noise; 0 = never
 */
public record MeasureConfig(int every) {

  /**
   * Validates.
   *
   * @throws ConfigException if the interval is negative
   */
  public MeasureConfig {
    Check.atLeast("measure.every", every, 0);
  }

  /**
   * Every tenth step.
   *
   * @return the defaults
   */
  public static MeasureConfig defaults() {
    return new MeasureConfig(10);
  }
}
