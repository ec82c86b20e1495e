package io.adamant.cli;

import io.adamant.chart.Table;
import io.adamant.config.OptimizerConfig;
import io.adamant.optim.KernelFunction;
import io.adamant.optim.OptimizerContract;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import io.adamant.simulate.DirectionExperiment;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant optimizers check}. */
@Command(
    name = "check",
    description = "Check an optimizer's text file against the contract, and simulate its updates.",
    footer = {
      "",
      "Tries on the real kernel what every optimizer has to hold to, and what the file claims of",
      "itself; then the RMS of its updates on simulated gradients, of pure noise and with a signal, and",
      "of weights that they and decay balance. Exit code 1 if something does not hold. The file is code:",
      "check what you would run.",
      "",
      "Examples:",
      "  ./adamant optimizers check mine.py",
      "  ./adamant optimizers check mine.py --set beta1=0.9"
    })
final class OptimizersCheckCommand implements Callable<Integer> {

  private static final int TABLE_WIDTH = 120;
  private static final int WIDTH = 4096;
  private static final double[] SNRS = {0, 0.1, 1};
  private static final double RATE = 1e-3;
  private static final double DECAY = 0.1;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "The text file, or the name of an optimizer that is known.")
  private String type;

  @Mixin private SettingOptions options;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the simulated gradients; default ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() {
    OptimizerDefinition definition = Optimizers.definition(type);
    OptimizerConfig config = options.laidOver(OptimizerConfig.of(type, RATE, DECAY));
    Map<String, Object> settings = definition.resolve(config.settings(), "optimizer");
    List<OptimizerContract.Finding> findings = OptimizerContract.check(definition, settings);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        new Table.Columns<OptimizerContract.Finding>()
            .text("property", OptimizerContract.Finding::property)
            .text("result", finding -> words(finding.verdict()))
            .text("detail", OptimizerContract.Finding::detail)
            .of(definition.type() + ": " + definition.title(), findings)
            .terminal(TABLE_WIDTH));
    if (definition.elementwise()) {
      out.println(simulated(definition, settings).terminal(TABLE_WIDTH));
    }
    long failed =
        findings.stream().filter(f -> f.verdict() == OptimizerContract.Verdict.FAILS).count();
    out.println(
        failed == 0
            ? "The contract holds."
            : "%s of %s properties fail.".formatted(failed, findings.size()));
    if (definition.isFile()) {
      out.println(
          "No second implementation of a text file exists: that it computes its formula is not"
              + " checked.");
    }
    out.flush();
    return failed == 0 ? 0 : 1;
  }

  private static String words(OptimizerContract.Verdict verdict) {
    return switch (verdict) {
      case HOLDS -> "holds";
      case FAILS -> "FAILS";
      case NOT_CLAIMED -> "holds, not claimed";
      case ABSENT -> "no, not claimed";
    };
  }

  private Table simulated(OptimizerDefinition definition, Map<String, Object> settings) {
    int memory = KernelFunction.memory(definition, settings);
    List<List<String>> rows = new ArrayList<>();
    for (double snr : SNRS) {
      try (KernelFunction rule = new KernelFunction(definition, settings, WIDTH)) {
        DirectionExperiment found = DirectionExperiment.of(rule, WIDTH, memory, snr, 1, seed);
        rows.add(
            List.of(
                String.format(Locale.ROOT, "%s", snr),
                String.format(
                    Locale.ROOT,
                    "%.4f ± %.4f",
                    found.updateRms().value(),
                    found.updateRms().halfWidth()),
                String.format(
                    Locale.ROOT, "%.2f ± %.2f", found.spread().value(), found.spread().halfWidth()),
                String.format(Locale.ROOT, "%.4g", found.weightRms(RATE, DECAY))));
      }
    }
    return Table.of(
        "Simulated on Gaussian gradients: snr = |mean|^2/variance; c = 1 + 2 sum rho_k of u; weights"
            + " at lr %s, decay %s".formatted(RATE, DECAY),
        List.of("snr", "update RMS", "c", "weight RMS"),
        rows);
  }
}
