package io.adamant.reproduce;

import io.adamant.base.InputException;
import io.adamant.results.Metrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;

/** The numbers of a claim's checks from its runs, seed by seed. */
final class Evidence {
  private final Trial trial;

  Evidence(Trial trial) {
    this.trial = trial;
  }

  /** An estimate a check, in order; empty while runs are missing. */
  static Map<Check, Estimate> of(Claim claim, Trial trial) {
    Map<Check, Estimate> numbers = new LinkedHashMap<>();
    if (trial.complete()) {
      Evidence evidence = new Evidence(trial);
      claim.checks().forEach(check -> numbers.put(check, evidence.estimate(check)));
    }
    return numbers;
  }

  Estimate estimate(Check check) {
    double[] samples =
        switch (check.rule()) {
          case VALUE -> quantity(check, "of");
          case DIFFERENCE -> pairs(check, "minus", (a, b) -> a - b);
          case RATIO -> pairs(check, "over", (a, b) -> a / b);
          case GAP_CLOSED -> gapClosed(check);
          case SLOWDOWN -> slowdown(check);
          case RATE_SLOPE -> rateSlope(check);
          case DECAY_SLOPE -> decaySlope(check);
          case SIMULATED -> throw new IllegalArgumentException(check.name() + " is a simulation's");
        };
    double[] known = Arrays.stream(samples).filter(Double::isFinite).toArray();
    return known.length == 0 ? new Estimate(Double.NaN, Double.NaN, 1, 1) : Estimate.of(known);
  }

  private Tuned arm(Check check, String name) {
    return trial
        .best(name)
        .orElseThrow(
            () ->
                new InputException(
                    "check '%s' names the arm %s, which the claim's study does not have"
                        .formatted(check.name(), name)));
  }

  private double[] quantity(Check check, String key) {
    return arm(check, check.input(key)).quantity(column(check));
  }

  private static String column(Check check) {
    String column = check.input("quantity");
    List<String> allowed =
        List.of(Metrics.VAL_LOSS, Metrics.TRAIN_LOSS, Metrics.UPDATE_RMS, Metrics.WEIGHT_RMS);
    if (!allowed.contains(column)) {
      throw InputException.badValue(check.name() + ".quantity", column, String.join(", ", allowed));
    }
    return column;
  }

  private double[] pairs(Check check, String second, DoubleBinaryOperator f) {
    return combined(quantity(check, "of"), quantity(check, second), f);
  }

  private static double[] combined(double[] a, double[] b, DoubleBinaryOperator f) {
    double[] c = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      c[i] = f.applyAsDouble(a[i], b[i]);
    }
    return c;
  }

  private double[] gapClosed(Check check) {
    double[] of = arm(check, check.input("of")).quantity(Metrics.VAL_LOSS);
    double[] from = arm(check, check.input("from")).quantity(Metrics.VAL_LOSS);
    double[] to = arm(check, check.input("to")).quantity(Metrics.VAL_LOSS);
    double[] closed = combined(from, of, (a, b) -> a - b);
    return combined(closed, combined(from, to, (a, b) -> a - b), (a, b) -> a / b);
  }

  private double[] slowdown(Check check) {
    List<RunRow> of = arm(check, check.input("of")).best();
    List<RunRow> against = arm(check, check.input("against")).best();
    double[] factors = new double[of.size()];
    for (int s = 0; s < factors.length; s++) {
      factors[s] = Slowdown.of(of.get(s).trainCurve(), against.get(s).trainCurve());
    }
    return factors;
  }

  private double[] rateSlope(Check check) {
    String name = check.input("of");
    List<Tuned> cells =
        trial.tuned().stream().filter(each -> each.cell().arm().equals(name)).toList();
    if (cells.size() < 2) {
      throw new InputException(
          "check '%s' needs an arm with two or more momenta; %s has %d"
              .formatted(check.name(), name, cells.size()));
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

  private double[] decaySlope(Check check) {
    List<Tuned> arms =
        Arrays.stream(check.input("arms").split("[ ,]+", -1))
            .map(name -> arm(check, name))
            .toList();
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
