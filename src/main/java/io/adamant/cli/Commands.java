package io.adamant.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** The commands, in the order of {@code --help}. A new one is one line here. */
final class Commands {

  private Commands() {}

  static List<Object> all() {
    return List.of(
        new StudyCommand(),
        new StudyWorkerCommand(),
        new TrainCommand(),
        new PrepareCommand(),
        new CacheCommand(),
        new DataCommand(),
        new TokenizerCommand(),
        new ReportCommand(),
        new SampleCommand(),
        new EvaluateCommand(),
        new ExportCommand(),
        new OptimizersCommand(),
        new ReplayCommand(),
        new TheoryCommand(),
        new SimulateCommand(),
        new ToyCommand(),
        new SignalCommand(),
        new SurgeCommand(),
        new FrozenCommand(),
        new BranchCommand(),
        new ReproduceCommand(),
        new BenchCommand(),
        new DoctorCommand(),
        new PackageCommand(),
        new TestCommand());
  }

  /**
   * The commands that a command line needs: the one that it names, for a quick start, none for the
   * version, else all.
   */
  static List<Object> of(String... args) {
    String first = args.length == 0 ? "" : args[0];
    if (List.of("-V", "--version").contains(first)) {
      return List.of();
    }
    List<Object> all = all();
    return all.stream()
        .filter(command -> command.getClass().getAnnotation(Command.class).name().equals(first))
        .findFirst()
        .map(List::of)
        .orElse(all);
  }
}
