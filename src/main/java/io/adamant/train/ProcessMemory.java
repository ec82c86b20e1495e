package io.adamant.train;

import ai.djl.Device;
import io.adamant.tensor.DeviceMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory of this process, as Linux reports it, and of GPUs. */
public final class ProcessMemory {

  private ProcessMemory() {}

  /**
   * Memory in use now.
   *
   * @return bytes; empty on other systems
   */
  public static OptionalLong resident() {
    return field("/proc/self/status", "VmRSS:");
  }

  /**
   * The most that has ever been in use.
   *
   * @return bytes; empty on other systems
   */
  public static OptionalLong peak() {
    return field("/proc/self/status", "VmHWM:");
  }

  /**
   * The most memory so far: of the process on a CPU, all that is taken on a GPU.
   *
   * @param device that was trained on
   * @return bytes; empty if unknown
   */
  public static OptionalLong peak(Device device) {
    return device.isGpu() ? DeviceMemory.used(device) : peak();
  }

  private static OptionalLong field(String file, String name) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
