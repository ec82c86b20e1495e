package io.adamant.cli;

import io.adamant.parallel.RankEnvironment;
import io.adamant.parallel.World;
import io.adamant.train.RankFollower;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Ranks that mpirun, srun or torchrun started with this process: rank 0 commands, the others obey.
 */
final class Launched {

  private Launched() {}

  /** What the launcher says; empty for a process by itself. */
  static Optional<RankEnvironment> environment() {
    return RankEnvironment.of(System.getenv());
  }

  /**
   * Joins the others, if there are any. A rank above 0 returns when rank 0 is done.
   *
   * @return exit code of a rank above 0; empty on rank 0, whose command goes on
   */
  static OptionalInt join() {
    Optional<RankEnvironment> environment = environment();
    if (environment.isEmpty()) {
      return OptionalInt.empty();
    }
    World world = World.join(environment.get(), System.getenv(), StopSignal::ask);
    if (world.member().isEmpty()) {
      return OptionalInt.empty();
    }
    StopSignal.install(() -> world.member().get().askToStop());
    return OptionalInt.of(new RankFollower(world).obey());
  }
}
