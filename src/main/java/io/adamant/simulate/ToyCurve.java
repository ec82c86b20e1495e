package io.adamant.simulate;

import io.adamant.stats.Quartiles;
import java.util.List;

/**
 * The runs of one arm at one rate, over seeds.
 *
 * @param arm its name
 * @param learningRate peak rate
 * @param survivors seeds whose loss stayed below {@link ToySettings#DIVERGED}; the rest are left
 *     out
 * @param loss quartiles over survivors, after 0, 1, …, steps steps; +∞ without survivors
 * @param varianceTerm by block, after 1, …, steps steps, γ EMA_τ[(m_{k−1} − g_k)²] of Proposition
 *     1: quartiles over survivors of the median over the block's coordinates; empty for a rule that
 *     has no such term
 */
public record ToyCurve(
    String arm,
    double learningRate,
    int survivors,
    List<Quartiles> loss,
    List<List<Quartiles>> varianceTerm) {
  /** Takes copies. */
  public ToyCurve {
    loss = List.copyOf(loss);
    varianceTerm = varianceTerm.stream().map(List::copyOf).toList();
  }

  /**
   * The median loss at the end.
   *
   * @return +∞ if every seed diverged
   */
  public double finalMedian() {
    return loss.get(loss.size() - 1).median();
  }
}
