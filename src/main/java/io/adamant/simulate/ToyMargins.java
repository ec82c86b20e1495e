package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.stats.Quartiles;
import java.util.Arrays;
import java.util.List;

/**
 * How far one tuned arm lies above another, over several draws of the Hessian.
 *
 * <p>The factor depends on the draw: how the rotations lie to w_0 decides how much of the loss sits
 * in directions that a small rate never reaches. One draw's factor is therefore an anecdote; the
 * quartiles over draws are the result.
 *
 * @param worse arm of the higher loss
 * @param better arm of the lower loss
 * @param draws Hessians compared
 * @param smallest factor over draws
 * @param factors quartiles over draws of finalMedian(worse) / finalMedian(better), both at their
 *     best rate
 */
public record ToyMargins(
    String worse, String better, int draws, double smallest, Quartiles factors) {
  /**
   * Compares two arms.
   *
   * @param results one a draw, each with both arms; both must have a rate that does not diverge
   * @param worse name of the arm expected above
   * @param better name of the arm expected below
   * @return the factors
   * @throws InputException if there is no result, an arm is missing or it diverged at every rate
   */
  public static ToyMargins of(List<ToyResult> results, String worse, String better) {
    double[] factors =
        results.stream()
            .mapToDouble(
                result -> result.best(worse).finalMedian() / result.best(better).finalMedian())
            .toArray();
    Quartiles quartiles = Quartiles.of(factors);
    double smallest = Arrays.stream(factors).min().orElseThrow();
    return new ToyMargins(worse, better, factors.length, smallest, quartiles);
  }

  /**
   * The smallest factor of our own earlier run on the heterogeneous problem, ten draws (theory.md
   * §7): the margin that later runs are held to. Nobody published it.
   *
   * @return 175 for SGDM over Signum, 29 for Signum over Adam
   */
  public double earlier() {
    return worse.equals("SGDM") ? 175 : 29;
  }
}
