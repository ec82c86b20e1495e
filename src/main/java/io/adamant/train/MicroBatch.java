package io.adamant.train;

import ai.djl.Device;
import io.adamant.base.InputException;
import io.adamant.config.GroupConfig;
import io.adamant.config.Readout;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.tensor.DeviceMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * How many sequences a run computes at once. Another number rounds sums otherwise, so a run keeps
 * the one that it was begun with.
 *
 * @param size sequences
 * @param source why this one, in words for the manifest
 */
public record MicroBatch(int size, String source) {

  private static final String CONFIGURED = "configured";

  /** Tries sizes on the device; a size that does not fit throws what the engine throws. */
  interface Trial extends IntConsumer, AutoCloseable {
    @Override
    void close();
  }

  /** The number that a run with a checkpoint was begun with, from its manifest. */
  static Optional<MicroBatch> begun(Path root) {
    double size = RunDirectory.manifest(root).number(Manifest.Key.MICRO_BATCH);
    return Files.isDirectory(root.resolve(RunDirectory.CHECKPOINT)) && size > 0
        ? Optional.of(new MicroBatch((int) size, "begun with"))
        : Optional.empty();
  }

  /**
   * The number that is configured or, for {@code auto}, what was found before, or else the largest
   * divisor of the batch that a trial gets through.
   *
   * @param training the run's settings
   * @param memory of earlier findings
   * @param key of this run's shape and device
   * @param trial opened only if something must be tried
   */
  static MicroBatch choose(
      TrainConfig training, MachineCache memory, String key, Supplier<Trial> trial) {
    if (training.microBatch() > 0) {
      return new MicroBatch(
          training.microBatch(),
          training.microBatch() == training.batch() ? "the whole batch" : CONFIGURED);
    }
    int batch = training.largestMicroBatch();
    Optional<Integer> known =
        memory.get(key).map(Double::intValue).filter(n -> n > 0 && batch % n == 0);
    if (known.isPresent()) {
      return new MicroBatch(known.get(), "found before on this device");
    }
    try (Trial open = trial.get()) {
      for (int size : divisors(batch)) {
        if (fits(open, size)) {
          memory.put(key, size);
          return new MicroBatch(size, "the largest that fits");
        }
      }
    }
    throw new InputException(
        "training.micro_batch is auto; not even one sequence fits into the memory of "
            + training.device()
            + ": take a smaller model.context, or training.checkpoint_activations: true");
  }

  private static boolean fits(Trial trial, int size) {
    try {
      trial.accept(size);
      return true;
    } catch (RuntimeException e) {
      if (DeviceMemory.ranOut(e)) {
        return false;
      }
      throw e;
    }
  }

  /** The next smaller size, to be taken by the next start after this one ran out of memory. */
  OptionalInt smaller(int batch) {
    return divisors(batch).stream().mapToInt(d -> d).filter(d -> d < size).findFirst();
  }

  /**
   * The sizes that a micro-batch can have.
   *
   * @param batch sequences
   * @return its divisors, the largest first
   */
  public static List<Integer> divisors(int batch) {
    return IntStream.rangeClosed(1, batch)
        .map(i -> batch + 1 - i)
        .filter(d -> batch % d == 0)
        .boxed()
        .toList();
  }

  /** What decides how much memory a micro-batch takes, and how much there is. */
  static String key(RunConfig config, Device device, int vocabulary, String kernels, int copies) {
    return String.join(
        "; ",
        DeviceMemory.identity(device),
        config.model().toString(),
        "vocabulary " + vocabulary,
        kernels,
        config.training().precision().toString(),
        "recompute " + config.training().checkpointActivations(),
        "batch " + config.training().largestMicroBatch(),
        OptimizerTexts.byContent(config, Path.of("")).optimizer().type(),
        groups(config),
        "copies " + copies + (config.training().readout() == Readout.TRAINED ? "" : ", readout"));
  }

  private static String groups(RunConfig config) {
    List<String> frozen =
        config.groups().values().stream()
            .filter(GroupConfig::isFrozen)
            .map(GroupConfig::match)
            .toList();
    return config.groups().keySet() + (frozen.isEmpty() ? "" : ", frozen " + frozen);
  }
}
