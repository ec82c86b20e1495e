package io.adamant.parallel;

import ai.djl.Device;
import java.util.Optional;
import java.util.OptionalInt;

/** Ranks that meet as those with a GPU do, where there is none. */
public final class PretendedGpus {

  private PretendedGpus() {}

  /** Rank 0, which chooses. */
  public static Ranks lead(int size, Coordinator coordinator) {
    TimedRanks ranks = new TimedRanks(0, size);
    exchange(ranks).lead(OptionalInt.of(0), coordinator::order, coordinator);
    return ranks;
  }

  /** Another rank, which follows. */
  public static Ranks follow(int rank, int size, Member member) {
    TimedRanks ranks = new TimedRanks(rank, size);
    exchange(ranks).follow(member.next().orElseThrow(), member);
    return ranks;
  }

  private static Exchange exchange(TimedRanks ranks) {
    return new Exchange(ranks, () -> Device.gpu(0), Optional.empty(), Optional.empty());
  }
}
