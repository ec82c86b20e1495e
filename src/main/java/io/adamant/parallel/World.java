package io.adamant.parallel;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.adamant.base.Host;
import io.adamant.base.InputException;
import io.adamant.tensor.TensorMemory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The processes that train together: how they exchange tensors, and on rank 0 the {@link
 * Coordinator}, on the others the {@link Member}.
 */
public final class World {

  private static final World ALONE = new World(Ranks.ONE, null, null);
  private static final int ADDRESS_BYTES = 4096;
  private static volatile World here = ALONE;

  private final Ranks ranks;
  private final Coordinator coordinator;
  private final Member member;

  private World(Ranks ranks, Coordinator coordinator, Member member) {
    this.ranks = ranks;
    this.coordinator = coordinator;
    this.member = member;
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
    if (!environment.launcher().isMpi() && !variables.containsKey("PMIX_RANK")) {
      throw new InputException(
          "%s has started %s ranks; on CPUs Adamant's ranks need MPI: start them with mpirun, or srun --mpi=pmix"
              .formatted(environment.launcher().word(), environment.size()));
    }
    Binding.widen(environment, variables);
    here = overMpi(new TimedRanks(new MpiRanks(environment)), stop);
    return here;
  }

  /** MPI tells the others where rank 0 listens, and the token. */
  private static World overMpi(TimedRanks ranks, Runnable stop) {
    if (ranks.rank() == 0) {
      String token = token();
      Coordinator coordinator = new Coordinator(0, token, ranks::waiting, stop, World::end);
      List<String> addresses = new ArrayList<>(List.of(token, Host.name()));
      addresses.addAll(Coordinator.addresses());
      addresses.add(1, Integer.toString(coordinator.port()));
      told(ranks, String.join(" ", addresses));
      coordinator.assemble(ranks.size());
      return new World(ranks, coordinator, null);
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
    return new World(
        ranks, null, new Member(addresses, words[0], ranks.rank(), ranks::waiting, World::end));
  }

  private static String token() {
    byte[] bytes = new byte[16];
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
    return new World(ranks, coordinator, member);
  }

  /**
   * How tensors are exchanged.
   *
   * @return the ranks
   */
  public Ranks ranks() {
    return ranks;
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
    ranks.close();
    here = ALONE;
  }
}
