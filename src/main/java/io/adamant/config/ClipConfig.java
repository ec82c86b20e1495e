package io.adamant.config;

import io.adamant.base.PublicApi;

/**
 * Gradient clipping.
 *
 * @param globalNorm largest norm of all gradients together; larger ones are scaled down to it. 0,
 *     in YAML also {@code none}, switches clipping off
 * @param coordinate largest magnitude of a gradient's coordinate, after the scaling by the norm and
 *     before the optimizer; 0, in YAML also {@code none}, switches this off. The clip of a momentum
 *     is a setting of {@code sgdm}, {@code coordinate_clip}
 */
@PublicApi
public record ClipConfig(
    @Key(value = "1.0", min = 0, word = "none") double globalNorm,
    @Key(value = "none", min = 0, word = "none") @Key.OlderRuns("none") double coordinate) {

  /**
   * Clipping at norm 1.
   *
   * @return the defaults
   */
  public static ClipConfig defaults() {
    return ConfigSection.defaults("clip", ClipConfig.class);
  }

  /**
   * No clipping.
   *
   * @return a configuration with {@link #enabled()} false
   */
  public static ClipConfig none() {
    return new ClipConfig(0, 0);
  }

  /**
   * Whether gradients are clipped by their norm.
   *
   * @return true if the norm is above 0
   */
  public boolean enabled() {
    return globalNorm > 0;
  }
}
