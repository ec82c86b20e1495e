package io.adamant.reproduce;

import io.adamant.simulate.Blocks;
import io.adamant.simulate.Measurement;
import io.adamant.simulate.Simulation;
import io.adamant.simulate.Simulations;
import io.adamant.theory.Values;
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

  /** A measurement over a number that is known exactly. */
  static Estimate over(Measurement measured, double exact, int repetitions) {
    return Estimate.simulated(
        measured.value() / exact, measured.halfWidth() / Math.abs(exact), repetitions);
  }

  /** One measurement over another, independent one. */
  static Estimate over(Measurement a, Measurement b, int repetitions) {
    double ratio = a.value() / b.value();
    double relative = Math.hypot(a.halfWidth() / a.value(), b.halfWidth() / b.value());
    return Estimate.simulated(ratio, Math.abs(ratio) * relative, repetitions);
  }
}
