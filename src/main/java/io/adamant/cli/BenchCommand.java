package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.chart.Digits;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.model.KernelPath;
import io.adamant.plan.BenchResult;
import io.adamant.plan.StepBenchmark;
import io.adamant.study.StudyPlan;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.Devices;
import io.adamant.tensor.TorchRuntime;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant bench}. */
@Command(
    name = "bench",
    description = {
      "Time the parts of a training step.",
      "Compares them with the fastest matrix product of this machine, measured in the same run.",
      "Writes no files."
    },
    footer = {
      "",
      "Without RUN.yaml every key has its default, which gives the quickstart's model.",
      "",
      "Examples:",
      "  ./adamant bench",
      "  ./adamant bench configs/train.yaml --set training.precision=bf16 --json",
      "  ./adamant bench --fuse                             with TorchScript's fusing executor",
      "  ./adamant bench --choose --set model.width=256     which kernels are fastest here"
    })
final class BenchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private SetOptions set;

  @Parameters(
      paramLabel = "RUN.yaml",
      arity = "0..1",
      description = "The run's configuration (default: all defaults).")
  private Path file;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "20",
      description = "Steps to measure (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "3",
      description = "Steps to run before measuring (default: ${DEFAULT-VALUE}).")
  private int warmup;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--choose",
      description = "Measure every available kernel path and recommend one.")
  private boolean choose;

  @Option(
      names = "--fuse",
      description = "Measure with TorchScript's fusing executor; training uses the plain one.")
  private boolean fuse;

  @Override
  public Integer call() {
    requirePositive("--steps", steps);
    requirePositive("--warmup", warmup);
    List<String> keys = set.overrides();
    RunConfig run = file == null ? Configs.parseRun("{}", keys) : Configs.readRun(file, keys);
    StudyPlan.check("bench", run);
    PrintWriter err = spec.commandLine().getErr();
    EngineFiles.requireFit(err);
    try (StudyPlan plan = StudyPlan.ofRun("bench", run, CacheDirectory.ofUser(), err::println)) {
      TorchRuntime.fuse(fuse);
      print(choose ? choose(plan.items().get(0)) : measure(plan.items().get(0)));
    } finally {
      TorchRuntime.fuse(false);
    }
    return 0;
  }

  private String measure(StudyPlan.Item item) {
    BenchResult result =
        StepBenchmark.measure(item.config(), item.data(), Hooks.of(item), warmup, steps);
    String executor = fuse ? "fusing" : "plain";
    if (!json) {
      StringBuilder last = new StringBuilder();
      line(last, "executor", executor);
      return text(item.config().training(), result) + last;
    }
    Map<String, Object> map = new LinkedHashMap<>(result.toMap());
    map.put("executor", executor);
    return Json.pretty(map);
  }

  private String choose(StudyPlan.Item item) {
    RunConfig run = item.config();
    TrainConfig training = run.training();
    List<RunConfig> configs =
        KernelPath.available(
                CpuFeatures.detect(), Devices.select(training.device()), training.precision())
            .stream()
            .map(path -> run.with("training.kernels", path.label()))
            .toList();
    List<BenchResult> results =
        StepBenchmark.compare(configs, item.data(), () -> Hooks.of(item), warmup, steps);
    return json ? Json.pretty(map(training, results)) : text(training, results);
  }

  private static Map<String, Object> map(TrainConfig training, List<BenchResult> results) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("recommended", results.get(0).kernels());
    map.put("configured", training.kernels());
    map.put("paths", results.stream().map(BenchResult::toMap).toList());
    return map;
  }

  private static String text(TrainConfig training, List<BenchResult> results) {
    StringBuilder text = new StringBuilder();
    line(text, "kernels", "tokens/s   ms/step");
    for (BenchResult result : results) {
      double milliseconds = 1e3 * result.secondsPerStep();
      line(text, result.kernels(), "%8.0f %9.1f", result.tokensPerSecond(), milliseconds);
    }
    String best = results.get(0).kernels();
    if (best.equals(training.kernels())) {
      line(text, "recommended", "%s, which this configuration uses", best);
    } else {
      String now = training.kernels();
      line(text, "recommended", "--set training.kernels=%s instead of %s", best, now);
    }
    return text.toString();
  }

  private static String text(TrainConfig training, BenchResult result) {
    StringBuilder text = new StringBuilder();
    double step = result.secondsPerStep();
    long parameters = result.parameters();
    line(text, "model", "%,d parameters, %,d FLOPs per token", parameters, result.flopsPerToken());
    String device = training.device();
    line(text, "kernels", "%s, %s, %d threads", result.kernels(), device, training.threads());
    line(text, "throughput", "%,.0f tokens/s", result.tokensPerSecond());
    line(text, "step", "%8.2f ms for %,d tokens", 1e3 * step, result.tokensPerStep());
    result
        .parts()
        .forEach(
            (part, seconds) -> {
              String name = "  " + part.name().toLowerCase(Locale.ROOT);
              line(text, name, "%8.2f ms %6.1f %%", 1e3 * seconds, 100 * result.share(part));
            });
    line(text, "outside kernels", "%.1f %% of a step", 100 * result.outsideKernels());
    String memory =
        result.peakMemory().isPresent()
            ? Digits.format("%.2f GiB at the peak, ", result.peakMemory().getAsLong() / 0x1p30)
            : "";
    line(text, "memory", "%s%.0f GB/s in a copy", memory, result.bandwidth() / 1e9);
    line(text, "micro-batch", "%d sequences", result.microBatch());
    line(
        text,
        "arithmetic",
        "%.0f GFLOP/s, %.0f %% of this machine's matrix-product peak (%.0f GFLOP/s)",
        result.flopsPerSecond() / 1e9,
        100 * result.utilisation(),
        result.ceiling() / 1e9);
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    String value = Digits.format(format, values);
    text.append(Digits.format("%-16s %s%n", name, value));
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private static void requirePositive(String option, int value) {
    if (value < 1) {
      throw InputException.badValue(option, value, "a whole number, at least 1");
    }
  }
}
