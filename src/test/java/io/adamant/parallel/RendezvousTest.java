package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.adamant.base.InputException;
import io.adamant.parallel.RankEnvironment.Launcher;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RendezvousTest {

  private static final Map<String, String> STEP =
      Map.of("SLURM_JOB_ID", "123", "SLURM_STEP_ID", "4", "SLURM_STEP_NODELIST", "n[07-09,11],m1");

  private static RankEnvironment ranks(Launcher launcher) {
    return new RankEnvironment(1, 2, 1, 2, launcher);
  }

  private static Optional<Rendezvous> of(Launcher launcher, Map<String, String> environment) {
    return Rendezvous.of(ranks(launcher), environment);
  }

  private static Map<String, String> with(Map<String, String> all, String name, String value) {
    Map<String, String> changed = new HashMap<>(all);
    changed.put(name, value);
    return changed;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "n1|n1",
        "a,b|a b",
        "n[1-3,7]|n1 n2 n3 n7",
        "n[08-11]|n08 n09 n10 n11",
        "login,n[1-2]-ib|login n1-ib n2-ib",
        "r[1-2]n[1,3]|r1n1 r1n3 r2n1 r2n3",
        "''|''"
      })
  void nodesAreThoseOfSlurmsList(String list, String nodes) {
    assertThat(String.join(" ", Rendezvous.nodes(list))).isEqualTo(nodes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"n[a]", "n[1-]", "n[]"})
  void aListThatCannotBeReadIsRefused(String list) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Rendezvous.nodes(list))
        .withMessageContaining(list);
  }

  @Test
  void torchrunsStoreHasThePortBefore() {
    Map<String, String> environment = Map.of("MASTER_ADDR", "h", "MASTER_PORT", "29500");
    Rendezvous place = of(Launcher.TORCHRUN, environment).orElseThrow();
    assertThat(place.host()).isEqualTo("h");
    assertThat(place.port()).isEqualTo(29_501);
    assertThat(place.token()).isEmpty();
    assertThat(of(Launcher.TORCHRUN, with(environment, Rendezvous.PORT, "4000")))
        .map(Rendezvous::port)
        .contains(4000);
  }

  @Test
  void aStepOfSlurmMeetsOnItsFirstNodeAtAPortOfItsOwn() {
    Rendezvous place = of(Launcher.SRUN, STEP).orElseThrow();
    assertThat(place.host()).isEqualTo("n07");
    assertThat(place.port()).isEqualTo(20_000 + Math.floorMod("123.4".hashCode(), 20_000));
    assertThat(of(Launcher.SRUN, STEP)).contains(place);
    Rendezvous other = of(Launcher.SRUN, with(STEP, "SLURM_STEP_ID", "5")).orElseThrow();
    assertThat(other.port()).isNotEqualTo(place.port());
    assertThat(other.token()).isNotEqualTo(place.token());
    assertThat(of(Launcher.SRUN, with(STEP, "MASTER_ADDR", "h")))
        .map(Rendezvous::host)
        .contains("h");
  }

  @Test
  void anotherStartHasAnotherToken() {
    Map<String, String> environment =
        Map.of("MASTER_ADDR", "h", "MASTER_PORT", "29500", "TORCHELASTIC_RUN_ID", "run");
    String first = of(Launcher.TORCHRUN, environment).orElseThrow().token();
    assertThat(first).hasSize(64);
    assertThat(of(Launcher.TORCHRUN, with(environment, "TORCHELASTIC_RESTART_COUNT", "1")))
        .map(Rendezvous::token)
        .isNotEqualTo(Optional.of(first));
  }

  @ParameterizedTest
  @CsvSource({"MASTER_PORT,65535", "MASTER_PORT,x", "ADAMANT_PORT,0", "ADAMANT_PORT,70000"})
  void whatIsNoPortIsRefused(String variable, String text) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> of(Launcher.TORCHRUN, Map.of("MASTER_ADDR", "h", variable, text)))
        .withMessageContaining(variable + " is " + text);
  }

  @Test
  void whereNothingTellsThePlaceTheFixIsTold() {
    assertThat(of(Launcher.OPEN_MPI, STEP)).isEmpty();
    assertThat(of(Launcher.TORCHRUN, Map.of("MASTER_ADDR", "h"))).isEmpty();
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> World.join(ranks(Launcher.TORCHRUN), Map.of(), () -> {}))
        .withMessageContaining("set MASTER_ADDR to its host and ADAMANT_PORT");
  }

  @Test
  void anEngineThatIsAskedForAndNotThereIsRefusedWithTheFix() {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(
            () ->
                World.join(ranks(Launcher.TORCHRUN), Map.of(RankEngine.VARIABLE, "mpi"), () -> {}))
        .withMessageContaining("start them with mpirun, or srun --mpi=pmix");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> RankEngine.asked(Map.of(RankEngine.VARIABLE, "gloo")))
        .withMessage("the environment's ADAMANT_RANKS is gloo; allowed: mpi, nccl, tcp");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> RankEngine.choose(Optional.of(RankEngine.NCCL), false, true))
        .withMessageContaining("set training.device to cuda");
    for (RankEngine engine : List.of(RankEngine.MPI, RankEngine.TCP)) {
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(() -> RankEngine.choose(Optional.of(engine), true, true))
          .withMessageContaining("set training.device to cpu");
    }
  }

  @Test
  void tensorsGoByWhatThereIs() {
    assertThat(RankEngine.choose(Optional.empty(), true, true)).isEqualTo(RankEngine.NCCL);
    assertThat(RankEngine.choose(Optional.empty(), true, false)).isEqualTo(RankEngine.NCCL);
    assertThat(RankEngine.choose(Optional.empty(), false, true)).isEqualTo(RankEngine.MPI);
    assertThat(RankEngine.choose(Optional.empty(), false, false)).isEqualTo(RankEngine.TCP);
    assertThat(RankEngine.choose(Optional.of(RankEngine.TCP), false, true))
        .isEqualTo(RankEngine.TCP);
  }

  /** Of another start that met at the same port. */
  @Test
  void aRankWithAnotherTokenIsTurnedAway() throws Exception {
    CompletableFuture<String> told = new CompletableFuture<>();
    CompletableFuture<String> lost = new CompletableFuture<>();
    Coordinator coordinator = new Coordinator(0, "this-start", () -> 0, () -> {}, told::complete);
    List<InetSocketAddress> door =
        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), coordinator.port()));
    Thread assembly = Coordinator.daemon("assembly", () -> coordinator.assemble(2));
    new Member(door, "another", 1, () -> 0, lost::complete);
    assertThat(lost.get(30, TimeUnit.SECONDS)).isNotEmpty();
    assertThat(assembly.isAlive()).isTrue();

    Member member = new Member(door, "this-start", 1, () -> 0, lost::complete);
    assembly.join(30_000);
    assertThat(assembly.isAlive()).isFalse();
    coordinator.order("word");
    assertThat(member.next()).contains("word");
    assertThat(told).isNotDone();
    coordinator.close(0);
    assertThat(member.next()).isEmpty();
    member.close();
  }
}
