package io.adamant.config;

import io.adamant.base.InputException;
import java.util.List;

/**
 * What a study does when its grids are done: it trains the winner of each arm on seeds that had no
 * part in choosing it. The loss of a winner on the seeds that chose it is too low on average, since
 * the luckiest of several points was picked; on fresh seeds it is not.
 *
 * <pre>
 * confirm: {seeds: [11, 12, 13], neighbours: true}
 * </pre>
 *
 * @param seeds the fresh seeds, in order
 * @param neighbours whether the points with the next lower and the next higher learning rate are
 *     trained on them too, which shows whether the choice of the rate holds
 * @param arms names of the arms to confirm; empty for all
 */
public record ConfirmConfig(List<Long> seeds, boolean neighbours, List<String> arms) {

  /**
   * Validates.
   *
   * @throws InputException if there are no seeds, one is negative, or one is given twice
   */
  public ConfirmConfig {
    seeds = List.copyOf(seeds);
    arms = List.copyOf(arms);
    if (seeds.isEmpty() || seeds.stream().distinct().count() < seeds.size()) {
      throw InputException.badValue("confirm.seeds", seeds, "at least one seed, each of them once");
    }
    seeds.forEach(seed -> Checks.notNegative("confirm.seeds", seed));
    if (arms.stream().distinct().count() < arms.size()) {
      throw InputException.badValue("confirm.arms", arms, "each arm once");
    }
  }

  /**
   * Whether an arm's winner is confirmed.
   *
   * @param arm its name
   * @return true if the arm is listed, or none is
   */
  public boolean has(String arm) {
    return arms.isEmpty() || arms.contains(arm);
  }
}
