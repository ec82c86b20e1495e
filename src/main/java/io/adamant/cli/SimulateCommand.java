package io.adamant.cli;

import io.adamant.lab.Lab;
import io.adamant.lab.LabRun;
import io.adamant.simulate.Blocks;
import io.adamant.simulate.Simulation;
import io.adamant.simulate.Simulations;
import io.adamant.theory.ParameterGrid;
import io.adamant.theory.Values;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code adamant simulate}. */
@Command(
    name = "simulate",
    description = "Simulate a quantity and compare every formula for it with the result.",
    footer = {
      "",
      "Prints the simulation with its 95 %% interval and every applicable formula with its relative",
      "error. Writes a page, figures and values.csv to simulate-QUANTITY in the results. Without a",
      "quantity it lists all of them with their inputs and defaults. An input may be a list or a range:",
      "0,0.5,0.9 or 0:1:11 (11 values) or 1:1000:4log. The result depends on the seed, not on the",
      "number of threads.",
      "",
      "Examples:",
      "  ./adamant simulate",
      "  ./adamant simulate update-rms --beta1 0,0.5,0.9",
      "  ./adamant simulate weight-rms --lr 0.003 --steps 20000",
      "  ./adamant simulate optimal-lr --batch 0.25:16384:9log --hessian power-law"
    })
final class SimulateCommand extends QuantityCommand {

  @Mixin private BlockOptions block;

  @Override
  List<Simulation> all() {
    return Simulations.all();
  }

  @Override
  boolean written(Lab lab) {
    return true;
  }

  @Override
  Lab lab(String name, Map<String, String> given, CommandLine command) {
    Simulation simulation = Simulations.named(name);
    ParameterGrid grid = ParameterGrid.of(simulation.parameters(), given);
    // What a formula refuses shows here, before anything is simulated.
    if (grid.points().stream().map(simulation.formulas()).toList().isEmpty()) {
      throw new IllegalStateException("a grid has a point");
    }
    long units = grid.points().stream().mapToLong(simulation.units()).sum();
    prepare("simulate-" + name);
    LabRun run = new LabRun(simulation);
    try (WorkBar bar = new WorkBar(name, units, command.getErr())) {
      Blocks blocks = block.blocks(bar::advance);
      for (Values values : grid.points()) {
        run.add(values, blocks);
      }
    }
    return run.lab(grid.varied());
  }
}
