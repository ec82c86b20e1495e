package io.adamant.parallel;

import io.adamant.base.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What ranks exchange tensors with. */
enum RankEngine {
  /** {@link MpiRanks}. */
  MPI,
  /** {@link NcclRanks}. */
  NCCL,
  /** {@link SocketRanks}. */
  TCP;

  /** Environment variable that asks for one. */
  static final String VARIABLE = "ADAMANT_RANKS";

  /** The one that is asked for; empty if Adamant may choose. */
  static Optional<RankEngine> asked(Map<String, String> environment) {
    String word = environment.getOrDefault(VARIABLE, "").strip();
    if (word.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Arrays.stream(values())
            .filter(engine -> engine.word().equals(word))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "the environment's %s is %s; allowed: %s"
                            .formatted(
                                VARIABLE,
                                word,
                                Arrays.stream(values())
                                    .map(RankEngine::word)
                                    .collect(Collectors.joining(", "))))));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The one for a run.
   *
   * @param asked by the user
   * @param gpu whether the run's tensors are on GPUs
   * @param mpi whether the ranks have joined over MPI
   * @throws InputException if the one that is asked for is not there, or of no use to the run
   */
  static RankEngine choose(Optional<RankEngine> asked, boolean gpu, boolean mpi) {
    RankEngine engine = asked.orElse(gpu ? NCCL : mpi ? MPI : TCP);
    if (engine == MPI && !mpi) {
      throw withoutMpi();
    }
    if (gpu != (engine == NCCL)) {
      throw new InputException(
          "the environment's %s is %s, which exchanges tensors on %s, and the run's are on %s: unset it, or set training.device to %s"
              .formatted(
                  VARIABLE,
                  engine.word(),
                  gpu ? "CPUs" : "GPUs",
                  gpu ? "GPUs" : "the CPU",
                  gpu ? "cpu" : "cuda"));
    }
    return engine;
  }

  /** MPI is asked for, and nothing of it is there. */
  static InputException withoutMpi() {
    return new InputException(
        "the environment's %s is mpi, and the ranks were not started by MPI: start them with mpirun, or srun --mpi=pmix, or unset it"
            .formatted(VARIABLE));
  }
}
