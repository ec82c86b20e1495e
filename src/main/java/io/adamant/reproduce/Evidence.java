package io.adamant.reproduce;

import io.adamant.base.InputException;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Collectors;

/** The numbers of a claim's checks from its runs, seed by seed. */
final class Evidence {
  private final Trial trial;

  Evidence(Trial trial) {
    this.trial = trial;
  }

  private static final int FEWEST = 3; // momenta that a slope needs

  /** What can be measured of a run, by its column in runs.csv. */
  static final List<String> QUANTITIES =
      List.of(Metrics.VAL_LOSS, Metrics.TRAIN_LOSS, Metrics.UPDATE_RMS, Metrics.WEIGHT_RMS);

  /** Nats by which a run that failed ends above another. */
  static final double FAILED_ABOVE = 1;

  /**
   * An estimate a check, in order; empty while runs are missing. A check whose arms are not tuned
   * to the end is returned as undecided.
   */
  static Map<ClaimCheck, Estimate> of(Claim claim, Trial trial) {
    Map<ClaimCheck, Estimate> numbers = new LinkedHashMap<>();
    if (trial.complete()) {
      Evidence evidence = new Evidence(trial);
      claim
          .checks()
          .forEach(check -> numbers.put(evidence.decidable(check), evidence.estimate(check)));
    }
    return numbers;
  }

  /** The check, or why nothing is decided by it: what lies on an edge may lie beyond it. */
  private ClaimCheck decidable(ClaimCheck check) {
    if (!trial.design().apart()) {
      return check;
    }
    if (check.rule() == CheckRule.RATE_SLOPE) {
      List<Tuned> cells = cells(check);
      return cells.size() < FEWEST
          ? check.undecided(
              "the best rate of %s lies within what was tried at %s of %s momenta"
                  .formatted(check.input("of"), cells.size(), all(check).size()))
          : check;
    }
    List<String> edges = new ArrayList<>();
    if (check.rule() == CheckRule.EQUAL_GAP) {
      all(check).stream().filter(Tuned::onEdge).forEach(each -> edges.add(each.cell().label()));
    }
    for (String name : check.arms()) {
      trial.best(name).filter(Tuned::onEdge).ifPresent(tuned -> edges.add(name));
    }
    return edges.isEmpty()
        ? check
        : check.undecided(
            "the best rate of %s lies on an edge of what was tried"
                .formatted(String.join(", ", edges)));
  }

  private List<Tuned> all(ClaimCheck check) {
    String name = check.input("of");
    return trial.tuned().stream().filter(each -> each.cell().arm().equals(name)).toList();
  }

  /** Cells whose best rate is a measurement. */
  private List<Tuned> cells(ClaimCheck check) {
    return trial.design().apart()
        ? all(check).stream().filter(each -> !each.onEdge()).toList()
        : all(check);
  }

  Estimate estimate(ClaimCheck check) {
    if (check.rule() == CheckRule.FAILED_SHARE) {
      return failedShare(check);
    }
    double[] samples =
        switch (check.rule()) {
          case VALUE -> quantity(check, "of");
          case DIFFERENCE -> pairs(check, "minus", (a, b) -> a - b);
          case HALVES -> halves(quantity(check, "of"));
          case RATIO -> pairs(check, "over", (a, b) -> a / b);
          case GAP_CLOSED -> gapClosed(check);
          case SLOWDOWN -> slowdown(check);
          case RATE_SLOPE -> rateSlope(check);
          case EQUAL_GAP -> equalGap(check);
          case DECAY_SLOPE -> decaySlope(check);
          case FAILED_SHARE, SIMULATED ->
              throw new IllegalArgumentException(check.name() + " has no number a seed");
        };
    double[] known = Arrays.stream(samples).filter(Double::isFinite).toArray();
    return known.length == 0 ? new Estimate(Double.NaN, Double.NaN, 1, 1) : Estimate.of(known);
  }

  private Tuned arm(ClaimCheck check, String name) {
    return trial
        .best(name)
        .orElseThrow(
            () ->
                new InputException(
                    "check '%s' names the arm %s, which the claim's study does not have"
                        .formatted(check.name(), name)));
  }

  private double[] quantity(ClaimCheck check, String key) {
    return arm(check, check.input(key)).quantity(column(check));
  }

  private static String column(ClaimCheck check) {
    String column = check.input("quantity");
    if (!QUANTITIES.contains(column)) {
      throw InputException.badValue(
          check.name() + ".quantity", column, String.join(", ", QUANTITIES));
    }
    return column;
  }

  private double[] pairs(ClaimCheck check, String second, DoubleBinaryOperator f) {
    return combined(quantity(check, "of"), quantity(check, second), f);
  }

  private static double[] halves(double[] values) {
    int half = values.length / 2;
    return combined(
        Arrays.copyOf(values, half), Arrays.copyOfRange(values, half, 2 * half), (a, b) -> a - b);
  }

  private static double[] combined(double[] a, double[] b, DoubleBinaryOperator f) {
    double[] c = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      c[i] = f.applyAsDouble(a[i], b[i]);
    }
    return c;
  }

  private double[] gapClosed(ClaimCheck check) {
    double[] of = arm(check, check.input("of")).quantity(Metrics.VAL_LOSS);
    double[] from = arm(check, check.input("from")).quantity(Metrics.VAL_LOSS);
    double[] to = arm(check, check.input("to")).quantity(Metrics.VAL_LOSS);
    double[] closed = combined(from, of, (a, b) -> a - b);
    return combined(closed, combined(from, to, (a, b) -> a - b), (a, b) -> a / b);
  }

  private double[] slowdown(ClaimCheck check) {
    List<RunRow> of = arm(check, check.input("of")).best();
    List<RunRow> against = arm(check, check.input("against")).best();
    double[] factors = new double[of.size()];
    for (int s = 0; s < factors.length; s++) {
      factors[s] = slowdown(of.get(s).trainCurve(), against.get(s).trainCurve());
    }
    return factors;
  }

  /**
   * How many steps one run needs for one step of another: 1/f, where f is the share of its run
   * after which the other's training loss, averaged over 5 % of the steps, meets the level at which
   * the first ends (theory.md §9.5). Below 1 where the first is the faster one. The learning rate
   * is not annealed where the curves meet, so this overstates what the faster run still has to do.
   *
   * @param of training losses of equal parts of the run whose slowdown is asked
   * @param against of the other
   * @return NaN where a curve is missing
   */
  static double slowdown(double[] of, double[] against) {
    Curve slow = smoothed(of);
    Curve fast = smoothed(against);
    if (slow.size() == 0 || fast.size() == 0) {
      return Double.NaN;
    }
    double level = slow.y(slow.size() - 1);
    double other = fast.y(fast.size() - 1);
    return other <= level ? 1 / fast.reaches(level).orElse(1) : slow.reaches(other).orElse(1);
  }

  /** Means of two neighbouring parts, over the share of the run that ends with them. */
  private static Curve smoothed(double[] parts) {
    int n = Math.max(0, parts.length - 1);
    double[] share = new double[n];
    double[] mean = new double[n];
    for (int i = 0; i < n; i++) {
      share[i] = (i + 2.0) / parts.length;
      mean[i] = (parts[i] + parts[i + 1]) / 2;
    }
    return Curve.of(share, mean);
  }

  private double[] rateSlope(ClaimCheck check) {
    if (all(check).size() < 2) {
      throw new InputException(
          "check '%s' needs an arm with two or more momenta; %s has %s"
              .formatted(check.name(), check.input("of"), all(check).size()));
    }
    List<Tuned> cells = cells(check);
    if (cells.size() < 2) {
      return new double[0];
    }
    List<double[]> rates = cells.stream().map(BestRate::log2).toList();
    double[] slopes = new double[rates.get(0).length];
    for (int s = 0; s < slopes.length; s++) {
      List<double[]> points = new ArrayList<>();
      for (int c = 0; c < cells.size(); c++) {
        points.add(new double[] {BestRate.log2(1 - cells.get(c).cell().beta1()), rates.get(c)[s]});
      }
      slopes[s] = slope(points);
    }
    return slopes;
  }

  private double[] equalGap(ClaimCheck check) {
    Map<Double, List<Tuned>> cells =
        all(check).stream().collect(Collectors.groupingBy(each -> each.cell().beta1()));
    double[] gaps = new double[all(check).get(0).best().size()];
    for (List<Tuned> some : cells.values()) {
      double[] equal = null;
      double[] best = null;
      for (Tuned each : some) {
        double[] losses = each.quantity(Metrics.VAL_LOSS);
        if (each.cell().beta1() == each.cell().beta2()) {
          equal = losses;
        } else {
          best = losses;
        }
      }
      for (int s = 0; s < gaps.length && equal != null && best != null; s++) {
        gaps[s] += (equal[s] - best[s]) / cells.size();
      }
    }
    return gaps;
  }

  private List<Tuned> arms(ClaimCheck check) {
    return Arrays.stream(check.input("arms").split("[ ,]+", -1))
        .map(name -> arm(check, name))
        .toList();
  }

  private Estimate failedShare(ClaimCheck check) {
    double[] against = arm(check, check.input("against")).quantity(Metrics.VAL_LOSS);
    int failed = 0;
    int runs = 0;
    for (Tuned arm : arms(check)) {
      Estimate share = failedShare(arm, against);
      failed += share.count();
      runs += share.samples();
    }
    return Estimate.share(failed, runs);
  }

  /** Of an arm's runs those that failed, against losses on the same seeds. */
  static Estimate failedShare(Tuned arm, double[] against) {
    double[] losses = arm.quantity(Metrics.VAL_LOSS);
    int failed = 0;
    for (int s = 0; s < losses.length; s++) {
      failed += losses[s] < against[s] + FAILED_ABOVE ? 0 : 1; // NaN where it diverged
    }
    return Estimate.share(failed, losses.length);
  }

  private double[] decaySlope(ClaimCheck check) {
    List<Tuned> arms = arms(check);
    String column = column(check);
    double[] slopes = new double[arms.get(0).best().size()];
    for (int s = 0; s < slopes.length; s++) {
      List<double[]> points = new ArrayList<>();
      for (Tuned each : arms) {
        double ratio = each.rate() / each.cell().config().optimizer().weightDecay();
        double value = each.best().get(s).quantity(column);
        points.add(new double[] {Math.log(ratio), Math.log(value)});
      }
      slopes[s] = slope(points);
    }
    return slopes;
  }

  /** Of the least squares line. */
  static double slope(List<double[]> points) {
    double mx = points.stream().mapToDouble(p -> p[0]).average().orElse(Double.NaN);
    double my = points.stream().mapToDouble(p -> p[1]).average().orElse(Double.NaN);
    double xy = 0;
    double xx = 0;
    for (double[] p : points) {
      xy += (p[0] - mx) * (p[1] - my);
      xx += (p[0] - mx) * (p[0] - mx);
    }
    return xy / xx;
  }
}
