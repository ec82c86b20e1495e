package io.adamant.parallel;

import ai.djl.Device;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.adamant.base.Host;
import io.adamant.base.InputException;
import io.adamant.tensor.Devices;
import io.adamant.tensor.TensorMemory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The processes that train together: how they exchange tensors, and on rank 0 the {@link
 * Coordinator}, on the others the {@link Member}.
 */
public final class World {

  private static final World ALONE = new World(Ranks.one(), null, null, null);
  private static final int ADDRESS_BYTES = 4096;
  private static volatile World here = ALONE;

  private final Ranks ranks;
  private final Coordinator coordinator;
  private final Member member;
  private final Exchange exchange; // null where it is given

  private World(Ranks ranks, Coordinator coordinator, Member member, Exchange exchange) {
    this.ranks = ranks;
    this.coordinator = coordinator;
    this.member = member;
    this.exchange = exchange;
  }

  /**
   * A process by itself.
   *
   * @return a world of one rank
   */
  public static World alone() {
    return ALONE;
  }

  /**
   * This process's.
   *
   * @return the world that it has joined, or one of its own
   */
  public static World here() {
    return here;
  }

  /**
   * Joins the processes that a launcher has started with this one; at most once in a process.
   *
   * @param environment what the launcher says
   * @param variables the environment's
   * @param stop called on rank 0 when a signal asks another rank to stop
   * @return the world, which is also {@link #here}
   * @throws InputException if they cannot be joined
   */
  public static World join(
      RankEnvironment environment, Map<String, String> variables, Runnable stop) {
    Optional<RankEngine> asked = RankEngine.asked(variables);
    Optional<Rendezvous> place = Rendezvous.of(environment, variables);
    boolean byMpi = environment.launcher().isMpi() || variables.containsKey("PMIX_RANK");
    if (!byMpi && asked.equals(Optional.of(RankEngine.MPI))) {
      throw RankEngine.withoutMpi();
    }
    Binding.widen(environment, variables);
    boolean without = asked.isPresent() && asked.get() != RankEngine.MPI && place.isPresent();
    here =
        byMpi && !without
            ? overMpi(environment, asked, stop)
            : overTcp(environment, place, asked, stop);
    return here;
  }

  /** MPI tells the others where rank 0 listens, and the token. */
  private static World overMpi(
      RankEnvironment environment, Optional<RankEngine> asked, Runnable stop) {
    MpiRanks mpi = new MpiRanks(environment);
    TimedRanks ranks = new TimedRanks(mpi.rank(), mpi.size());
    ranks.use(() -> mpi);
    Exchange exchange = new Exchange(ranks, gpu(environment), asked, Optional.of(mpi));
    if (ranks.rank() == 0) {
      String token = token();
      Coordinator coordinator = new Coordinator(0, token, ranks::waiting, stop, World::end);
      List<String> addresses = new ArrayList<>(List.of(token, Host.name()));
      addresses.addAll(Coordinator.addresses());
      addresses.add(1, Integer.toString(coordinator.port()));
      told(ranks, String.join(" ", addresses));
      coordinator.assemble(ranks.size());
      return new World(ranks, coordinator, null, exchange);
    }
    String[] words = told(ranks, "").split(" ", -1); // token, port, host, addresses
    int port = Integer.parseInt(words[1]);
    List<InetSocketAddress> addresses = new ArrayList<>();
    if (words[2].equals(Host.name())) {
      addresses.add(InetSocketAddress.createUnresolved("127.0.0.1", port));
    }
    for (int i = 2; i < words.length; i++) {
      addresses.add(InetSocketAddress.createUnresolved(words[i], port));
    }
    Member member = new Member(addresses, words[0], ranks.rank(), ranks::waiting, World::end);
    return new World(ranks, null, member, exchange);
  }

  /** Rank 0 listens where all know it to. */
  private static World overTcp(
      RankEnvironment environment,
      Optional<Rendezvous> found,
      Optional<RankEngine> asked,
      Runnable stop) {
    Rendezvous place =
        found.orElseThrow(
            () ->
                new InputException(
                    "%s has started %s ranks and does not say where rank 0 is: set MASTER_ADDR to its host and %s to a free port of it on all ranks, or start them with mpirun"
                        .formatted(
                            environment.launcher().word(), environment.size(), Rendezvous.PORT)));
    TimedRanks ranks = new TimedRanks(environment.rank(), environment.size());
    Exchange exchange = new Exchange(ranks, gpu(environment), asked, Optional.empty());
    if (ranks.rank() == 0) {
      Coordinator coordinator =
          new Coordinator(place.port(), place.token(), ranks::waiting, stop, World::end);
      coordinator.assemble(ranks.size());
      return new World(ranks, coordinator, null, exchange);
    }
    List<InetSocketAddress> addresses =
        List.of(InetSocketAddress.createUnresolved(place.host(), place.port()));
    Member member = new Member(addresses, place.token(), ranks.rank(), ranks::waiting, World::end);
    return new World(ranks, null, member, exchange);
  }

  private static Supplier<Device> gpu(RankEnvironment environment) {
    return () -> Devices.ofRank(environment.localRank());
  }

  static String token() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** What rank 0 says. */
  private static String told(Ranks ranks, String text) {
    try (Memory memory = new Memory(ADDRESS_BYTES)) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      memory.clear();
      memory.write(0, bytes, 0, Math.min(bytes.length, ADDRESS_BYTES - 1));
      ranks.broadcast(new TensorMemory(Pointer.nativeValue(memory), ADDRESS_BYTES), 0);
      return memory.getString(0, StandardCharsets.UTF_8.name());
    }
  }

  /** A rank is lost, or this one is: nothing that waits for it could go on. */
  private static void end(String reason) {
    if (!reason.isEmpty()) {
      System.err.println("adamant: " + reason + "; all ranks end");
      System.err.flush();
    }
    Runtime.getRuntime().halt(1);
  }

  /**
   * Of ranks that run in threads of one process, one.
   *
   * @param ranks how they exchange tensors
   * @param coordinator on rank 0
   * @param member on the others
   * @return a world that is not {@link #here}
   */
  public static World of(Ranks ranks, Coordinator coordinator, Member member) {
    return new World(ranks, coordinator, member, null);
  }

  /**
   * How tensors are exchanged, once {@link #connect} or {@link #follow} has said it.
   *
   * @return the ranks
   */
  public Ranks ranks() {
    return ranks;
  }

  /**
   * On rank 0, before a run: chooses how its tensors are exchanged, since only a run has a device,
   * and finds the others. Nothing happens where that is as it was.
   *
   * @param gpu number of this rank's; empty for a run on CPUs
   * @param order gives the others an order with what {@link #follow} wants
   * @throws InputException if there is no way, or none that the user asked for; no order was given
   *     then
   */
  public void connect(OptionalInt gpu, Consumer<String> order) {
    if (exchange != null) {
      exchange.lead(gpu, order, coordinator);
    }
  }

  /**
   * On another rank: exchanges tensors as rank 0 has chosen.
   *
   * @param how of the order
   * @throws InputException if this rank cannot
   */
  public void follow(String how) {
    exchange.follow(how, member);
  }

  /**
   * The GPU of this rank: that of its number on its machine, or the only one that it sees.
   *
   * @return a device
   * @throws InputException if there is none
   */
  public Device gpu() {
    return exchange == null ? Devices.ofRank(0) : exchange.gpu();
  }

  /**
   * Ranks that compute with the same processors.
   *
   * @return how many, this one too; 1 on a rank above 0, which is told
   */
  public int sharing() {
    return coordinator().map(Coordinator::sharing).orElse(1);
  }

  /**
   * What rank 0 speaks to the others with.
   *
   * @return empty on the others, and where there are none
   */
  public Optional<Coordinator> coordinator() {
    return Optional.ofNullable(coordinator);
  }

  /**
   * What another rank hears rank 0 with.
   *
   * @return empty on rank 0
   */
  public Optional<Member> member() {
    return Optional.ofNullable(member);
  }

  /**
   * Leaves, as all ranks do.
   *
   * @param exitCode that rank 0 will end with
   */
  public void leave(int exitCode) {
    coordinator().ifPresent(c -> c.close(exitCode));
    member().ifPresent(Member::close);
    if (exchange != null) {
      exchange.close();
    } else {
      ranks.close();
    }
    here = ALONE;
  }
}
