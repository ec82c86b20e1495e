package io.adamant.cli;

import io.adamant.doctor.Doctor;
import io.adamant.doctor.Environment;
import io.adamant.doctor.Finding;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code adamant doctor}. */
@Command(
    name = "doctor",
    description = {
      "Show what this machine offers for training and what it lacks.",
      "Exit code 1 if a training with this device could not run here."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant doctor",
      "  ./adamant doctor --device cuda              why a GPU cannot be used, or that it can"
    })
final class DoctorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "What a training would ask for: auto, cpu, cuda or cuda:N (default: auto).")
  private String device;

  @Mixin private ResultsOption results;

  @Override
  public Integer call() {
    List<Finding> findings = Doctor.examine(Environment.detect(results.directory()), device);
    print(findings, spec.commandLine().getOut());
    return findings.stream().anyMatch(f -> f.level() == Finding.Level.PROBLEM) ? 1 : 0;
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
