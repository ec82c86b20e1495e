package io.adamant.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Resident memory of this process, as Linux tells it. */
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
   * Memory that the machine can still give.
   *
   * @return bytes; empty on other systems
   */
  public static OptionalLong available() {
    return field("/proc/meminfo", "MemAvailable:");
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
