package io.adamant.measure;

import java.util.OptionalDouble;

/**
 * A squared gradient norm split into the part of its mean and the part of its noise. Splits of
 * several tensors add up.
 *
 * @param signal estimate of ‖μ‖²; below zero where noise hides it, which keeps averages unbiased
 * @param noise estimate of ‖σ‖², of the batch gradient's noise
 */
record GradientSplit(double signal, double noise) {

  static final GradientSplit ZERO = new GradientSplit(0, 0);
  static final GradientSplit UNDEFINED = new GradientSplit(Double.NaN, Double.NaN);

  GradientSplit plus(GradientSplit other) {
    return new GradientSplit(signal + other.signal, noise + other.noise);
  }

  /** ‖μ‖²/‖σ‖², if there is any noise. */
  OptionalDouble snr() {
    return noise > 0 ? OptionalDouble.of(signal / noise) : OptionalDouble.empty();
  }

  /**
   * B_simple = tr Σ/‖μ‖², if a signal was seen: the batch at which gradients are half noise.
   *
   * @param batch sequences a batch B, whose noise is tr Σ/B
   * @return sequences
   */
  OptionalDouble noiseScale(int batch) {
    return signal > 0 && noise >= 0
        ? OptionalDouble.of(batch * noise / signal)
        : OptionalDouble.empty();
  }
}
