package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.lab.SignalPage;
import io.adamant.simulate.SignalView;
import io.adamant.theory.SignalOperator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code adamant signal}. */
@Command(
    name = "signal",
    description =
        "Show optimizers as filters of a gradient signal: equal-beta Adam, EMASign, Signum.",
    footer = {
      "",
      "The signal is 1.8·sin(0.03k)·e^(-DECAY·k), or numbers from a CSV file (one column or one row).",
      "Writes a page, figures and signal.csv to signal in the results.",
      "",
      "Examples:",
      "  ./adamant signal",
      "  ./adamant signal --beta 0.5,0.95,0.99 --length 3000",
      "  ./adamant signal --input gradients.csv --start gradient"
    })
final class SignalCommand implements Callable<Integer> {

  private static final int LONGEST = 1_000_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--beta",
      split = ",",
      paramLabel = "BETA",
      defaultValue = "0,0.5,0.9,0.95,0.975,0.99,0.995",
      description = "Coefficients of the averages, each in [0, 1); default ${DEFAULT-VALUE}.")
  private List<Double> betas;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "1500",
      description = "Steps of the damped sine, 2 to 1000000; default ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--decay",
      paramLabel = "C",
      defaultValue = "0.0025",
      description = "Decay of the sine per step, at least 0; default ${DEFAULT-VALUE}.")
  private double decay;

  @Option(
      names = "--input",
      paramLabel = "CSV",
      description = "A signal to use instead of the sine.")
  private Path input;

  @Option(
      names = "--start",
      paramLabel = "NAME",
      defaultValue = "zero",
      description =
          "Start of Adam's averages: zero or gradient (the first gradient); default zero.")
  private String start;

  @Mixin private PageOutput output;

  @Override
  public Integer call() {
    for (double beta : betas) {
      require(beta >= 0 && beta < 1, "--beta " + beta, "a number in [0, 1)");
    }
    require(
        betas.stream().distinct().count() == betas.size(), "--beta " + betas, "different values");
    require(length >= 2 && length <= LONGEST, "--length " + length, "2 to " + LONGEST);
    require(
        decay >= 0 && Double.isFinite(decay), "--decay " + decay, "a finite number of at least 0");
    SignalView.Start begin = Words.of("--start", SignalView.Start.class, start);
    double[] signal = input == null ? SignalOperator.dampedSine(length, 1.8, 0.03, decay) : read();
    output.show(
        spec.commandLine(),
        new SignalPage(signal, betas, begin, input == null ? decay : Double.NaN),
        "signal");
    return 0;
  }

  private double[] read() {
    double[][] rows = CsvNumbers.read(input);
    List<Double> values = new ArrayList<>();
    for (double[] row : rows) {
      require(
          rows.length == 1 || row.length == 1,
          input + " has " + rows.length + " rows of " + row.length + " numbers",
          "one column or one row");
      Arrays.stream(row).forEach(values::add);
    }
    for (int k = 0; k < values.size(); k++) {
      require(
          Double.isFinite(values.get(k)),
          input + ": number " + (k + 1) + " is " + values.get(k),
          "finite numbers");
    }
    require(values.size() >= 2, input + " has " + values.size() + " number", "2 or more numbers");
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void require(boolean holds, String what, String allowed) {
    if (!holds) {
      throw new InputException(what + ": allowed: " + allowed);
    }
  }
}
