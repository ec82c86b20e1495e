package io.adamant.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory that this process may use, as Linux tells it. */
final class Memory {

  private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+(\\d+) kB");

  private Memory() {}

  /** Bytes: the machine's memory or, if smaller, the limit of the process' control group. */
  static OptionalLong bytes() {
    return bytes(
        read(Path.of("/proc/meminfo")),
        read(Path.of("/sys/fs/cgroup/memory.max"))
            + read(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")));
  }

  static OptionalLong bytes(String meminfo, String limit) {
    Matcher total = TOTAL.matcher(meminfo);
    if (!total.find()) {
      return OptionalLong.empty();
    }
    long machine = Long.parseLong(total.group(1)) * 1024;
    String digits = limit.strip();
    boolean limited = digits.matches("\\d{1,18}"); // else "max", or no control group
    return OptionalLong.of(limited ? Math.min(machine, Long.parseLong(digits)) : machine);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // not Linux, or another version of control groups
    }
  }
}
