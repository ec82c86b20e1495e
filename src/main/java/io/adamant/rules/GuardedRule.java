package io.adamant.rules;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What every rule shares: the guard, the decay, the step itself and the named state. */
abstract class GuardedRule implements Rule {
  private final int size;
  private final Map<String, double[]> arrays = new LinkedHashMap<>();
  private Multipliers multipliers = Multipliers.NONE;
  private final Set<String> given = new LinkedHashSet<>();
  private RuleInputs inputs =
      (kind, step, length) -> {
        throw new IllegalStateException("nobody gives the rule its " + kind);
      };
  private long steps;

  GuardedRule(int size) {
    this.size = size;
  }

  /**
   * The direction u_k, advancing the state.
   *
   * @param g finite gradient, (size)
   * @param k number of this step, from 1
   * @return u_k, (size), a new array
   */
  abstract double[] direction(double[] g, long k);

  /**
   * The same for a rule that looks at the weights.
   *
   * @param w weights before the step, (size), to be left as they are
   * @param g finite gradient, (size)
   * @param k number of this step, from 1
   * @return u_k, (size), a new array
   */
  double[] direction(double[] w, double[] g, long k) {
    return direction(g, k);
  }

  /** The same for a rule whose state depends on the rate. */
  double[] direction(double[] w, double[] g, double learningRate, long k) {
    return direction(w, g, k);
  }

  /** Moves the weights by u_k, where {@link Multipliers#NONE} applies: decay, then the step. */
  void move(double[] w, double[] u, double learningRate, double weightDecay, long k) {
    for (int i = 0; i < size; i++) {
      double decayed = (1 - learningRate * weightDecay) * w[i];
      w[i] = decayed - learningRate * u[i];
    }
  }

  /** Whether the first step only fills the state. */
  boolean stillFirst() {
    return false;
  }

  /** Adds what multiplies every rule. */
  final GuardedRule with(Multipliers added) {
    multipliers = added;
    return this;
  }

  /** Registers a state array, (size), of zeros. */
  final double[] zeros(String name) {
    return zeros(name, size);
  }

  /** Registers a state array of another size. */
  final double[] zeros(String name, int length) {
    double[] array = new double[length];
    arrays.put(name, array);
    return array;
  }

  /** Registers an array that is written before each step; its name is the kind's, with _. */
  final double[] input(String kind, int length) {
    given.add(kind);
    return zeros(kind.replace(' ', '_'), length);
  }

  @Override
  public final void takeFrom(RuleInputs from) {
    inputs = from;
  }

  @Override
  public final Set<String> inputs() {
    return Set.copyOf(given);
  }

  final int size() {
    return size;
  }

  @Override
  public final double[] step(double[] w, double[] g, double learningRate, double weightDecay) {
    requireSize("w", w);
    requireSize("g", g);
    requireRate("learningRate", learningRate);
    requireRate("weightDecay", weightDecay);
    if (!isFinite(g)) {
      return new double[size];
    }
    steps++;
    for (String kind : given) {
      double[] to = arrays.get(kind.replace(' ', '_'));
      System.arraycopy(inputs.of(kind, steps, to.length), 0, to, 0, to.length);
    }
    double[] gradient = multipliers.gradient(g, w, weightDecay);
    double[] u = multipliers.masked(direction(w, gradient, learningRate, steps), gradient);
    if (stillFirst() && steps == 1) {
      return new double[size];
    }
    double decay = multipliers.ofWeights() ? weightDecay : 0;
    if (!multipliers.move(w, u, learningRate, decay)) {
      move(w, u, learningRate, decay, steps);
    }
    return u;
  }

  @Override
  public final Map<String, double[]> state() {
    Map<String, double[]> copy = new LinkedHashMap<>();
    arrays.forEach((name, array) -> copy.put(name, array.clone()));
    return copy;
  }

  @Override
  public final void restore(Map<String, double[]> state, long steps) {
    if (!state.keySet().equals(arrays.keySet())) {
      throw new IllegalArgumentException(
          "state has the names " + state.keySet() + "; this rule's are " + arrays.keySet());
    }
    if (steps < 0) {
      throw new IllegalArgumentException("steps is " + steps + "; it must not be negative");
    }
    state.forEach((name, from) -> requireSize(name, from, arrays.get(name).length));
    state.forEach((name, from) -> System.arraycopy(from, 0, arrays.get(name), 0, from.length));
    this.steps = steps;
  }

  @Override
  public final long steps() {
    return steps;
  }

  /** x/y with 0/0 = 0. */
  static double ratio(double x, double y) {
    return x == 0 ? 0 : x / y;
  }

  /** The array times a factor, as a new one. */
  static double[] times(double[] x, double factor) {
    double[] product = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      product[i] = factor * x[i];
    }
    return product;
  }

  private void requireSize(String name, double[] array) {
    requireSize(name, array, size);
  }

  private static void requireSize(String name, double[] array, int expected) {
    if (array.length != expected) {
      throw new IllegalArgumentException(
          name + " has " + array.length + " coordinates; this rule has " + expected);
    }
  }

  private static void requireRate(String name, double rate) {
    if (!(rate >= 0 && Double.isFinite(rate))) {
      throw new IllegalArgumentException(name + " is " + rate + "; it must be finite and >= 0");
    }
  }

  private static boolean isFinite(double[] g) {
    for (double x : g) {
      if (!Double.isFinite(x)) {
        return false;
      }
    }
    return true;
  }
}
