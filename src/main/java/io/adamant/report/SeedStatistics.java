package io.adamant.report;

import io.adamant.results.RunData;
import io.adamant.results.RunStatus;
import io.adamant.stats.BootstrapMedian;
import io.adamant.stats.Design;
import io.adamant.stats.DetectableDifference;
import io.adamant.stats.MeanEstimate;
import io.adamant.stats.PooledNoise;
import io.adamant.stats.SeedPlan;
import io.adamant.stats.SignificanceGroups;
import io.adamant.stats.TTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the seeds of a study's best settings tell: whose loss is lower by more than noise. Of each
 * arm the point of its grid with the lowest validation loss takes part, where it has at least two
 * finished seeds. Arms of the same seeds saw the same data in the same order from the same initial
 * weights, so they are compared seed by seed.
 *
 * @param design paired if all arms have the same seeds
 * @param rows an arm each, by rising mean
 * @param noise standard deviation between seeds, pooled: of the differences of two arms where they
 *     are paired, else of an arm; empty where it is zero
 */
record SeedStatistics(Design design, List<Row> rows, Optional<PooledNoise> noise) {

  /** Fewer seeds say too little of their own noise for a statement of power. */
  private static final int FEWEST_FOR_POWER = 4;

  static final double ALPHA = 0.05;
  private static final double LEVEL = 0.95;
  private static final int RESAMPLES = 2000;
  private static final long SEED = 1;

  /**
   * An arm.
   *
   * @param arm the runs
   * @param mean validation loss over seeds
   * @param median with its bootstrap interval
   * @param group letters; arms that share one do not differ significantly
   * @param behind the best arm; empty for the best
   * @param adjustedP of that difference, by Holm over all pairs; NaN for the best
   * @param moreSeeds that would resolve a difference of this size; empty where it is resolved
   */
  record Row(
      ArmRuns arm,
      MeanEstimate mean,
      BootstrapMedian median,
      String group,
      Optional<TTest> behind,
      double adjustedP,
      Optional<Long> moreSeeds) {}

  static Optional<SeedStatistics> of(StudyData study, ComparisonTable table) {
    return study.comparable() ? of(winners(study, table)) : Optional.empty();
  }

  /** Losses at a rung are no final ones. */
  private static boolean stoppedEarly(ArmRuns arm) {
    return arm.shown().stream().anyMatch(run -> run.summary().status() == RunStatus.STOPPED);
  }

  /**
   * Compares arms.
   *
   * @param of by name; those with fewer than two finished seeds are left out
   */
  static Optional<SeedStatistics> of(Map<String, ArmRuns> of) {
    Map<String, ArmRuns> arms = new LinkedHashMap<>(of);
    Map<String, double[]> losses = new LinkedHashMap<>();
    arms.values().removeIf(arm -> arm.losses().length < 2 || stoppedEarly(arm));
    arms.forEach((name, arm) -> losses.put(name, arm.losses()));
    if (losses.size() < 2) {
      return Optional.empty();
    }
    boolean paired = arms.values().stream().map(SeedStatistics::seeds).distinct().count() == 1;
    Design design = paired ? Design.PAIRED : Design.UNPAIRED;
    SignificanceGroups groups = SignificanceGroups.of(losses, design, ALPHA);
    String best = groups.order().get(0);
    List<Row> rows = new ArrayList<>();
    for (String name : groups.order()) {
      double[] own = losses.get(name);
      Optional<SignificanceGroups.Pair> pair =
          groups.pairs().stream()
              .filter(p -> p.first().equals(best) && p.second().equals(name))
              .findFirst();
      rows.add(
          new Row(
              arms.get(name),
              MeanEstimate.of(own, LEVEL),
              BootstrapMedian.of(own, LEVEL, RESAMPLES, SEED),
              groups.letters().get(name),
              pair.map(SignificanceGroups.Pair::test),
              pair.map(SignificanceGroups.Pair::adjustedP).orElse(Double.NaN),
              pair.filter(p -> !p.significant())
                  .flatMap(p -> more(design, losses.get(best), own))));
    }
    Optional<PooledNoise> noise =
        (paired
                ? PooledNoise.ofDifferences(losses.values(), LEVEL)
                : PooledNoise.of(losses.values(), LEVEL))
            .filter(pooled -> pooled.standardDeviation() > 0);
    return Optional.of(new SeedStatistics(design, rows, noise));
  }

  /**
   * Of each arm the winner on fresh seeds where there is one, else the point of its grid that the
   * comparison lists first.
   */
  private static Map<String, ArmRuns> winners(StudyData study, ComparisonTable table) {
    Map<String, ArmRuns> fresh = new LinkedHashMap<>();
    study.confirmed().stream()
        .filter(Confirmed::winner)
        .forEach(winner -> fresh.put(winner.runs().name(), winner.runs()));
    if (fresh.size() > 1) {
      return fresh;
    }
    Map<String, ArmRuns> named = new LinkedHashMap<>();
    table.winners().values().forEach(arm -> named.put(arm.name(), arm));
    return named;
  }

  private static List<Long> seeds(ArmRuns arm) {
    return arm.shown().stream()
        .filter(run -> Double.isFinite(run.summary().valLoss()))
        .map(RunData::seed)
        .toList();
  }

  private static double[] difference(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
  }

  /** Noise of the differences where seeds are paired, else of one arm. */
  private static Optional<Long> more(Design design, double[] best, double[] own) {
    double difference = Math.abs(mean(own) - mean(best));
    double noise;
    if (design == Design.PAIRED) {
      noise = MeanEstimate.of(difference(own, best), LEVEL).standardDeviation();
    } else {
      noise = PooledNoise.of(List.of(best, own), LEVEL).orElseThrow().standardDeviation();
    }
    return noise > 0 && difference > 0
        ? Optional.of(SeedPlan.of(design, noise, difference, own.length).more())
        : Optional.empty();
  }

  private static double mean(double[] x) {
    return MeanEstimate.of(x, LEVEL).mean();
  }

  private int seeds() {
    return rows.stream().mapToInt(row -> row.mean().n()).min().orElse(0);
  }

  /** Whether there are too few seeds to say what they would detect. */
  boolean tooFew() {
    return seeds() < FEWEST_FOR_POWER;
  }

  /**
   * The smallest true difference of two arms that as many seeds detect with 80 % probability, if
   * the noise is the estimated one; then if it is at either end of its 95 % interval.
   */
  Optional<double[]> detectable() {
    return noise.map(
        pooled -> {
          double one = DetectableDifference.of(design, 1, seeds()).difference();
          return new double[] {
            one * pooled.standardDeviation(),
            one * pooled.interval().low(),
            one * pooled.interval().high()
          };
        });
  }
}
