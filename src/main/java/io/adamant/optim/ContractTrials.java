package io.adamant.optim;

import static io.adamant.optim.ParameterRun.DECAY;
import static io.adamant.optim.ParameterRun.RATE;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * How {@link OptimizerContract} tries its properties on a parameter of one shape. A trial returns
 * the first deviation, "" where there is none.
 */
final class ContractTrials {

  /** Starts with weights, row-major, and no steps taken. */
  @FunctionalInterface
  interface Start {
    ParameterRun of(DataType type, double[] weights, int... shape);
  }

  private static final int STEPS = 12;
  private static final double[] BAD = {
    Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e30
  };

  private final Start start;
  private final int[] shape;
  private final int size;
  private double supremum = -1; // not known

  ContractTrials(Start start, int... shape) {
    this.start = start;
    this.shape = shape;
    this.size = size(shape);
  }

  static int size(int... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** What a trial finds, with the shape that it was found on. */
  String named(Function<ContractTrials, String> trial) {
    String deviation = trial.apply(this);
    return deviation.isEmpty() ? "" : text("shape %s: %s", Arrays.toString(shape), deviation);
  }

  String closedGate() {
    try (ParameterRun run = begun(5)) {
      Map<String, double[]> before = run.everything();
      run.step(new double[size], 0, RATE, DECAY);
      return changed(before, run.everything());
    }
  }

  String badStep() {
    try (ParameterRun run = begun(0)) {
      for (int good = 0; good <= 3; good += 3) {
        for (double[] g : Gradients.normal(6, good, size)) {
          run.step(g);
        }
        for (double bad : BAD) {
          double[] g = Gradients.row(7, size);
          g[size / 2] = bad;
          Map<String, double[]> before = run.everything();
          boolean taken = run.guardedStep(g);
          // 1e30 is finite; its square is not in float32.
          String found = taken && Double.isFinite(bad) ? "" : changed(before, run.everything());
          if (!found.isEmpty()) {
            return text("%s with %s after %d steps", found, bad, good);
          }
        }
      }
      return "";
    }
  }

  private static String changed(Map<String, double[]> before, Map<String, double[]> after) {
    return before.keySet().stream()
        .filter(name -> !Arrays.equals(before.get(name), after.get(name)))
        .findFirst()
        .map(name -> (name.equals("w") ? "the weight" : name) + " changed")
        .orElse("");
  }

  String restored() {
    try (ParameterRun first = begun(5);
        ParameterRun second = random(DataType.FLOAT32)) {
      second.restore(first.everything());
      int k = 0;
      for (double[] g : Gradients.normal(8, STEPS, size)) {
        first.step(g);
        second.step(g);
        k++;
        if (!Arrays.equals(first.weights(), second.weights())
            || !Arrays.equals(first.direction(g), second.direction(g))) {
          return "weights or directions differ " + k + " steps later";
        }
      }
      return "";
    }
  }

  String recomputed() {
    try (ParameterRun run = random(DataType.FLOAT64)) {
      for (double[] g : Gradients.normal(5, STEPS, size)) {
        double[] before = run.weights();
        run.step(g, 1, 0.25, 0.5);
        double[] u = run.direction(g);
        if (largest(u) == 0 && Arrays.equals(before, run.weights())) {
          continue; // a first step that only fills the state leaves out the decay too
        }
        double[] expected = before.clone();
        Arrays.setAll(expected, i -> (1 - 0.25 * 0.5) * before[i] - 0.25 * u[i]);
        double apart = apart(run.weights(), expected);
        if (!(apart <= 1e-14 * Math.max(1, largest(expected)))) {
          return text(
              "weights differ by %.1e: does direction read the state before the step?", apart);
        }
      }
      return "";
    }
  }

  /** Large tensors are cut into pieces, unless the file says that it needs them whole. */
  String separate() {
    double[][] gradients = Gradients.normal(6, STEPS, size);
    double[] once = trajectory(gradients);
    for (double[] g : gradients) {
      g[0] += 1;
    }
    double[] other = trajectory(gradients);
    other[0] = once[0];
    return Arrays.equals(once, other)
        ? ""
        : "one coordinate's gradients move others; say tensors: whole at the top";
  }

  String moves() {
    double moved = largest(trajectory(Gradients.normal(2, STEPS, size)));
    return moved > 0 && Double.isFinite(moved)
        ? ""
        : text("weights move by %s in %d steps", moved, STEPS);
  }

  String finite() {
    return Double.isFinite(supremum()) ? "" : "the direction is " + supremum();
  }

  /** The largest |u| found on gradients of all sizes; NaN or infinite if one is not finite. */
  double supremum() {
    if (supremum < 0) {
      supremum = 0;
      try (ParameterRun run = random(DataType.FLOAT32)) {
        for (double[] g : Gradients.worst(size)) {
          run.step(g);
          supremum = Math.max(supremum, largest(run.direction(g)));
        }
      }
    }
    return supremum;
  }

  String zeroRate() {
    try (ParameterRun run = random(DataType.FLOAT32)) {
      double[] before = run.weights();
      for (double[] g : Gradients.normal(4, STEPS, size)) {
        run.step(g, 1, 0, DECAY);
      }
      double steps = run.everything().get("steps")[0];
      return !Arrays.equals(before, run.weights())
          ? "weights moved"
          : steps == STEPS ? "" : text("%s of %d steps are counted", steps, STEPS);
    }
  }

  String precisions() {
    try (ParameterRun single = random(DataType.FLOAT32);
        ParameterRun twice = random(DataType.FLOAT64)) {
      for (double[] g : Gradients.normal(9, 50, size)) {
        single.step(g);
        twice.step(g);
      }
      double[] exact = twice.weights();
      double[] rounded = single.weights();
      double allowed = 1e-4 * Math.max(1, largest(exact));
      long apart = 0;
      for (int i = 0; i < size; i++) {
        apart += Math.abs(exact[i] - rounded[i]) <= allowed ? 0 : 1;
      }
      // A sign turns over where its argument is nearly zero.
      return apart <= size / 10 ? "" : text("%d of %d weights differ", apart, size);
    }
  }

  String odd() {
    double[][] gradients = Gradients.normal(2, STEPS, size);
    try (ParameterRun run = zero();
        ParameterRun mirrored = zero()) {
      for (double[] g : gradients) {
        double[] other = Gradients.scaled(g, -1);
        run.step(g, 1, RATE, 0);
        mirrored.step(other, 1, RATE, 0);
        double apart =
            Math.max(
                apart(Gradients.scaled(mirrored.weights(), -1), run.weights()),
                apart(Gradients.scaled(mirrored.direction(other), -1), run.direction(g)));
        if (apart != 0) {
          return text("weights or directions of the mirrored gradients differ by %.1e", apart);
        }
      }
      return "";
    }
  }

  /** A power of two changes no rounding of the averages; the operators need not keep that. */
  String scaled() {
    double[][] gradients = Gradients.normal(1, STEPS, size);
    double[] once = trajectory(gradients);
    double apart = apart(trajectory(Gradients.scaled(gradients, 1 << 20)), once);
    return apart <= 1e-6 * Math.max(1e-3, largest(once))
        ? ""
        : text("with gradients 2^20 times as large weights differ by %.1e", apart);
  }

  /** Weights after the gradients, from zero, without decay. */
  private double[] trajectory(double[][] gradients) {
    try (ParameterRun run = zero()) {
      for (double[] g : gradients) {
        run.step(g, 1, RATE, 0);
      }
      return run.weights();
    }
  }

  private ParameterRun zero() {
    return start.of(DataType.FLOAT32, new double[size], shape);
  }

  private ParameterRun random(DataType type) {
    return start.of(type, Gradients.row(33, size), shape);
  }

  private ParameterRun begun(int steps) {
    ParameterRun run = random(DataType.FLOAT32);
    for (double[] g : Gradients.normal(3, steps, size)) {
      run.step(g);
    }
    return run;
  }

  /** NaN if any difference is. */
  private static double apart(double[] one, double[] other) {
    double[] differences = new double[one.length];
    Arrays.setAll(differences, i -> one[i] - other[i]);
    return largest(differences);
  }

  /** NaN if any value is. */
  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).reduce(0, Math::max);
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
