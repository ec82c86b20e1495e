package io.adamant.simulate;

import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import io.adamant.stats.Quartiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Runs arms on the toy quadratic from w_0 = (1, …, 1), over rates and seeds (theory.md §7).
 *
 * <p>All arms see the same batches for the same seed. Runs are spread over the threads of the
 * common pool; the result does not depend on their number.
 */
public final class ToyStudy {
  private static final int BLOCKS = ToyQuadratic.SIZE / ToyQuadratic.BLOCK;

  private ToyStudy() {}

  /** One run. */
  private static final class Run {
    final double[] loss; // (steps + 1): before the first step and after each
    final double[][] varianceTerm; // (steps, blocks), or (0) if the rule has none

    Run(double[] loss, double[][] varianceTerm) {
      this.loss = loss;
      this.varianceTerm = varianceTerm;
    }

    boolean survived() {
      return Arrays.stream(loss).allMatch(value -> value < ToySettings.DIVERGED); // NaN fails
    }
  }

  /**
   * Runs a study.
   *
   * @param settings problem, seeds and steps
   * @param arms at least one
   * @return one curve an arm and rate
   */
  public static ToyResult run(ToySettings settings, List<ToyArm> arms) {
    ToyQuadratic problem =
        ToyQuadratic.draw(settings.spectrum(), settings.design(), settings.hessianSeed());
    List<ToyCurve> curves = new ArrayList<>();
    for (ToyArm arm : arms) {
      for (double rate : arm.learningRates()) {
        List<Run> runs =
            IntStream.range(0, settings.seeds())
                .parallel()
                .mapToObj(seed -> run(problem, settings, arm, rate, seed))
                .filter(Run::survived)
                .toList();
        curves.add(curve(settings, arm, rate, runs));
      }
    }
    return new ToyResult(settings, curves);
  }

  private static Run run(
      ToyQuadratic problem, ToySettings settings, ToyArm arm, double rate, int seed) {
    Random random = new Random(Seeds.mix(settings.hessianSeed(), seed));
    WarmupCosine schedule = new WarmupCosine(rate, settings.steps(), settings.warmup());
    Rule rule = Rules.create(arm.type(), arm.settings(), ToyQuadratic.SIZE);
    boolean hasVariance = arm.type().equals("adavar");
    double gamma = hasVariance ? gamma(arm) : 0;
    double[] loss = new double[settings.steps() + 1];
    double[][] variance = new double[hasVariance ? settings.steps() : 0][];
    double[] w = new double[ToyQuadratic.SIZE];
    Arrays.fill(w, 1);
    loss[0] = problem.loss(w);
    for (int k = 0; k < settings.steps(); k++) {
      double[] g = problem.gradient(w, ToyQuadratic.batch(random, settings.batch()));
      rule.step(w, g, schedule.at(k), 0);
      loss[k + 1] = problem.loss(w);
      if (hasVariance) {
        variance[k] = blockMedians(gamma, rule.state().get("d"));
      }
    }
    return new Run(loss, variance);
  }

  private static double gamma(ToyArm arm) {
    Object gamma = arm.settings().getOrDefault("gamma", Rules.defaults("adavar").get("gamma"));
    return ((Number) gamma).doubleValue();
  }

  /** γD's median over each block's coordinates, (3). */
  private static double[] blockMedians(double gamma, double[] d) {
    double[] medians = new double[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
      int from = block * ToyQuadratic.BLOCK;
      double[] own = Arrays.copyOfRange(d, from, from + ToyQuadratic.BLOCK);
      medians[block] = gamma * Quartiles.of(own).median();
    }
    return medians;
  }

  private static ToyCurve curve(ToySettings settings, ToyArm arm, double rate, List<Run> runs) {
    List<Quartiles> loss =
        IntStream.rangeClosed(0, settings.steps())
            .mapToObj(k -> quartiles(runs.stream().mapToDouble(run -> run.loss[k]).toArray()))
            .toList();
    boolean hasVariance = !runs.isEmpty() && runs.get(0).varianceTerm.length > 0;
    List<List<Quartiles>> variance = new ArrayList<>();
    for (int block = 0; hasVariance && block < BLOCKS; block++) {
      int b = block;
      variance.add(
          IntStream.range(0, settings.steps())
              .mapToObj(
                  k ->
                      quartiles(runs.stream().mapToDouble(run -> run.varianceTerm[k][b]).toArray()))
              .toList());
    }
    return new ToyCurve(arm.name(), rate, runs.size(), loss, variance);
  }

  private static Quartiles quartiles(double[] x) {
    double none = Double.POSITIVE_INFINITY;
    return x.length == 0 ? new Quartiles(none, none, none) : Quartiles.of(x);
  }
}
