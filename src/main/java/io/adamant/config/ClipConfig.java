package io.adamant.config;

import io.adamant.base.InputException;
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
public record ClipConfig(double globalNorm, double coordinate) {

  /**
   * Validates.
   *
   * @throws InputException if a bound is negative or not finite
   */
  public ClipConfig {
    globalNorm = Check.notNegative("clip.global_norm", globalNorm);
    coordinate = Check.notNegative("clip.coordinate", coordinate);
  }

  /**
   * Clipping by the norm alone.
   *
   * @param globalNorm largest norm of all gradients together, 0 for none
   */
  public ClipConfig(double globalNorm) {
    this(globalNorm, 0);
  }

  /**
   * Clipping at norm 1.
   *
   * @return the defaults
   */
  public static ClipConfig defaults() {
    return new ClipConfig(1.0);
  }

  /**
   * No clipping.
   *
   * @return a configuration with {@link #enabled()} false
   */
  public static ClipConfig none() {
    return new ClipConfig(0);
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
