package io.adamant.parallel;

import ai.djl.Device;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The way in which the ranks that a launcher has started exchange tensors, and a change of it. */
final class Exchange {

  private static final String LINE = "\n";

  private final TimedRanks ranks;
  private final Supplier<Device> gpu;
  private final Optional<RankEngine> asked;
  private final Optional<MpiRanks> mpi;
  private Optional<RankEngine> current;

  /**
   * Before the first run.
   *
   * @param ranks that all of Adamant knows
   * @param gpu that this rank takes
   * @param asked by the user
   * @param mpi over which the ranks have joined, which is then in use already
   */
  Exchange(
      TimedRanks ranks, Supplier<Device> gpu, Optional<RankEngine> asked, Optional<MpiRanks> mpi) {
    this.ranks = ranks;
    this.gpu = gpu;
    this.asked = asked;
    this.mpi = mpi;
    current = mpi.map(joined -> RankEngine.MPI);
  }

  Device gpu() {
    return gpu.get();
  }

  /** On rank 0: see {@link World#connect}. */
  void lead(OptionalInt device, Consumer<String> order, Coordinator coordinator) {
    RankEngine engine = RankEngine.choose(asked, device.isPresent(), mpi.isPresent());
    if (current.equals(Optional.of(engine))) {
      return;
    }
    switch (engine) {
      case MPI -> {
        order.accept(engine.name());
        change(engine);
      }
      case NCCL -> {
        byte[] id = NcclRanks.uniqueId();
        order.accept(engine + " " + HexFormat.of().formatHex(id));
        change(engine);
        ranks.use(() -> new NcclRanks(ranks.rank(), ranks.size(), id, device));
      }
      case TCP -> {
        SocketRanks.Door door = SocketRanks.open(ranks.size());
        String token = World.token();
        order.accept(engine + " " + token);
        change(engine);
        StringBuilder doors = new StringBuilder(door.address());
        coordinator.answers().forEach(address -> doors.append(LINE).append(address));
        coordinator.order(doors.toString());
        ranks.use(() -> sockets(door, doors.toString(), token));
      }
    }
  }

  /** On another rank: see {@link World#follow}. */
  void follow(String how, Member member) {
    String[] words = how.split(" ", 2);
    RankEngine engine = RankEngine.valueOf(words[0]);
    switch (engine) {
      case MPI -> change(engine);
      case NCCL -> {
        OptionalInt device = OptionalInt.of(gpu.get().getDeviceId());
        change(engine);
        byte[] id = HexFormat.of().parseHex(words[1]);
        ranks.use(() -> new NcclRanks(ranks.rank(), ranks.size(), id, device));
      }
      case TCP -> {
        SocketRanks.Door door = SocketRanks.open(ranks.size());
        change(engine);
        member.answer(door.address());
        String doors = member.next().orElseThrow();
        ranks.use(() -> sockets(door, doors, words[1]));
      }
    }
  }

  private SocketRanks sockets(SocketRanks.Door door, String doors, String token) {
    return new SocketRanks(ranks.rank(), door, List.of(doors.split(LINE, -1)), token);
  }

  /** MPI stays, since it can be joined but once. */
  private void change(RankEngine engine) {
    if (!current.equals(Optional.of(RankEngine.MPI))) {
      ranks.close();
    }
    if (engine == RankEngine.MPI) {
      ranks.use(mpi::orElseThrow);
    }
    current = Optional.of(engine);
  }

  /** Leaves the others. */
  void close() {
    if (!current.equals(Optional.of(RankEngine.MPI))) {
      ranks.close();
    }
    mpi.ifPresent(MpiRanks::close);
  }
}
