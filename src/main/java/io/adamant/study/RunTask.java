package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.config.RunConfig;
import io.adamant.results.Ladder;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.results.StepMetrics;
import io.adamant.train.ProgressListener;
import io.adamant.train.Rungs;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** What a worker does about one run: find its result, or claim, train and publish it. */
final class RunTask {

  /**
   * How a run stands after a worker looked at it.
   *
   * @param summary how it ended, if this is known
   * @param settled nothing is left to do here: it has a result, was given up, or is not for this
   *     machine
   * @param givenUp why it was given up; empty if it was not
   */
  record Outcome(Optional<RunSummary> summary, boolean settled, String givenUp) {
    static final Outcome BUSY = new Outcome(Optional.empty(), false, "");
    static final Outcome LEFT_TO_OTHERS = new Outcome(Optional.empty(), true, "");
    static final Outcome STOPPED_FOR_GOOD = new Outcome(Optional.empty(), true, "");

    static Outcome of(RunSummary summary) {
      return new Outcome(Optional.of(summary), summary.isFinal(), "");
    }

    /** Whether the run was trained up to a rung just now. */
    boolean cameToRung() {
      return summary.filter(s -> s.status() == RunStatus.STOPPED).isPresent();
    }
  }

  /** Failed reads and writes in a row, as of a file server that is away, that a worker survives. */
  private static final int MAX_STORAGE_FAILURES = 3;

  private final StudyDirectory directory;
  private final Function<StudyPlan.Item, List<TrainingHook>> hooks;
  private final StudyRunner.Listener listener;
  private final String worker;
  private final Duration lease;
  private final LeaseWatch watch;
  private final SiblingStudies siblings;
  private final Optional<Ladder> ladder;
  private final Map<StudyPlan.Item, Owner> holders = new LinkedHashMap<>(); // since told
  private final Map<String, Owner> told = new HashMap<>();
  private int storageFailures;

  RunTask(
      StudyDirectory directory,
      Function<StudyPlan.Item, List<TrainingHook>> hooks,
      StudyRunner.Listener listener,
      String worker,
      Duration lease,
      Optional<Ladder> ladder) {
    this.ladder = ladder;
    this.directory = directory;
    this.hooks = hooks;
    this.listener = listener;
    this.worker = worker;
    this.lease = lease;
    this.watch = new LeaseWatch(lease);
    this.siblings = new SiblingStudies(directory.root());
  }

  /** Looks at a run, and trains it if it is to be had. */
  Outcome reach(StudyPlan.Item item, BooleanSupplier stop) {
    holders.remove(item);
    Optional<RunSummary> before = directory.published(item.id());
    if (before.isPresent()) {
      listener.runFound(item, before.get());
      return Outcome.of(before.get());
    }
    directory.setAside(item.id());
    ClaimFiles files = new ClaimFiles(directory.work(item.id()));
    Attempts attempts = new Attempts(files.work());
    Optional<String> givenUp = attempts.givenUp();
    if (givenUp.isPresent()) {
      return new Outcome(Optional.empty(), true, givenUp.get());
    }
    if (isHeld(item, attempts)) {
      return place(item).state() == Ladder.State.STOPPED ? Outcome.STOPPED_FOR_GOOD : Outcome.BUSY;
    }
    if (able(item, attempts).isEmpty()) {
      listener.runSkipped(item, attempts.kernels().orElse("another machine's"));
      return Outcome.LEFT_TO_OTHERS;
    }
    Optional<ClaimFiles> elsewhere = siblings.claim(item.id(), watch);
    if (elsewhere.isPresent()) {
      return busy(item, elsewhere.get());
    }
    Optional<RunClaim> claim = RunClaim.acquire(files, watch, lease, Owner.self(worker));
    if (claim.isEmpty()) {
      return busy(item, files);
    }
    try (RunClaim held = claim.get()) {
      try {
        Outcome outcome = claimed(item, held, files, attempts, stop);
        storageFailures = 0;
        return outcome;
      } catch (InputException e) {
        throw e; // bad input is nobody's failed run
      } catch (UncheckedIOException e) {
        if (held.lost() || directory.published(item.id()).isPresent()) {
          return Outcome.BUSY; // its folder was taken away, so no wonder
        }
        if (StorageException.isLasting(e) || ++storageFailures == MAX_STORAGE_FAILURES) {
          throw e; // nor is a full disk
        }
        listener.runCrashed(item, e.getMessage());
        return Outcome.BUSY;
      } catch (RuntimeException e) {
        if (!held.lost() && directory.published(item.id()).isEmpty()) {
          attempts.crashed(held.epoch(), String.valueOf(e));
          listener.runCrashed(item, String.valueOf(e));
        } // otherwise its folder was taken away, so no wonder
        return Outcome.BUSY; // tried again, here or elsewhere, until it is given up
      }
    }
  }

  /** Where a run is on its way over the rungs, as of the last look at them. */
  private Ladder.Place place(StudyPlan.Item item) {
    return ladder.map(l -> l.place(item.id())).orElse(Ladder.Place.FREE);
  }

  /**
   * Whether a run waits at a rung. One whose worker was killed before it wrote how the run stands
   * does not: the next one writes it.
   */
  private boolean isHeld(StudyPlan.Item item, Attempts attempts) {
    return place(item).held() && attempts.stoppedAtRung();
  }

  /** A run that another process trains. */
  private Outcome busy(StudyPlan.Item item, ClaimFiles files) {
    files
        .look()
        .filter(ClaimFiles.State::held)
        .map(ClaimFiles.State::epoch)
        .flatMap(epoch -> Owner.read(files.owner(epoch)))
        .ifPresent(owner -> holders.put(item, owner));
    return Outcome.BUSY;
  }

  /** Says who trains the runs that were found busy since the last call, once for each owner. */
  void tellHolders() {
    holders.forEach(
        (item, owner) -> {
          if (!owner.equals(told.put(item.id(), owner))) {
            listener.runElsewhere(item, owner.words() + " since " + owner.claimed());
          }
        });
    holders.clear();
  }

  /**
   * The run as this machine can go on with it: with the kernels that it was begun with. Empty where
   * they are not to be had here; those who have them train it.
   */
  private static Optional<RunConfig> able(StudyPlan.Item item, Attempts attempts) {
    Optional<String> kernels = attempts.kernels();
    return kernels.isEmpty()
        ? Optional.of(item.config())
        : Training.withKernels(item.config(), kernels.get());
  }

  private Outcome claimed(
      StudyPlan.Item item,
      RunClaim claim,
      ClaimFiles files,
      Attempts attempts,
      BooleanSupplier stop) {
    Optional<RunSummary> meanwhile = directory.published(item.id());
    if (meanwhile.isPresent()) {
      directory.discardWork(item.id());
      return Outcome.of(meanwhile.get());
    }
    Optional<Path> ended = attempts.ended();
    if (ended.isPresent()) {
      return publish(item, ended.get(), attempts);
    }
    Optional<Path> result = siblings.result(item.id());
    if (result.isPresent() && siblings.copy(result.get(), claim.attempt())) {
      directory.writeArm(item, claim.attempt());
      return publish(item, claim.attempt(), attempts);
    }
    if (siblings.claim(item.id(), watch).isPresent()) {
      return Outcome.BUSY;
    }
    Optional<RunConfig> able = able(item, attempts);
    if (able.isEmpty()) {
      return Outcome.BUSY; // begun elsewhere since we looked
    }
    ladder.ifPresent(Ladder::refresh);
    if (isHeld(item, attempts)) {
      return Outcome.BUSY; // continued by another one since we looked, and held at the next rung
    }
    long from = attempts.inherit(claim.attempt());
    if (place(item).state() == Ladder.State.PROMOTED) {
      ladder.orElseThrow().promote(item.id(), Owner.self(worker).words());
    }
    DurableFiles.write(files.owner(claim.epoch()), Owner.self(worker).startingAt(from).json());
    directory.writeArm(item, claim.attempt());
    return train(item, able.get(), claim, attempts, from, stop);
  }

  private Outcome train(
      StudyPlan.Item item,
      RunConfig config,
      RunClaim claim,
      Attempts attempts,
      long from,
      BooleanSupplier stop) {
    ProgressListener progress = listener.runStarted(item, claim.epoch(), from);
    claim
        .robbed()
        .ifPresent(
            owner -> progress.message("taken over from " + owner.words() + ": no life there"));
    RunSummary summary =
        new Training(config, item.data(), hooks.apply(item), watched(claim, progress))
            .withConfigCommit(directory.configCommit())
            .withRungs(rungs(item))
            .train(claim.attempt(), () -> stop.getAsBoolean() || claim.lost());
    if (summary.isFinal()) {
      return publish(item, claim.attempt(), attempts);
    }
    return claim.lost() ? Outcome.BUSY : Outcome.of(summary);
  }

  private Rungs rungs(StudyPlan.Item item) {
    return ladder.map(l -> rungs(l, item.id())).orElse(Rungs.NONE);
  }

  private Rungs rungs(Ladder steps, String id) {
    return new Rungs() {
      @Override
      public boolean at(long step) {
        return steps.asks(id, step);
      }

      @Override
      public Optional<String> reached(long step, double loss) {
        Ladder.Place place = steps.reached(id, step, loss, Owner.self(worker).words());
        return place.held() ? Optional.of(place.words()) : Optional.empty();
      }
    };
  }

  /** The run's result: this attempt's, or that of another one who was first. */
  private Outcome publish(StudyPlan.Item item, Path attempt, Attempts attempts) {
    boolean trainedHere = !Files.exists(attempt.resolve(SiblingStudies.ORIGIN));
    if (trainedHere && Files.exists(attempt)) {
      DurableFiles.write(attempt.resolve("attempts.json"), Json.pretty(attempts.history()));
    }
    if (Attempts.isComplete(attempt)) {
      Folders.publish(attempt, directory.run(item.id()));
    }
    Optional<RunSummary> result = directory.published(item.id());
    if (result.isPresent()) {
      directory.discardWork(item.id());
    }
    return result.map(Outcome::of).orElse(Outcome.BUSY);
  }

  private static ProgressListener watched(RunClaim claim, ProgressListener progress) {
    return new ProgressListener() {
      @Override
      public void started(long firstStep, long steps) {
        claim.at(firstStep);
        progress.started(firstStep, steps);
      }

      @Override
      public void progressed(long step, StepMetrics line) {
        claim.at(step);
        progress.progressed(step, line);
      }

      @Override
      public void evaluated(long step, double loss) {
        progress.evaluated(step, loss);
      }

      @Override
      public void message(String text) {
        progress.message(text);
      }

      @Override
      public void ended(RunSummary summary) {
        progress.ended(summary);
      }
    };
  }
}
