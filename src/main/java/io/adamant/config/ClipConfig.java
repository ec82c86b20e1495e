package io.adamant.config;

/**
 * Gradient clipping.
 *
 * @param globalNorm largest norm of all gradients together; larger ones are scaled down to it. 0,
 *     in YAML also {@code none}, switches clipping off
 */
public record ClipConfig(double globalNorm) {

  /**
   * Validates.
   *
   * @throws ConfigException if the norm is negative or not finite
   */
  public ClipConfig {
    globalNorm = Check.notNegative("clip.global_norm", globalNorm);
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
   * Whether gradients are clipped at all.
   *
   * @return true if the norm is above 0
   */
  public boolean enabled() {
    return globalNorm > 0;
  }
}
