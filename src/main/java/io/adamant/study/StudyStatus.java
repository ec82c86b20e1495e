package io.adamant.study;

import io.adamant.config.RunConfig;
import io.adamant.results.Ladder;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * How a study stands, from its files alone, whoever executes it.
 *
 * @param runs in the study's order, each identity once
 */
public record StudyStatus(List<Line> runs) {

  /** What can be said of a run. */
  public enum State {
    /** It has a result: all steps done. */
    FINISHED,
    /** It has a result: the guard gave up. */
    DIVERGED,
    /** Claimed, and its owner is not known to be dead. */
    RUNNING,
    /** Begun; the next worker that comes by goes on with it. */
    INTERRUPTED,
    /** Stopped at a rung; later results may let it on, as long as others are on their way there. */
    STOPPED,
    /** Given up after repeated errors. */
    FAILED,
    /** Not begun. */
    WAITING
  }

  /**
   * How one run stands.
   *
   * @param item the run
   * @param state its state
   * @param step steps done, as far as known
   * @param detail who trains it, or why it failed; may be empty
   * @param summary its result, if it has one
   */
  public record Line(
      StudyPlan.Item item, State state, long step, String detail, Optional<RunSummary> summary) {}

  /** Takes a copy. */
  public StudyStatus {
    runs = List.copyOf(runs);
  }

  /**
   * Looks at a study's folder.
   *
   * @param items the runs
   * @param directory of the study
   * @return how they stand now
   */
  public static StudyStatus read(List<StudyPlan.Item> items, StudyDirectory directory) {
    return read(items, directory, Optional.empty());
  }

  /**
   * Looks at the folder of a study that may stop runs at rungs.
   *
   * @param items the runs
   * @param directory of the study
   * @param ladder of the same
   * @return how they stand now
   */
  public static StudyStatus read(
      List<StudyPlan.Item> items, StudyDirectory directory, Optional<Ladder> ladder) {
    List<Line> runs = new ArrayList<>();
    for (StudyPlan.Item item : items) {
      runs.add(
          directory
              .published(item.id())
              .map(summary -> done(item, summary))
              .orElseGet(
                  () -> {
                    Line line = open(item, directory);
                    return ladder
                        .map(l -> l.place(item.id()))
                        .filter(Ladder.Place::held)
                        .filter(
                            place ->
                                line.state() == State.INTERRUPTED
                                    || new Attempts(directory.work(item.id())).stoppedAtRung())
                        .map(place -> stopped(line, place))
                        .orElse(line);
                  }));
    }
    return new StudyStatus(runs);
  }

  private static Line stopped(Line line, Ladder.Place place) {
    return new Line(line.item(), State.STOPPED, line.step(), place.words(), Optional.empty());
  }

  private static Line done(StudyPlan.Item item, RunSummary summary) {
    boolean finished = summary.status() == RunStatus.FINISHED;
    return new Line(
        item,
        finished ? State.FINISHED : State.DIVERGED,
        summary.steps(),
        summary.reason(),
        Optional.of(summary));
  }

  private static Line open(StudyPlan.Item item, StudyDirectory directory) {
    ClaimFiles files = new ClaimFiles(directory.work(item.id()));
    Attempts attempts = new Attempts(files.work());
    long saved = attempts.newestFirst().stream().mapToLong(Attempts::stepsSaved).max().orElse(0);
    Optional<String> givenUp = attempts.givenUp();
    if (givenUp.isPresent()) {
      return new Line(item, State.FAILED, saved, givenUp.get(), Optional.empty());
    }
    Optional<ClaimFiles.State> claim = files.look();
    if (claim.isEmpty()) {
      State state = saved > 0 ? State.INTERRUPTED : State.WAITING;
      return new Line(item, state, saved, "", Optional.empty());
    }
    Optional<Owner> owner = Owner.read(files.owner(claim.get().epoch()));
    boolean dead = owner.filter(Owner::isKnownDead).isPresent();
    if (!claim.get().held() || dead) {
      String detail = dead ? owner.map(Owner::words).orElse("") + " is gone" : "";
      return new Line(item, State.INTERRUPTED, saved, detail, Optional.empty());
    }
    long step = Math.max(saved, step(claim.get().beat()));
    String seen =
        files
            .silence(claim.get().epoch())
            .map(silence -> ", seen " + silence.toSeconds() + " s ago")
            .orElse("");
    String detail = owner.map(o -> o.words() + seen).orElse("");
    return new Line(item, State.RUNNING, step, detail, Optional.empty());
  }

  /**
   * {@link #standing} of the runs of studies that may stop runs at rungs, which are looked at once:
   * a run that stopped there for good counts as stopped.
   *
   * @return from a study's folder and a run's identity
   */
  public static BiFunction<Path, String, RunStatus> standings() {
    Map<Path, Optional<Ladder>> ladders = new HashMap<>();
    return (study, id) ->
        ladders
            .computeIfAbsent(study, StudyStatus::ladder)
            .filter(ladder -> ladder.isStopped(id))
            .map(ladder -> RunStatus.STOPPED)
            .orElseGet(() -> standing(study, id));
  }

  private static Optional<Ladder> ladder(Path study) {
    StudyDirectory directory = new StudyDirectory(study);
    return Ladder.read(study, id -> directory.givenUp(id).isPresent());
  }

  /**
   * How a run without a result stands, from its files alone.
   *
   * @param study folder of the study
   * @param id identity of the run
   * @return failed where it was given up, interrupted where it waits for the next worker, otherwise
   *     unfinished, also where nobody trains it for a study
   */
  public static RunStatus standing(Path study, String id) {
    ClaimFiles files = new ClaimFiles(new StudyDirectory(study).work(id));
    if (!Files.isDirectory(files.work())) {
      return RunStatus.UNFINISHED;
    }
    if (new Attempts(files.work()).givenUp().isPresent()) {
      return RunStatus.FAILED;
    }
    return files.look().filter(claim -> isHeld(files, claim)).isPresent()
        ? RunStatus.UNFINISHED
        : RunStatus.INTERRUPTED;
  }

  private static boolean isHeld(ClaimFiles files, ClaimFiles.State claim) {
    return claim.held()
        && Owner.read(files.owner(claim.epoch())).filter(Owner::isKnownDead).isEmpty();
  }

  /** A heartbeat is a counter and the steps done. */
  private static long step(String beat) {
    String[] parts = beat.split(" ", -1);
    try {
      return parts.length == 2 ? Long.parseLong(parts[1]) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /**
   * How many runs are in a state.
   *
   * @param state which
   * @return their number
   */
  public long count(State state) {
    return runs.stream().filter(line -> line.state() == state).count();
  }

  /**
   * The run with the lowest validation loss so far.
   *
   * @return it; empty while none has finished
   */
  public Optional<Line> best() {
    return runs.stream()
        .filter(line -> Double.isFinite(loss(line)))
        .min((a, b) -> Double.compare(loss(a), loss(b)));
  }

  private static double loss(Line line) {
    return line.summary().map(RunSummary::valLoss).orElse(Double.NaN);
  }

  /**
   * The time until the end at the speed of the runs that are done, shared by the runs that are
   * running now.
   *
   * @return it; empty while nothing is known or nobody works
   */
  public Optional<Duration> left() {
    double seconds = 0;
    double tokens = 0;
    double tokensLeft = 0;
    for (Line line : runs) {
      if (line.summary().isPresent()) {
        seconds += line.summary().get().seconds();
        tokens += line.summary().get().tokens();
      } else if (line.state() != State.FAILED && line.state() != State.STOPPED) {
        RunConfig config = line.item().config();
        tokensLeft += config.tokens() - config.tokens(line.step());
      }
    }
    long workers = count(State.RUNNING);
    return tokens == 0 || (workers == 0 && tokensLeft > 0)
        ? Optional.empty()
        : Optional.of(
            Duration.ofMillis(
                (long) (1000 * tokensLeft * seconds / tokens / Math.max(1, workers))));
  }
}
