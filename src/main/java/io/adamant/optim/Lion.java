package io.adamant.optim;

import io.adamant.base.PublicApi;

/**
 * Lion: the sign of an average that gives the newest gradient more weight than the stored one does.
 *
 * <pre>
 * u = sign(&beta;1 m + (1&minus;&beta;1) g)           with m of the step before
 * m &larr; &beta;2 m + (1&minus;&beta;2) g
 * w &larr; (1 &minus; &eta;&lambda;) w,  then  w &larr; w &minus; &eta; u
 * </pre>
 *
 * <p>So that the direction can be computed again from the state after the step, the kernel takes
 * the sign of &beta;1 m + (&beta;2&minus;&beta;1) g with the new m, which is &beta;2 &gt; 0 times
 * the same argument. The subtraction loses accuracy as &beta;2 falls, so &beta;2 starts at 0.5.
 * Rounding can turn the sign over only where the argument is about zero. PyTorch has no Lion.
 * Source: Chen et al. 2023, algorithm 2.
 */
@PublicApi
public final class Lion {

  private Lion() {}

  /**
   * Starts an optimizer of this kind.
   *
   * @return a builder with default settings
   */
  public static FusedOptimizer.Builder builder() {
    return FusedOptimizer.builder(Optimizers.definition("lion"));
  }
}
