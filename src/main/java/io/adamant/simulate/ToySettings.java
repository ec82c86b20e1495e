package io.adamant.simulate;

import io.adamant.base.InputException;

/**
 * What a toy study runs on.
 *
 * @param spectrum eigenvalues of the blocks
 * @param design square root of H
 * @param hessianSeed of the rotations
 * @param seeds runs an arm and rate, each with its own batches
 * @param steps of a run
 * @param warmup of them linear from 0, then cosine to 0
 * @param batch columns a step, from 1 to 9
 */
public record ToySettings(
    ToyQuadratic.Spectrum spectrum,
    ToyQuadratic.Design design,
    long hessianSeed,
    int seeds,
    int steps,
    int warmup,
    int batch) {
  /** A run whose loss reaches this has diverged and is left out of the medians. */
  public static final double DIVERGED = 1e8;

  /**
   * Checks the counts.
   *
   * @throws InputException if a count is out of range
   */
  public ToySettings {
    if (seeds < 1) {
      throw new InputException("seeds is " + seeds + "; at least 1 is needed");
    }
    if (batch < 1 || batch > ToyQuadratic.SIZE) {
      throw new InputException("batch is " + batch + "; it must lie in 1-9");
    }
    new WarmupCosine(0, steps, warmup); // checks the two
  }

  /**
   * The study's: 10 seeds, 500 steps, 25 of warm-up, batches of 3.
   *
   * @param spectrum eigenvalues of the blocks
   * @param design square root of H
   * @param hessianSeed of the rotations
   * @return the settings
   */
  public static ToySettings study(
      ToyQuadratic.Spectrum spectrum, ToyQuadratic.Design design, long hessianSeed) {
    return new ToySettings(spectrum, design, hessianSeed, 10, 500, 25, 3);
  }
}
