package io.adamant.cli;

import io.adamant.data.CacheDirectory;
import io.adamant.study.Shard;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import io.adamant.study.StudyWork;
import io.adamant.study.WorkerLink;
import io.adamant.study.WorkerPool;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant study-worker}: what {@code study --jobs} starts. */
@Command(
    name = "study-worker",
    hidden = true,
    description = "Work on a study for the study process that started this one.",
    footer = {
      "",
      "Events go to standard output, a line each; the end of standard input means to stop.",
      "",
      "Examples:",
      "  ./adamant study-worker results/quickstart --name one --threads 1 --device cpu"
    })
final class StudyWorkerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private StudyOptions study;

  @Parameters(paramLabel = "DIR", description = "The study's folder, with study.yaml.")
  private Path folder;

  @Option(names = "--name", required = true, description = "Name of this worker.")
  private String name;

  @Option(names = "--threads", required = true, description = "Threads of each run.")
  private int threads;

  @Option(names = "--device", required = true, description = "Device of each run.")
  private String device;

  @Option(names = "--shard", defaultValue = "1/1", description = "Part of the study.")
  private String shard;

  @Override
  public Integer call() {
    PrintStream events = System.out;
    System.setOut(System.err); // whatever a library prints is no event
    EngineFiles.requireFit(spec.commandLine().getErr()); // the worker's log
    StudyDirectory directory = new StudyDirectory(folder);
    try (StudyPlan plan = StudyPlan.ofRecord(directory, threads, device, CacheDirectory.ofUser());
        WorkerLink link = new WorkerLink(System.in, events, study.idle())) {
      StopSignal signal = StopSignal.install(() -> {});
      new StudyWork(plan, Shard.parse(shard), directory, Hooks::of, link, name, study.lease())
          .run(() -> link.getAsBoolean() || signal.getAsBoolean());
      return 0;
    } catch (UncheckedIOException e) {
      spec.commandLine().getErr().println("adamant: " + e.getMessage());
      return WorkerPool.STORAGE; // its exit code tells the study process that no run is to blame
    }
  }
}
