package io.adamant.reproduce;

import io.adamant.config.StudyConfig;
import java.util.List;

/**
 * Which runs test a claim at a scale.
 *
 * <p>Tuned arms: every point of the grid on one seed; where the best rate lies on an edge the grid
 * grows, in rate and, where momenta are tuned, in momentum, up to a bound; then the winner and its
 * two neighbours in learning rate on fresh seeds; then the best of these, of each arm, on seeds
 * that chose nothing. Fixed arms: every point on the fresh seeds.
 *
 * @param study arms over the scale's base run; its own seeds are not used
 * @param tuning what is tuned
 * @param gridSeed of the grids
 * @param freshSeeds that choose among rates; of fixed arms those that are compared, paired over
 *     arms
 * @param comparedSeeds of the chosen rates, paired over arms; empty in superseded claims and at
 *     scales without such seeds, which compare on the seeds that chose and do not grow in momentum
 * @param extensions rates that a grid may grow by at each end
 */
public record TrialDesign(
    StudyConfig study,
    Tuning tuning,
    long gridSeed,
    List<Long> freshSeeds,
    List<Long> comparedSeeds,
    int extensions) {

  /** What the fresh seeds are for. */
  public enum Tuning {
    /** The best point of each arm. */
    ARMS,
    /** The best rate of every combination of an arm's other settings. */
    CELLS,
    /**
     * The best rate of every combination on the grid's seed alone; then, of each β1, the best other
     * β2 and the equal one on the seeds that are compared.
     */
    EQUAL,
    /** Nothing is tuned. */
    FIXED
  }

  /** Takes a copy. */
  public TrialDesign {
    freshSeeds = List.copyOf(freshSeeds);
    comparedSeeds = List.copyOf(comparedSeeds);
  }

  /** Whether seeds that chose a rate say nothing of its loss, and what lies on an edge neither. */
  boolean apart() {
    return !comparedSeeds.isEmpty();
  }
}
