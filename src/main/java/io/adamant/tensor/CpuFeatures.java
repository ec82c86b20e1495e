package io.adamant.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the processor offers, as far as the choice of a kernel depends on it.
 *
 * @param architecture such as {@code amd64} or {@code aarch64}
 * @param model the processor's own name, or {@code unknown}
 * @param flags instruction sets such as {@code avx512_bf16}; empty where the system does not tell
 */
public record CpuFeatures(String architecture, String model, Set<String> flags) {

  /** Copies the flags. */
  public CpuFeatures {
    flags = Set.copyOf(flags);
  }

  /**
   * This machine's processor.
   *
   * @return its features
   */
  public static CpuFeatures detect() {
    return Here.FEATURES;
  }

  /** Read once: a plan asks for each of its runs. */
  private static final class Here {
    static final CpuFeatures FEATURES = read();
  }

  private static CpuFeatures read() {
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    Path cpuinfo = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(cpuinfo)) {
      return new CpuFeatures(architecture, "unknown", Set.of());
    }
    try {
      return parse(architecture, Files.readAllLines(cpuinfo));
    } catch (IOException e) {
      return new CpuFeatures(architecture, "unknown", Set.of());
    }
  }

  static CpuFeatures parse(String architecture, List<String> cpuinfo) {
    String model = "unknown";
    Set<String> flags = new TreeSet<>();
    for (String line : cpuinfo) {
      int colon = line.indexOf(':');
      String key = colon < 0 ? "" : line.substring(0, colon).strip();
      if (key.equals("model name")) {
        model = line.substring(colon + 1).strip();
      } else if (flags.isEmpty() && (key.equals("flags") || key.equals("Features"))) {
        flags.addAll(List.of(line.substring(colon + 1).strip().split("\\s+")));
      }
    }
    return new CpuFeatures(architecture, model, flags);
  }

  /**
   * Whether bfloat16 products run in hardware.
   *
   * @return true with AVX512-BF16, AMX-BF16 or Arm's BF16 extension
   */
  public boolean bf16() {
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16") || flags.contains("bf16");
  }
}
