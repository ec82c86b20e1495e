package io.adamant.plan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.base.StorageException;
import io.adamant.config.RunConfig;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.SafeTensors;
import io.adamant.train.Rehearsal;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * What parts of a run cost on this machine, measured on the run's own model and data, and thrown
 * away.
 *
 * @param steps how many steps were measured, after two for warming up
 * @param secondsPerStep median of them
 * @param secondsPerValidationToken of an evaluation
 * @param secondsPerMeasurement of all hooks together
 * @param secondsPerFollow of what hooks take at every step
 * @param secondsPerProbeGradient of a gradient that a hook asks for; 0 where none does
 * @param secondsPerCheckpointByte of a checkpoint, forced to the disk of temporary files
 */
record Calibration(
    int steps,
    double secondsPerStep,
    double secondsPerValidationToken,
    double secondsPerMeasurement,
    double secondsPerFollow,
    double secondsPerProbeGradient,
    double secondsPerCheckpointByte) {

  private static final int WARM_UP = 2;
  private static final int FEWEST = 5;
  private static final int MOST = 100;
  private static final double ENOUGH_SECONDS = 5;
  private static final long LARGE = 1L << 26; // numbers: 256 MiB

  /**
   * Trains for a few seconds.
   *
   * @param config with its micro-batch in numbers
   * @param run its steps, without hooks
   * @param hooks the run's observers
   * @param validationTokens of the whole validation text
   */
  static Calibration measure(
      RunConfig config, Rehearsal run, List<TrainingHook> hooks, long validationTokens) {
    run.begin(hooks);
    List<Double> times = new ArrayList<>();
    double total = 0;
    int most = Math.min(config.training().steps(), WARM_UP + MOST);
    for (int step = 1; step <= most && (times.size() < FEWEST || total < ENOUGH_SECONDS); step++) {
      double seconds =
          seconds(
              () -> {
                run.step();
                run.await();
              });
      if (step > WARM_UP || step == most) {
        times.add(seconds);
        total += seconds;
      }
    }
    Collections.sort(times);
    return new Calibration(
        times.size(),
        times.get(times.size() / 2),
        evaluation(config, run, validationTokens),
        hooks(run, hooks),
        follow(run, hooks),
        TrainingHook.Cost.ofRun(config.training(), hooks).gradients() > 0 ? probe(run) : 0,
        checkpoint(run));
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double evaluation(RunConfig config, Rehearsal run, long validationTokens) {
    long batch = (long) config.training().microBatch() * config.model().context();
    long tokens = Math.min(validationTokens, 3 * batch);
    run.evaluate(batch);
    return seconds(() -> run.evaluate(tokens)) / tokens;
  }

  private static double hooks(Rehearsal run, List<TrainingHook> hooks) {
    StepView view = run.view();
    try (Autograd.Mode off = Autograd.noGrad()) {
      hooks.forEach(hook -> hook.observe(view)); // the first time includes compiling
      return seconds(() -> hooks.forEach(hook -> hook.observe(view)));
    }
  }

  private static double follow(Rehearsal run, List<TrainingHook> hooks) {
    StepView view = run.view();
    try (Autograd.Mode off = Autograd.noGrad()) {
      TrainingHook.follow(hooks, view.step(), view.groups());
      run.await();
      return seconds(
          () -> {
            TrainingHook.follow(hooks, view.step(), view.groups());
            run.await();
          });
    }
  }

  private static double probe(Rehearsal run) {
    probe(run, 0); // the first time includes building a model
    return seconds(() -> probe(run, 1));
  }

  private static void probe(Rehearsal run, long batch) {
    try (NDManager scope = NDManager.newBaseManager(run.device())) {
      run.probe().gradient(scope, batch, 0, new NDList());
    }
  }

  /** Writes the weights or, of a large model, the largest of them. */
  private static double checkpoint(Rehearsal run) {
    Map<String, NDArray> written = run.weights();
    if (written.values().stream().mapToLong(NDArray::size).sum() > LARGE) {
      NDArray largest =
          Collections.max(written.values(), (a, b) -> Long.compare(a.size(), b.size()));
      written = Map.of("largest", largest);
    }
    try {
      Path folder = Files.createTempDirectory("adamant-plan");
      Path file = folder.resolve("weights");
      try {
        long start = System.nanoTime();
        SafeTensors.write(file, written, Map.of());
        return (System.nanoTime() - start) / 1e9 / Files.size(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new StorageException(
          "write a trial file in", Path.of(System.getProperty("java.io.tmpdir")), e);
    }
  }
}
