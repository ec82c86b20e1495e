package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.theory.Topic;
import java.util.List;
import java.util.stream.Stream;

/** All simulations: one entry makes one {@code simulate NAME}. */
public final class Simulations {

  private Simulations() {}

  /** All of them: those at a quantity's own inputs, then those on a random quadratic. */
  public static List<Simulation> all() {
    return Stream.concat(QuantitySimulations.all().stream(), QuadraticSimulations.all().stream())
        .toList();
  }

  /**
   * One by its name.
   *
   * @param name such as {@code weight-rms}
   * @throws InputException with one line that names them all
   */
  public static Simulation named(String name) {
    return Topic.named("simulation", all(), name);
  }
}
