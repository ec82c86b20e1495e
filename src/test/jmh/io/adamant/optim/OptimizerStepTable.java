package io.adamant.optim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs {@link OptimizerStep} for every optimizer and writes the table of their cost. */
public final class OptimizerStepTable {

  private OptimizerStepTable() {}

  /** Takes the types to run; none means all. The table goes to {@code -Dtable=FILE}. */
  public static void main(String... arguments) throws RunnerException, IOException {
    List<String> types = new ArrayList<>(List.of(OptimizerStep.TORCH, OptimizerStep.COPY));
    Optimizers.all().forEach(definition -> types.add(definition.type()));
    if (arguments.length > 0) {
      types.retainAll(List.of(arguments));
    }
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(OptimizerStep.class.getName())
                    .param("type", types.toArray(String[]::new))
                    .forks(Integer.getInteger("forks", 2))
                    .warmupIterations(2)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.seconds(1))
                    .jvmArgsAppend("-Dai.djl.offline=true", "-Dthreads=" + threads())
                    .build())
            .run();
    Map<String, Double> medians = new LinkedHashMap<>(); // microseconds
    for (RunResult result : results) {
      medians.put(
          result.getParams().getParam("type"),
          result.getPrimaryResult().getStatistics().getPercentile(50));
    }
    String table = table(medians);
    System.out.println(table);
    Path file = Path.of(System.getProperty("table", ""));
    if (!file.toString().isEmpty()) {
      Files.writeString(file, table);
    }
  }

  private static int threads() {
    return Integer.getInteger("threads", Runtime.getRuntime().availableProcessors());
  }

  private static String table(Map<String, Double> medians) {
    StringBuilder text =
        new StringBuilder(
            "| step | bytes per parameter | ms | ns per KiB | relative to torch._fused_adamw_ |\n"
                + "|---|---:|---:|---:|---:|\n");
    Double torch = medians.get(OptimizerStep.TORCH);
    double unit = torch == null ? Double.NaN : torch / bytes(OptimizerStep.TORCH);
    medians.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getValue() / bytes(entry.getKey())))
        .forEach(
            entry -> {
              double perByte = entry.getValue() / bytes(entry.getKey());
              text.append(
                  String.format(
                      Locale.ROOT,
                      "| %s | %d | %.2f | %.1f | %.2f |%n",
                      entry.getKey(),
                      bytes(entry.getKey()),
                      entry.getValue() / 1000,
                      entry.getValue()
                          * 1000
                          * 1024
                          / (bytes(entry.getKey()) * OptimizerStep.size()),
                      perByte / unit));
            });
    return text.toString();
  }

  /** Bytes that a step cannot avoid: read w, g and the state, write w and the state; float32. */
  private static int bytes(String type) {
    return switch (type) {
      case OptimizerStep.TORCH -> 4 * (2 + 2 + 1 + 2);
      case OptimizerStep.COPY -> 4 * 2;
      case "muon" -> 4 * (2 + 1 + 1 + 1); // v is there for vectors only
      default -> {
        int states = Optimizers.definition(type).states().size();
        yield 4 * (2 + states + 1 + states);
      }
    };
  }
}
