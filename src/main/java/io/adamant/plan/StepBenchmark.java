package io.adamant.plan;

import ai.djl.Device;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.model.MemoryBandwidth;
import io.adamant.tensor.Devices;
import io.adamant.train.PeakOfDevice;
import io.adamant.train.ProcessMemory;
import io.adamant.train.TrainingHook;
import io.adamant.train.TrainingStep.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Trains a few steps of a run and times their parts. */
public final class StepBenchmark {

  private StepBenchmark() {}

  /**
   * Measures one configuration.
   *
   * @param config resolved
   * @param data its data
   * @param hooks fresh observers
   * @param warmup steps that are not counted, at least 1
   * @param steps steps that are, at least 1
   * @return medians over the steps; hooks run on few of them and count with their mean, as often as
   *     they run in the whole run
   */
  public static BenchResult measure(
      RunConfig config, TokenDataset data, List<TrainingHook> hooks, int warmup, int steps) {
    try (TimedSteps timed = new TimedSteps(config, data, hooks)) {
      for (int i = 0; i < warmup; i++) {
        timed.next();
      }
      timed.loss();
      List<Map<Phase, Double>> measured = new ArrayList<>();
      List<Double> totals = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        long start = System.nanoTime();
        Map<Phase, Double> parts = timed.next();
        timed.loss(); // waits for the device
        totals.add((System.nanoTime() - start) / 1e9 - parts.get(Phase.HOOKS));
        measured.add(parts);
      }
      Device device = Devices.select(config.training().device());
      if (device.isGpu()) {
        measureWaiting(timed, measured);
      }
      double often = share(hooks, 1, config.training().steps());
      double seen = share(hooks, warmup + 1, warmup + steps);
      scaleHooks(measured, seen > 0 ? often / seen : 1);
      OptionalLong memory = ProcessMemory.peak(device); // before the measurements below take theirs
      KernelPath path = KernelPath.of(config.training().kernels());
      return new BenchResult(
          path.label(),
          config.tokensPerStep(),
          timed.run().size().parameters(),
          timed.run().size().flopsPerToken(),
          median(totals) + mean(measured, Phase.HOOKS),
          parts(measured),
          PeakOfDevice.of(device, path, config.training().threads()).measure(),
          timed.loss(),
          timed.run().config().training().microBatch(),
          MemoryBandwidth.bytesPerSecond(device),
          memory);
    }
  }

  /**
   * Steps whose parts are waited for: else those of a GPU tell only when its work was queued. Hooks
   * keep the times that they had.
   */
  static void measureWaiting(TimedSteps timed, List<Map<Phase, Double>> measured) {
    timed.waitAfterPhases();
    List<Double> hooks = times(measured, Phase.HOOKS);
    for (int i = 0; i < measured.size(); i++) {
      Map<Phase, Double> parts = timed.next();
      parts.put(Phase.HOOKS, hooks.get(i));
      measured.set(i, parts);
    }
  }

  /** The share of steps from one to another that a hook wants. */
  private static double share(List<TrainingHook> hooks, long from, long to) {
    long wanted =
        LongStream.rangeClosed(from, to)
            .filter(step -> hooks.stream().anyMatch(hook -> hook.wants(step)))
            .count();
    return (double) wanted / (to - from + 1);
  }

  /** Corrects for a window that holds more or fewer measurements than the run does on average. */
  private static void scaleHooks(List<Map<Phase, Double>> measured, double factor) {
    measured.forEach(parts -> parts.merge(Phase.HOOKS, factor, (x, y) -> x * y));
  }

  /**
   * Measures several kernel paths, one after the other and again in the opposite order, so that a
   * machine that slows down favours none.
   *
   * @param configs resolved, one a path
   * @param data their data
   * @param hooks makes fresh observers
   * @param warmup steps that are not counted
   * @param steps steps that are, in each of the two rounds
   * @return the better round of each path, fastest first
   */
  public static List<BenchResult> compare(
      List<RunConfig> configs,
      TokenDataset data,
      Supplier<List<TrainingHook>> hooks,
      int warmup,
      int steps) {
    List<BenchResult> best = new ArrayList<>();
    for (RunConfig config : configs) {
      best.add(measure(config, data, hooks.get(), warmup, steps));
    }
    for (int i = configs.size() - 1; i >= 0; i--) {
      BenchResult again = measure(configs.get(i), data, hooks.get(), warmup, steps);
      if (again.secondsPerStep() < best.get(i).secondsPerStep()) {
        best.set(i, again);
      }
    }
    best.sort(Comparator.comparingDouble(BenchResult::secondsPerStep));
    return List.copyOf(best);
  }

  private static Map<Phase, Double> parts(List<Map<Phase, Double>> measured) {
    Map<Phase, Double> parts = new EnumMap<>(Phase.class);
    for (Phase part : Phase.values()) {
      boolean rare = part == Phase.HOOKS;
      parts.put(part, rare ? mean(measured, part) : median(times(measured, part)));
    }
    return parts;
  }

  private static List<Double> times(List<Map<Phase, Double>> measured, Phase part) {
    return measured.stream().map(times -> times.getOrDefault(part, 0.0)).toList();
  }

  private static double mean(List<Map<Phase, Double>> measured, Phase part) {
    return times(measured, part).stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
