package io.adamant.reproduce;

import io.adamant.config.StudyConfig;
import java.util.List;

/**
 * Which runs test a claim at a scale.
 *
 * <p>Tuned arms: every point of the grid on one seed; where the best rate lies on an edge the grid
 * grows, up to a bound; then the winner and its two neighbours in learning rate on fresh seeds.
 * Fixed arms: every point on the fresh seeds.
 *
 * @param study arms over the scale's base run; its own seeds are not used
 * @param tuning what is tuned
 * @param gridSeed of the grids
 * @param freshSeeds of what is compared, paired over arms
 * @param extensions rates that a grid may grow by at each end
 */
public record TrialDesign(
    StudyConfig study, Tuning tuning, long gridSeed, List<Long> freshSeeds, int extensions) {

  /** What the fresh seeds are for. */
  public enum Tuning {
    /** The best point of each arm. */
    ARMS,
    /** The best rate of every combination of an arm's other settings. */
    CELLS,
    /** Nothing is tuned. */
    FIXED
  }

  /** Takes a copy. */
  public TrialDesign {
    freshSeeds = List.copyOf(freshSeeds);
  }
}
