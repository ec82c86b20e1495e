package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.parallel.RankEnvironment.Launcher;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankEnvironmentTest {

  private static Map<String, String> variables(String... words) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String word : words) {
      variables.put(word.replaceFirst("=.*", ""), word.replaceFirst("[^=]*=", ""));
    }
    return variables;
  }

  @Test
  void aProcessByItselfIsNoRank() {
    assertThat(RankEnvironment.of(Map.of())).isEmpty();
    assertThat(RankEnvironment.of(variables("RANK=0", "WORLD_SIZE=1"))).isEmpty();
    assertThat(RankEnvironment.of(variables("RANK=3"))).isEmpty();
  }

  /** Slurm gives a batch script the number of tasks of its job; only srun starts them. */
  @Test
  void aBatchScriptIsNoRank() {
    assertThat(RankEnvironment.of(variables("SLURM_PROCID=0", "SLURM_NTASKS=4"))).isEmpty();
  }

  @Test
  void eachLauncherIsUnderstood() {
    assertThat(
            RankEnvironment.of(
                variables(
                    "OMPI_COMM_WORLD_RANK=3",
                    "OMPI_COMM_WORLD_SIZE=4",
                    "OMPI_COMM_WORLD_LOCAL_RANK=1",
                    "OMPI_COMM_WORLD_LOCAL_SIZE=2")))
        .contains(new RankEnvironment(3, 4, 1, 2, Launcher.OPEN_MPI));
    assertThat(RankEnvironment.of(variables("PMI_RANK=1", "PMI_SIZE=2", "MPI_LOCALRANKID=0")))
        .contains(new RankEnvironment(1, 2, 0, 0, Launcher.HYDRA));
    assertThat(
            RankEnvironment.of(
                variables("RANK=5", "WORLD_SIZE=8", "LOCAL_RANK=1", "LOCAL_WORLD_SIZE=4")))
        .contains(new RankEnvironment(5, 8, 1, 4, Launcher.TORCHRUN));
    assertThat(RankEnvironment.of(variables("SLURM_PROCID=1", "SLURM_STEP_NUM_TASKS=2")))
        .contains(new RankEnvironment(1, 2, 1, 0, Launcher.SRUN));
  }

  /** mpirun inside a job of Slurm: it is mpirun that has started this process. */
  @Test
  void theInnerLauncherCounts() {
    assertThat(
            RankEnvironment.of(
                    variables(
                        "SLURM_PROCID=0",
                        "SLURM_STEP_NUM_TASKS=2",
                        "OMPI_COMM_WORLD_RANK=1",
                        "OMPI_COMM_WORLD_SIZE=4"))
                .orElseThrow())
        .extracting(RankEnvironment::rank, RankEnvironment::size)
        .containsExactly(1, 4);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> RankEnvironment.of(variables("RANK=x", "WORLD_SIZE=2")))
        .isInstanceOf(InputException.class)
        .hasMessage("the environment's RANK is x; a whole number is expected");
    assertThatThrownBy(() -> RankEnvironment.of(variables("RANK=2", "WORLD_SIZE=2")))
        .isInstanceOf(InputException.class)
        .hasMessage("RANK is 2 and WORLD_SIZE is 2: ranks are numbered from 0");
  }
}
