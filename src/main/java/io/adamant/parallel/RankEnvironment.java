package io.adamant.parallel;

import io.adamant.base.InputException;
import java.util.Map;
import java.util.Optional;

/**
 * Which of several processes this one is, as its launcher says in the environment.
 *
 * @param rank its number, from 0
 * @param size how many there are, at least 2
 * @param localRank its number on its machine
 * @param localSize how many there are on its machine; 0 where the launcher does not say
 * @param launcher who says so
 */
public record RankEnvironment(int rank, int size, int localRank, int localSize, Launcher launcher) {

  /** Programs that start ranks, and the variables in which they say which. */
  public enum Launcher {
    /** OpenMPI's. */
    OPEN_MPI(
        "OpenMPI's mpirun",
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "OMPI_COMM_WORLD_LOCAL_SIZE"),
    /** MPICH's and Intel MPI's. */
    HYDRA("MPICH's mpirun", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"),
    /** PyTorch's, and whoever sets the same variables. */
    TORCHRUN("torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    /** Slurm's; a batch script is no step of it. */
    SRUN("srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE");

    private final String word;
    private final String rank;
    private final String size;
    private final String localRank;
    private final String localSize;

    Launcher(String word, String rank, String size, String localRank, String localSize) {
      this.word = word;
      this.rank = rank;
      this.size = size;
      this.localRank = localRank;
      this.localSize = localSize;
    }

    /**
     * The launcher for people.
     *
     * @return such as {@code torchrun}
     */
    public String word() {
      return word;
    }

    /** Whether it starts programs of MPI. */
    boolean isMpi() {
      return this == OPEN_MPI || this == HYDRA;
    }

    private Optional<RankEnvironment> read(Map<String, String> environment) {
      String own = environment.getOrDefault(rank, "");
      String all = environment.getOrDefault(size, "");
      if (own.isEmpty() || all.isEmpty() || all.strip().equals("1")) {
        return Optional.empty();
      }
      int number = number(rank, own);
      int ranks = number(size, all);
      if (number >= ranks) {
        throw new InputException(
            "%s is %s and %s is %s: ranks are numbered from 0".formatted(rank, own, size, all));
      }
      String local = environment.getOrDefault(localRank, "");
      String beside = environment.getOrDefault(localSize, "");
      return Optional.of(
          new RankEnvironment(
              number,
              ranks,
              local.isEmpty() ? number : number(localRank, local),
              beside.matches("\\d{1,6}") ? Integer.parseInt(beside) : 0,
              this));
    }

    private static int number(String variable, String text) {
      if (!text.strip().matches("\\d{1,6}")) {
        throw new InputException(
            "the environment's %s is %s; a whole number is expected".formatted(variable, text));
      }
      return Integer.parseInt(text.strip());
    }
  }

  /**
   * Reads an environment: the first launcher whose variables are there counts, since one that is
   * started by another, as mpirun in a job of Slurm, leaves the outer one's in place.
   *
   * @param environment variables
   * @return empty for a process by itself
   * @throws InputException if a variable is no number, or the rank none of so many
   */
  public static Optional<RankEnvironment> of(Map<String, String> environment) {
    for (Launcher launcher : Launcher.values()) {
      Optional<RankEnvironment> found = launcher.read(environment);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }
}
