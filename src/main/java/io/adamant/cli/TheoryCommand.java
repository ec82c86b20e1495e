package io.adamant.cli;

import io.adamant.lab.Lab;
import io.adamant.lab.LabPoint;
import io.adamant.simulate.RmsMatch;
import io.adamant.theory.FormulaTopic;
import io.adamant.theory.Parameter;
import io.adamant.theory.ParameterGrid;
import io.adamant.theory.Quantities;
import io.adamant.theory.Topic;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code adamant theory}. */
@Command(
    name = "theory",
    description = "Evaluate every formula for a quantity, with its error, validity and source.",
    footer = {
      "",
      "Without a quantity it lists all of them with their inputs and defaults. An input may be a list or",
      "a range: 0,0.5,0.9 or 0:1:11 (11 values) or 1:1000:4log (evenly spaced in the logarithm). Then a",
      "chart, a page and values.csv are written to theory-QUANTITY in the results.",
      "",
      "Examples:",
      "  ./adamant theory",
      "  ./adamant theory update-rms --beta1 0.9 --beta2 0.95 --snr 0.01",
      "  ./adamant theory weight-rms --optimizer signum --lr 1e-4:1e-1:31log",
      "  ./adamant theory sup-update --beta1 0.95 --beta2 0.8,0.95 --json",
      "  ./adamant theory rms-match --from adamw --lr 4e-3 --beta1 0.9 --beta2 0.9 --to signum"
    })
final class TheoryCommand extends QuantityCommand {

  @Override
  List<FormulaTopic> all() {
    return Stream.concat(Quantities.all().stream(), Stream.of(new RmsMatch())).toList();
  }

  @Override
  boolean written(Lab lab) {
    return !lab.varied().isEmpty();
  }

  @Override
  Lab lab(String name, Map<String, String> given, CommandLine command) {
    FormulaTopic quantity = Topic.named("quantity", all(), name);
    ParameterGrid grid = ParameterGrid.of(quantity.parameters(), given);
    List<LabPoint> points =
        grid.points().stream().map(v -> LabPoint.of(v.texts(), quantity.at(v))).toList();
    return new Lab(
        "theory",
        name,
        quantity.summary(),
        Parameter.meanings(quantity.parameters()),
        grid.varied(),
        points,
        quantity::at);
  }
}
