package io.adamant.cli;

import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.doctor.Doctor;
import io.adamant.doctor.Environment;
import io.adamant.doctor.Finding;
import io.adamant.tensor.Devices;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant doctor}. */
@Command(
    name = "doctor",
    description = {
      "Show what this machine has for training and what it lacks.",
      "Exit code 1 if it cannot train with this device, or cannot train RUN.yaml."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant doctor",
      "  ./adamant doctor --device cuda              whether a GPU can be used, or why not",
      "  ./adamant doctor configs/train.yaml         whether this machine can train this run"
    })
final class DoctorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private SetOptions set;

  @Parameters(
      paramLabel = "RUN.yaml",
      arity = "0..1",
      description = "A run to check against the machine.")
  private Path file;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "Device to check: auto, cpu, cuda or cuda:N (default: that of RUN.yaml, else auto).")
  private String device;

  @Mixin private ResultsOption results;

  @Override
  public Integer call() {
    if (device != null) {
      Devices.requireKnown(device); // before anything is tried
    }
    Optional<RunConfig> run = configuration();
    String asked = device != null ? device : run.map(r -> r.training().device()).orElse("auto");
    Environment machine =
        Environment.detect(results.directory(), EngineFiles.teller(spec.commandLine().getErr()));
    List<Finding> findings = new ArrayList<>(Doctor.examine(machine, asked));
    run.ifPresent(
        r -> findings.add(Doctor.configuration(machine, r.with("training.device", asked))));
    print(findings, spec.commandLine().getOut());
    return findings.stream().anyMatch(f -> f.level() == Finding.Level.PROBLEM) ? 1 : 0;
  }

  /** What is asked for: nothing unless a file or --set says so. */
  private Optional<RunConfig> configuration() {
    List<String> keys = set.overrides();
    if (file == null) {
      return keys.isEmpty() ? Optional.empty() : Optional.of(Configs.parseRun("{}", keys));
    }
    return Optional.of(Configs.readRun(file, keys));
  }

  static void print(List<Finding> findings, PrintWriter out) {
    int width = findings.stream().mapToInt(f -> f.topic().length()).max().orElse(0);
    String row = "%-7s  %-" + width + "s  %s%n";
    for (Finding finding : findings) {
      String level = finding.level().name();
      boolean quiet = finding.level() != Finding.Level.PROBLEM;
      out.printf(
          row, quiet ? level.toLowerCase(Locale.ROOT) : level, finding.topic(), finding.text());
      if (!finding.advice().isEmpty()) {
        out.printf(row, "", "", "-> " + finding.advice());
      }
    }
    out.flush();
  }
}
