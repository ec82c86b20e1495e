package io.adamant.study;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Judges by the observer's own clock whether an owner is gone: its counter must have stood still,
 * while we looked at it again and again, for as long as a lease. No clock of another machine
 * counts, and no time in which we did not look: an observer that was itself paused for an hour
 * takes nobody's run away.
 */
final class LeaseWatch {

  private static final int LOOKS = 4; // at least so many, before anyone is taken for gone

  private record Seen(String token, long atNanos, long quietNanos) {}

  private final long leaseNanos;
  private final LongSupplier clock;
  private final Map<Path, Seen> seen = new HashMap<>();

  LeaseWatch(Duration lease) {
    this(lease, System::nanoTime);
  }

  /** With a clock of nanoseconds, for tests. */
  LeaseWatch(Duration lease, LongSupplier clock) {
    this.leaseNanos = lease.toNanos();
    this.clock = clock;
  }

  /**
   * Looks at a claim.
   *
   * @param work the run's folder
   * @param state what its files say now
   * @return whether its counter has stood still for a lease
   */
  boolean expired(Path work, ClaimFiles.State state) {
    long now = clock.getAsLong();
    String token = state.epoch() + " " + state.beat();
    Seen before = seen.get(work);
    if (before == null || !before.token().equals(token)) {
      seen.put(work, new Seen(token, now, 0));
      return false;
    }
    long quiet = before.quietNanos() + Math.min(now - before.atNanos(), leaseNanos / LOOKS);
    seen.put(work, new Seen(token, now, quiet));
    return quiet >= leaseNanos;
  }
}
