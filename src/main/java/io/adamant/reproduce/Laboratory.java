package io.adamant.reproduce;

import io.adamant.simulate.Blocks;
import io.adamant.simulate.Measurement;
import io.adamant.simulate.Simulation;
import io.adamant.simulate.Simulations;
import io.adamant.theory.Quantities;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** One measurement of a simulation that {@code adamant simulate} offers. */
final class Laboratory {
  private Laboratory() {}

  static Measurement measure(String name, Map<String, String> inputs, String key, Blocks blocks) {
    Simulation simulation = Simulations.named(name);
    Values values = Values.of(simulation.parameters(), inputs);
    return simulation.run().apply(values, blocks).stream()
        .filter(measurement -> measurement.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + " measures no " + key));
  }

  /** What a formula says at the inputs of its simulation. */
  static double law(String name, Map<String, String> inputs, String key) {
    Values values = Values.of(Simulations.named(name).parameters(), inputs);
    return Quantities.named(name).at(values).stream()
        .filter(formula -> formula.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + " has no formula " + key))
        .value();
  }

  /** A measurement over a number that is known exactly. */
  static Estimate over(Measurement measured, double exact, int repetitions) {
    return Estimate.simulated(
        measured.value() / exact, measured.halfWidth() / Math.abs(exact), repetitions);
  }

  /**
   * The slope of log measurement against log x, of independent measurements: with weights w_i =
   * (x_i − x̄)/Σ(x − x̄)² of the least squares line its standard error is √Σ(w_i·s_i/y_i)².
   */
  static Estimate slope(double[] x, List<Measurement> measured, int repetitions) {
    double mean = Arrays.stream(x).map(Math::log).average().orElseThrow();
    double square = Arrays.stream(x).map(each -> Math.pow(Math.log(each) - mean, 2)).sum();
    double slope = 0;
    double variance = 0;
    for (int i = 0; i < x.length; i++) {
      double weight = (Math.log(x[i]) - mean) / square;
      slope += weight * Math.log(measured.get(i).value());
      variance += Math.pow(weight * measured.get(i).halfWidth() / measured.get(i).value(), 2);
    }
    return Estimate.simulated(slope, Math.sqrt(variance), repetitions);
  }

  /** One measurement over another, independent one. */
  static Estimate over(Measurement a, Measurement b, int repetitions) {
    double ratio = a.value() / b.value();
    double relative = Math.hypot(a.halfWidth() / a.value(), b.halfWidth() / b.value());
    return Estimate.simulated(ratio, Math.abs(ratio) * relative, repetitions);
  }
}
