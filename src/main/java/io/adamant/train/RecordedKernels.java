package io.adamant.train;

import ai.djl.Device;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.model.KernelPath;
import io.adamant.results.RunDirectory;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.Devices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Which kernels a run uses: those that it was begun with, else those asked for, else the machine's
 * choice. Other kernels round differently, so a run does not change them on the way.
 */
final class RecordedKernels {

  private RecordedKernels() {}

  /** The name for a resolved configuration. */
  static String resolve(RunConfig config, Device device) {
    return resolve(config, CpuFeatures.detect(), device);
  }

  /** The name on a machine with some processor. */
  static String resolve(RunConfig config, CpuFeatures cpu, Device device) {
    String asked = config.training().kernels();
    if (asked.equals("auto")) {
      int context = config.model().context();
      return KernelPath.choose(cpu, device, config.training().precision(), context).label();
    }
    if (!KernelPath.of(asked).isAvailable(cpu, device, config.training().precision())) {
      throw InputException.badValue(
          "training.kernels",
          asked,
          KernelPath.available(cpu, device, config.training().precision()).stream()
              .map(KernelPath::label)
              .collect(Collectors.joining(" or ", "auto, or with this device and precision ", "")));
    }
    return asked;
  }

  /** Whether this machine has kernels of a name for a resolved configuration. */
  static boolean areAvailable(String kernels, RunConfig config) {
    Device device = Devices.select(config.training().device());
    return kernels.equals("auto")
        || KernelPath.available(CpuFeatures.detect(), device, config.training().precision())
            .stream()
            .anyMatch(path -> path.label().equals(kernels));
  }

  /** The path of a run in its directory, whose {@code run.yaml} wins if it has a checkpoint. */
  static KernelPath in(Path root, RunConfig config, Device device) {
    String kernels = config.training().kernels();
    if (Files.isDirectory(root.resolve(RunDirectory.CHECKPOINT)) && RunDirectory.isRun(root)) {
      String recorded = RunDirectory.config(root).training().kernels();
      kernels = recorded.equals("auto") ? kernels : recorded;
    }
    KernelPath path = KernelPath.of(kernels);
    if (!path.isAvailable(CpuFeatures.detect(), device, config.training().precision())) {
      throw new InputException(
          root
              + " was begun with the kernels "
              + path.label()
              + ", which this machine does not have; resume where they are, or start again with"
              + " another --results");
    }
    return path;
  }
}
