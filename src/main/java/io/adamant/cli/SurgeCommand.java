package io.adamant.cli;

import io.adamant.lab.SurgePage;
import io.adamant.simulate.Blocks;
import io.adamant.simulate.RandomQuadratic;
import io.adamant.simulate.SurgeCurve;
import io.adamant.simulate.SurgeMethod;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.ParameterGrid;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code adamant surge}. */
@Command(
    name = "surge",
    description =
        "Compare the best learning rate over the batch size: law, one step, whole training.",
    footer = {
      "",
      "The law and the simulated step hold at a frozen point; training shows whether they carry over.",
      "Writes a page, one chart per method and surge.csv to surge in the results.",
      "",
      "Examples:",
      "  ./adamant surge",
      "  ./adamant surge --method adam,signum --beta1 0,0.9 --hessian power-law --noise isotropic",
      "  ./adamant surge --batch 0.25:16384:17log --steps 1000"
    })
final class SurgeCommand implements Callable<Integer> {

  private static final List<Parameter> PARAMETERS =
      Stream.of(
              List.of(
                  Parameter.choice(
                      "method", "sgdm, signum or adam; a list", "adam", "signum", "sgdm"),
                  Parameter.number("beta1", "momentum coefficient; a list", Domain.BETA, 0.9),
                  Parameter.number("beta2", "Adam's", Domain.BETA, 0.99),
                  Parameter.number(
                      "batch", "batch sizes; default 0.25:16384:9log", Domain.POSITIVE, 16)),
              RandomQuadratic.inputs("start", "diagonal", "moderate", "power-law"),
              List.of(
                  Parameter.number("steps", "steps of a training run", Domain.COUNT, 300),
                  Parameter.number("repetitions", "of the simulated step", Domain.COUNT, 200)))
          .flatMap(List::stream)
          .toList();
  private static final String BATCHES = "0.25:16384:9log";
  private static final String BETAS = "0,0.9";
  private static final String METHODS = "adam,signum";

  private CommandSpec spec;
  private QuantityOptions inputs;

  @Mixin private BlockOptions block;

  @Mixin private PageOutput output;

  @Spec
  void prepare(CommandSpec own) {
    spec = own;
    inputs = QuantityOptions.addTo(own, PARAMETERS);
  }

  @Override
  public Integer call() {
    Map<String, String> given = new LinkedHashMap<>(inputs.given());
    given.putIfAbsent("batch", BATCHES);
    given.putIfAbsent("beta1", BETAS);
    given.putIfAbsent("method", METHODS);
    ParameterGrid grid = ParameterGrid.of(PARAMETERS, given);
    SurgePlan plan = SurgePlan.of(grid);
    List<SurgeCurve> curves = new ArrayList<>();
    Values first = grid.points().get(0);
    int repetitions = (int) Math.max(2, first.whole("repetitions"));
    RandomQuadratic problem = RandomQuadratic.of(first);
    output.prepare("surge");
    long units = plan.methods().size() * SurgeCurve.units(plan.batches().size(), repetitions);
    try (WorkBar bar = new WorkBar("surge", units, spec.commandLine().getErr())) {
      Blocks blocks = block.blocks(bar::advance);
      for (SurgeMethod method : plan.methods()) {
        curves.add(
            SurgeCurve.of(
                problem, method, plan.batches(), repetitions, (int) first.whole("steps"), blocks));
      }
    }
    output.show(spec.commandLine(), new SurgePage(problem.geometry(), curves, first), "surge");
    return 0;
  }
}
