package io.adamant.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.adamant.data.CacheDirectory;
import io.adamant.model.KernelPath;
import io.adamant.model.MatmulPeak;
import io.adamant.tensor.DeviceMemory;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The fastest matrix product that was ever measured on a device, remembered: whatever else runs can
 * only make one slower, so the best counts.
 */
public final class PeakOfDevice {

  private static final String FILE = "matmul-peak.json";

  private final MachineCache memory;
  private final String key;
  private final Device device;
  private final KernelPath path;

  PeakOfDevice(Path cache, Device device, KernelPath path, int threads) {
    memory = new MachineCache(cache.resolve(FILE));
    this.device = device;
    this.path = path;
    String where = device.isGpu() ? "" : ", " + threads + " threads";
    key =
        "%s%s, %s, libtorch %s"
            .formatted(
                DeviceMemory.identity(device),
                where,
                path.linear(),
                Engine.getEngine("PyTorch").getVersion());
  }

  /**
   * The peak that a run of this user is compared with.
   *
   * @param device where it trains
   * @param path its kernels
   * @param threads of the processor
   * @return the memory of that
   */
  public static PeakOfDevice of(Device device, KernelPath path, int threads) {
    return new PeakOfDevice(CacheDirectory.ofUser(), device, path, threads);
  }

  /** Operations a second, if anybody measured them. */
  Optional<Double> known() {
    return memory.get(key);
  }

  /**
   * Measures now.
   *
   * @return operations a second of this measurement
   */
  public double measure() {
    double now = MatmulPeak.flopsPerSecond(device, path.linear());
    if (now > known().orElse(0.0)) {
      memory.put(key, now);
    }
    return now;
  }
}
