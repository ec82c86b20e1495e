package io.adamant.lab;

import io.adamant.lab.LabPoint.Compared;
import io.adamant.simulate.Blocks;
import io.adamant.simulate.Measurement;
import io.adamant.simulate.Simulation;
import io.adamant.theory.Parameter;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Points of a simulated grid, gathered one after another. */
public final class LabRun {

  private final Simulation simulation;
  private final List<LabPoint> points = new ArrayList<>();

  public LabRun(Simulation simulation) {
    this.simulation = simulation;
  }

  public void add(Values values, Blocks blocks) {
    List<Measurement> measured = simulation.run().apply(values, blocks);
    List<Compared> compared = new ArrayList<>();
    simulation
        .formulas()
        .apply(values)
        .forEach(formula -> compared.add(new Compared(formula, partner(formula.key(), measured))));
    points.add(new LabPoint(values.texts(), measured, compared));
  }

  private Optional<Measurement> partner(String formula, List<Measurement> measured) {
    String key = simulation.against().get(formula);
    return measured.stream().filter(m -> m.key().equals(key)).findFirst();
  }

  public Lab lab(List<String> varied) {
    return new Lab(
        "simulate",
        simulation.name(),
        simulation.summary(),
        Parameter.meanings(simulation.parameters()),
        varied,
        points,
        inputs -> simulation.formulas().apply(Values.of(simulation.parameters(), inputs)));
  }
}
