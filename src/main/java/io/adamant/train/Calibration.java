package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.config.RunConfig;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * @param secondsPerProbeGradient of a gradient that a hook asks for; 0 where none does
 * @param secondsPerCheckpointByte of a checkpoint, forced to the disk of temporary files
 */
record Calibration(
    int steps,
    double secondsPerStep,
    double secondsPerValidationToken,
    double secondsPerMeasurement,
    double secondsPerProbeGradient,
    double secondsPerCheckpointByte) {

  private static final int WARM_UP = 2;
  private static final int FEWEST = 5;
  private static final int MOST = 100;
  private static final double ENOUGH_SECONDS = 5;
  private static final long LARGE = 1L << 26; // numbers: 256 MiB

  /** Trains for a few seconds. */
  static Calibration measure(RunConfig config, Session session, List<TrainingHook> hooks) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      hooks.forEach(hook -> hook.begin(session.groups()));
    }
    List<Double> times = new ArrayList<>();
    double total = 0;
    long step = 0;
    try (BatchPrefetcher batches = session.batchesFrom(0)) {
      long most = Math.min(config.training().steps(), WARM_UP + MOST);
      while (step < most && (times.size() < FEWEST || total < ENOUGH_SECONDS)) {
        long start = System.nanoTime();
        TrainingLoop.rehearse(session, config.training(), step, batches);
        session.clipping().read(step, step + 1); // waits for the device
        double seconds = (System.nanoTime() - start) / 1e9;
        if (++step > WARM_UP || step == most) {
          times.add(seconds);
          total += seconds;
        }
      }
    }
    Collections.sort(times);
    return new Calibration(
        times.size(),
        times.get(times.size() / 2),
        evaluation(config, session),
        hooks(step, session, hooks),
        RunPlan.probes(config.training(), hooks) ? probe(session) : 0,
        checkpoint(session));
  }

  private static double evaluation(RunConfig config, Session session) {
    int context = config.model().context();
    int batch = config.training().microBatch();
    Evaluation evaluation =
        new Evaluation(session.model(), session.manager(), session.validation(), context, batch);
    long windows = Math.min(session.validation().count(), 3L * batch);
    evaluation.loss((long) batch * context);
    long start = System.nanoTime();
    evaluation.loss(windows * context);
    return (System.nanoTime() - start) / 1e9 / (windows * context);
  }

  private static double hooks(long step, Session session, List<TrainingHook> hooks) {
    StepView view = new StepView(step, 0, session.learningRate().at(step), 1, session.groups());
    double seconds = 0;
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (int i = 0; i < 2; i++) { // the first time includes compiling
        long start = System.nanoTime();
        hooks.forEach(hook -> hook.observe(view));
        seconds = (System.nanoTime() - start) / 1e9;
      }
    }
    return seconds;
  }

  private static double probe(Session session) {
    GradientProbe probe = session.probe().orElseThrow();
    double seconds = 0;
    for (int batch = 0; batch < 2; batch++) { // the first time includes building a model
      long start = System.nanoTime();
      try (NDManager scope = session.manager().newSubManager()) {
        probe.gradient(scope, batch, 0, new NDList());
      }
      seconds = (System.nanoTime() - start) / 1e9;
    }
    return seconds;
  }

  /** Writes the weights or, of a large model, the largest of them. */
  private static double checkpoint(Session session) {
    Map<String, NDArray> written = session.weights();
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
      throw new UncheckedIOException("writing a temporary file failed: " + e, e);
    }
  }
}
