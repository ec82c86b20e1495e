package io.adamant.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A run that this process may train: the claim, and the heartbeat that keeps it. */
final class RunClaim implements AutoCloseable {

  private static final int BEATS_A_LEASE = 8;

  private final ClaimFiles files;
  private final int epoch;
  private final Optional<Owner> robbed;
  private final ScheduledExecutorService heart;
  private final ScheduledFuture<?> beating;
  private volatile boolean lost;
  private volatile long step;
  private long beats;

  private RunClaim(ClaimFiles files, int epoch, Optional<Owner> robbed, Duration lease) {
    this.files = files;
    this.robbed = robbed;
    this.epoch = epoch;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    long period = lease.toMillis() / BEATS_A_LEASE;
    this.beating =
        heart.scheduleAtFixedRate(this::beat, 0, Math.max(1, period), TimeUnit.MILLISECONDS);
  }

  /**
   * Claims a run if it is free, or if its owner is gone.
   *
   * @param files of the run
   * @param watch judges the owner's heartbeat
   * @param lease how long a heartbeat may stand still
   * @param self who claims
   * @return the claim; empty if another one has it
   */
  static Optional<RunClaim> acquire(
      ClaimFiles files, LeaseWatch watch, Duration lease, Owner self) {
    Optional<ClaimFiles.State> state = files.look();
    int epoch = state.map(ClaimFiles.State::epoch).orElse(0) + 1;
    boolean claimed =
        state.isEmpty()
            ? files.create()
            : (!state.get().held() || isGone(files, watch, state.get()))
                && files.takeOver(state.get());
    return claimed && files.sign(epoch, self)
        ? Optional.of(
            new RunClaim(
                files,
                epoch,
                state
                    .filter(ClaimFiles.State::held)
                    .flatMap(s -> Owner.read(files.owner(s.epoch()))),
                lease))
        : Optional.empty();
  }

  /** Whether a claim's owner is known to be dead, or has been silent for a lease. */
  static boolean isGone(ClaimFiles files, LeaseWatch watch, ClaimFiles.State state) {
    return Owner.read(files.owner(state.epoch())).filter(Owner::isKnownDead).isPresent()
        || watch.expired(files.work(), state);
  }

  /** Whose claim this was, if that one never gave it back. */
  Optional<Owner> robbed() {
    return robbed;
  }

  int epoch() {
    return epoch;
  }

  /** Where the owner of this claim trains. */
  Path attempt() {
    return files.attempt(epoch);
  }

  /** Tells others how far the run is; seen with the next heartbeat. */
  void at(long stepsDone) {
    step = stepsDone;
  }

  /**
   * Whether another one has taken the run over, as it may after this process was stopped for longer
   * than a lease. Known with the next heartbeat, so too late for anything to rely on: what makes a
   * late worker harmless is that it has a folder of its own and that publishing replaces nothing.
   */
  boolean lost() {
    return lost;
  }

  private void beat() {
    try {
      if (files.isCurrent(epoch)) {
        beats++;
        files.beat(epoch, beats + " " + step);
      } else {
        lost = true;
      }
    } catch (IOException | UncheckedIOException e) {
      return; // a file server that is away for a while; if for a lease, others go on
    }
  }

  /** Ends the heartbeat and gives the run back. */
  @Override
  public void close() {
    beating.cancel(false);
    heart.shutdown();
    try {
      if (!heart.awaitTermination(1, TimeUnit.MINUTES)) {
        heart.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    files.release(epoch);
  }
}
