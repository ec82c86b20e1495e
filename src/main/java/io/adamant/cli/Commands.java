package io.adamant.cli;

import java.util.List;

/** The commands, in the order of {@code --help}. A new one is one line here. */
final class Commands {

  private Commands() {}

  static List<Object> all() {
    return List.of(
        new StudyCommand(),
        new StudyWorkerCommand(),
        new TrainCommand(),
        new ReportCommand(),
        new OptimizersCommand(),
        new ReplayCommand(),
        new TheoryCommand(),
        new SimulateCommand(),
        new ToyCommand(),
        new SignalCommand(),
        new SurgeCommand(),
        new ReproduceCommand(),
        new BenchCommand(),
        new DoctorCommand(),
        new PackageCommand(),
        new TestCommand());
  }
}
