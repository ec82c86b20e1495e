package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.lab.ToyPage;
import io.adamant.simulate.ToyArm;
import io.adamant.simulate.ToyQuadratic.Design;
import io.adamant.simulate.ToyQuadratic.Spectrum;
import io.adamant.simulate.ToyResult;
import io.adamant.simulate.ToySettings;
import io.adamant.simulate.ToyStudy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code adamant toy}. */
@Command(
    name = "toy",
    description = "Train the nine-dimensional toy quadratic with SGDM, Signum and equal-beta Adam.",
    footer = {
      "",
      "Each arm is tuned over its learning rates on each draw of the Hessian. Medians and quartiles are",
      "over seeds in the curves and over draws in the margins. Writes a page, figures and CSV files to",
      "toy in the results.",
      "",
      "Examples:",
      "  ./adamant toy",
      "  ./adamant toy --spectrum homogeneous --design symmetric",
      "  ./adamant toy --draws 24 --json"
    })
final class ToyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--spectrum",
      paramLabel = "NAME",
      defaultValue = "heterogeneous",
      description = "heterogeneous (one scale per block) or homogeneous; default ${DEFAULT-VALUE}.")
  private String spectrum;

  @Option(
      names = "--design",
      paramLabel = "NAME",
      defaultValue = "notebook",
      description =
          "notebook (a batch is a set of eigen-directions) or symmetric; default ${DEFAULT-VALUE}.")
  private String design;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "10",
      description = "Hessians drawn, 1 to 1000; default ${DEFAULT-VALUE}.")
  private int draws;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "10",
      description = "Runs per arm and rate, 1 to 1000; default ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "500",
      description = "Steps per run, 20 to 100000, 5 %% of them warm-up; default ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "3",
      description = "Columns per batch, 1 to 9; default ${DEFAULT-VALUE}.")
  private int batch;

  @Mixin private PageOutput output;

  @Override
  public Integer call() {
    require("--draws", draws, 1, 1000);
    require("--seeds", seeds, 1, 1000);
    require("--steps", steps, 20, 100_000);
    require("--batch", batch, 1, 9);
    Spectrum blocks = Words.of("--spectrum", Spectrum.class, spectrum);
    Design root = Words.of("--design", Design.class, design);
    List<ToyArm> arms = new ArrayList<>(ToyArm.study());
    arms.addAll(ToyArm.mollifiers());
    output.prepare("toy");
    List<ToyResult> found = new ArrayList<>();
    try (WorkBar bar = new WorkBar("toy", draws, spec.commandLine().getErr())) {
      for (int draw = 0; draw < draws; draw++) {
        ToySettings settings = new ToySettings(blocks, root, draw, seeds, steps, steps / 20, batch);
        found.add(ToyStudy.run(settings, arms));
        bar.advance(1);
      }
    }
    output.show(spec.commandLine(), new ToyPage(found, arms), "toy");
    return 0;
  }

  private static void require(String option, int value, int from, int to) {
    if (value < from || value > to) {
      throw new InputException(
          "%s %s: allowed: a whole number from %s to %s".formatted(option, value, from, to));
    }
  }
}
