package io.adamant.cli;

import io.adamant.config.PlannedRun;
import io.adamant.config.TrainConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.reproduce.Claim;
import io.adamant.reproduce.Reproduction;
import io.adamant.reproduce.Reproduction.Job;
import io.adamant.reproduce.Scale;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.study.Placement;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import io.adamant.study.StudyRunner;
import io.adamant.study.WorkerPool;
import io.adamant.train.ProgressListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** Trains what claims ask for, stage by stage, and notes each run as it ends. */
final class ReproduceSession {

  private final Reproduction reproduction;
  private final StudyDirectory directory;
  private final Duration lease;
  private final PrintWriter err;
  private final boolean terminal = ProgressDisplay.onTerminal();
  private final StopSignal stop;

  ReproduceSession(
      Reproduction reproduction, Path results, Scale scale, Duration lease, CommandSpec spec) {
    this.reproduction = reproduction;
    this.directory = new StudyDirectory(results.resolve("reproduction-" + scale.word()));
    this.lease = lease;
    this.err = spec.commandLine().getErr();
    this.stop = StopSignal.install(() -> say("stopping; run the same command again to resume"));
  }

  /** Whether a signal asked to stop. */
  boolean stopped() {
    return stop.getAsBoolean();
  }

  /** Whether everything that the claims need is done. */
  boolean run(List<Claim> claims, Optional<Integer> workers) {
    reproduction.begin(claims);
    for (Claim claim : claims) {
      if (!claim.trains() && !stop.getAsBoolean()) {
        reproduction.simulate(claim, () -> say(claim.name() + ": simulating"), units -> {});
      }
    }
    List<Claim> training = claims.stream().filter(Claim::trains).toList();
    List<Job> jobs = reproduction.next(training);
    int before = Integer.MAX_VALUE;
    while (!jobs.isEmpty() && !stop.getAsBoolean()) {
      say(jobs.size() + (jobs.size() == 1 ? " run" : " runs") + " to train before the next stage");
      train(jobs, workers);
      List<Job> left = reproduction.next(training);
      if (left.equals(jobs) && left.size() == before) {
        break; // nothing moves: all that is left was given up
      }
      before = left.size();
      jobs = left;
    }
    if (!jobs.isEmpty()) {
      say("stopped with " + jobs.size() + " runs of this stage not finished");
    }
    return jobs.isEmpty() && !stop.getAsBoolean();
  }

  private void train(List<Job> jobs, Optional<Integer> workers) {
    List<PlannedRun> runs = jobs.stream().map(Job::run).toList();
    String name = directory.root().getFileName().toString();
    try (StudyPlan plan =
        StudyPlan.ofRuns(
            name, "Runs of claims", runs, workers.orElse(1), CacheDirectory.ofUser(), this::say)) {
      directory.write(plan);
      Map<String, List<String>> claims = new LinkedHashMap<>(); // by run
      Map<String, Job> byLabel = new LinkedHashMap<>();
      jobs.forEach(job -> byLabel.put(job.run().label(), job));
      plan.items().forEach(item -> claims.put(item.id(), byLabel.get(item.label()).claims()));
      if (workers.isPresent()) {
        pool(plan, claims, workers.get());
      } else {
        here(plan, claims);
      }
      claims.keySet().forEach(id -> note(id, claims)); // those that ended unnoticed
    }
  }

  /** Notes a run that has a result; one that is noted already stays as it is. */
  private synchronized void note(String id, Map<String, List<String>> claims) {
    Path run = directory.run(id);
    if (RunDirectory.summary(run).filter(RunSummary::isFinal).isPresent()) {
      reproduction.record(run, claims.getOrDefault(id, List.of()));
    }
  }

  private void pool(StudyPlan plan, Map<String, List<String>> claims, int workers) {
    TrainConfig training = plan.items().get(0).config().training();
    Placement place = new Placement(training.device(), training.threads());
    try (PoolDisplay display = new PoolDisplay(plan::items, err, terminal)) {
      WorkerPool.Listener listener = new NotingListener(display, id -> note(id, claims));
      new WorkerPool(
              directory,
              number -> StudyCommand.worker(directory, number, place, lease, "1/1"),
              workers,
              listener)
          .run(stop);
    }
  }

  private void here(StudyPlan plan, Map<String, List<String>> claims) {
    StudyRunner.Listener listener =
        new StudyRunner.Listener() {
          @Override
          public ProgressListener runStarted(StudyPlan.Item item, int epoch, long fromStep) {
            return new ProgressDisplay(item.label(), err, terminal);
          }

          @Override
          public void runEnded(StudyPlan.Item item, RunSummary summary) {
            note(item.id(), claims);
          }
        };
    new StudyRunner(plan.items(), directory, Hooks::of, listener, "main", lease).run(stop);
  }

  private void say(String text) {
    ProgressDisplay.say(err, terminal, "adamant", text);
  }
}
