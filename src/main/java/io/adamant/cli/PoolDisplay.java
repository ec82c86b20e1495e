package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.study.StudyPlan;
import io.adamant.study.WorkerPool;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;

/** Progress of many workers: one line per run, and on a terminal one bar over all steps. */
final class PoolDisplay implements WorkerPool.Listener, AutoCloseable {

  private static final int BAR_WIDTH = 100;

  private final PrintWriter err;
  private final Supplier<List<StudyPlan.Item>> runs;
  private final Map<String, StudyPlan.Item> items = new HashMap<>();
  private final Map<String, Long> steps = new HashMap<>(); // done, by run
  private final Map<String, Double> speeds = new HashMap<>(); // tokens/s of the running ones
  private final Set<String> done = new HashSet<>();
  private final long startNanos = System.nanoTime();
  private final ProgressBar bar;
  private long lineNanos = startNanos; // when the last line was written
  private long doneBefore; // steps that this session found done

  /**
   * A display.
   *
   * @param runs the runs that are known; asked again when a worker names another one
   * @param err where to
   * @param terminal whether there is one
   */
  PoolDisplay(Supplier<List<StudyPlan.Item>> runs, PrintWriter err, boolean terminal) {
    this.err = err;
    this.runs = runs;
    runs.get().forEach(item -> items.put(item.id(), item));
    this.bar = terminal ? ProgressDisplay.bar("study", totalSteps(), BAR_WIDTH).build() : null;
  }

  private long totalSteps() {
    return items.values().stream().mapToLong(PoolDisplay::steps).sum();
  }

  private static long steps(StudyPlan.Item item) {
    return item.config().training().steps();
  }

  private long stepsOf(String id) {
    return items.containsKey(id) ? steps(items.get(id)) : steps.getOrDefault(id, 0L);
  }

  /** Looks again for runs that were not known when the study began. */
  private void know(String id) {
    if (!items.containsKey(id)) {
      runs.get().forEach(item -> items.putIfAbsent(item.id(), item));
      if (bar != null) {
        bar.maxHint(totalSteps());
      }
    }
  }

  @Override
  public synchronized void started(int worker, String id, long fromStep) {
    know(id);
    if (fromStep > 0 && !steps.containsKey(id)) {
      doneBefore += fromStep;
    }
    steps.put(id, fromStep);
    say(worker, label(id) + (fromStep > 0 ? " resumes after step " + fromStep : " starts"));
    draw();
  }

  @Override
  public synchronized void progressed(String id, long step, double loss, double tokensPerSecond) {
    steps.put(id, step);
    speeds.put(id, tokensPerSecond);
    draw();
    if (bar == null && System.nanoTime() - lineNanos > ProgressDisplay.LINE_EVERY_NANOS) {
      double speed = speeds.values().stream().mapToDouble(Double::doubleValue).sum();
      say(
          "adamant",
          Digits.format(
              "%d/%d runs, %d in training, %,.0f tokens/s%s",
              done.size(), items.size(), speeds.size(), speed, left()));
    }
  }

  @Override
  public synchronized void found(String id) {
    know(id);
    if (done.add(id)) { // each worker finds it; those trained here are known already
      doneBefore += stepsOf(id) - steps.getOrDefault(id, 0L);
      steps.put(id, stepsOf(id));
      speeds.remove(id);
      draw();
    }
  }

  @Override
  public synchronized void ended(
      int worker, String id, String status, double valLoss, double seconds) {
    speeds.remove(id);
    if (status.equals("interrupted")) {
      say(worker, label(id) + " stopped after step " + steps.getOrDefault(id, 0L));
      return;
    }
    if (status.equals("stopped")) {
      draw(); // a message has said where and why
      return;
    }
    steps.put(id, stepsOf(id));
    if (!done.add(id)) {
      return; // found before it was told
    }
    String loss = Double.isNaN(valLoss) ? "" : Digits.format(", validation loss %.4f", valLoss);
    say(
        worker,
        Digits.format(
            "[%d/%d] %s: %s%s, %s%s",
            done.size(),
            items.size(),
            label(id),
            status,
            loss,
            ProgressDisplay.duration(seconds),
            left()));
    draw();
  }

  @Override
  public synchronized void message(int worker, String id, String text) {
    say(worker, items.containsKey(id) ? label(id) + ": " + text : text);
  }

  private String left() {
    long total = steps.values().stream().mapToLong(Long::longValue).sum();
    long here = total - doneBefore;
    if (here <= 0 || done.size() == items.size()) {
      return "";
    }
    double perStep = (System.nanoTime() - startNanos) / 1e9 / here;
    return "; about " + ProgressDisplay.duration(perStep * (totalSteps() - total)) + " left";
  }

  private String label(String id) {
    return items.containsKey(id) ? items.get(id).label() : id;
  }

  private void draw() {
    if (bar != null) {
      bar.stepTo(steps.values().stream().mapToLong(Long::longValue).sum());
      double speed = speeds.values().stream().mapToDouble(Double::doubleValue).sum();
      bar.setExtraMessage(
          Digits.format(" %d/%d runs", done.size(), items.size())
              + (speed > 0 ? Digits.format(", %,.0f tok/s", speed) : ""));
    }
  }

  private void say(int worker, String text) {
    say("worker " + worker, text);
  }

  private void say(String who, String text) {
    lineNanos = System.nanoTime();
    ProgressDisplay.say(err, bar != null, who, text);
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
