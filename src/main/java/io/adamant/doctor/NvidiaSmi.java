package io.adamant.doctor;

import io.adamant.tensor.Gpu;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the driver's own tool says of the GPUs, whether DJL sees them or not. */
final class NvidiaSmi {

  private static final long SECONDS = 10;

  private NvidiaSmi() {}

  /** The GPUs; none if there is no such tool or it gives no answer. */
  static List<Gpu> query() {
    return query(
        List.of(
            "nvidia-smi",
            "--query-gpu=index,name,memory.total,compute_cap",
            "--format=csv,noheader,nounits"));
  }

  static List<Gpu> query(List<String> command) {
    try {
      // To a file: a tool that hangs holds nobody up, and one that says much is not held up.
      Path answer = Files.createTempFile("adamant", ".smi");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(answer.toFile())
                .start();
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        return ended && process.exitValue() == 0
            ? parse(Files.readString(answer, StandardCharsets.UTF_8))
            : List.of();
      } finally {
        Files.deleteIfExists(answer);
      }
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Lines such as {@code 0, NVIDIA H100 80GB HBM3, 81559, 9.0}; memory in MiB. */
  static List<Gpu> parse(String csv) {
    List<Gpu> gpus = new ArrayList<>();
    for (String line : csv.lines().toList()) {
      String[] cells = line.split(" *, *", -1);
      if (cells.length == 4
          && cells[0].strip().matches("\\d{1,4}")
          && cells[2].matches("\\d{1,9}")) {
        gpus.add(
            new Gpu(
                Integer.parseInt(cells[0].strip()),
                cells[1],
                Long.parseLong(cells[2]) << 20,
                cells[3].strip()));
      }
    }
    return List.copyOf(gpus);
  }
}
