package io.adamant.train;

import io.adamant.results.RunSummary.Finding;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Recognises what went wrong in a run from the losses that the guard recorded, and nothing else, so
 * that it sees the same whether or not anything is measured:
 *
 * <ul>
 *   <li>{@code non_finite}: the guard left a step out; with the first tensor whose gradient was not
 *       finite.
 *   <li>{@code loss_spike}: a loss more than {@value #SPIKE} standard deviations, and 0.5 nats,
 *       above the mean of the {@value #WINDOW} before it.
 *   <li>{@code plateau}: a mean over {@value #WINDOW} steps that lies 0.5 nats above the lowest one
 *       before, or, after {@value #PATIENCE} steps, not 0.05 nats below the first losses.
 *   <li>{@code update_overflow}: any of these where a group of parameters has beta1&sup2; &gt;
 *       beta2, which leaves the update of AdamW without a bound (theory.md &sect;1.1).
 * </ul>
 *
 * <p>Each is named once, with its first step.
 */
final class DivergenceDoctor {

  /** Where a checkpoint keeps what it remembers. */
  static final String NAME = "divergence_doctor";

  /** Steps in a mean. */
  static final int WINDOW = 50;

  /** Steps that a run may take to learn something. */
  static final int PATIENCE = 150;

  /** Standard deviations. */
  static final int SPIKE = 6;

  private static final double RISE = 0.5; // nats
  private static final double PROGRESS = 0.05; // nats
  private static final int FIRST = 10;

  private final List<String> unbounded;
  private final Deque<Double> window = new ArrayDeque<>();
  private final Map<String, Finding> findings = new LinkedHashMap<>();
  private long seen;
  private double firstSum;
  private double lowest = Double.POSITIVE_INFINITY;

  /**
   * Starts watching.
   *
   * @param unbounded groups of parameters whose update has no bound
   */
  DivergenceDoctor(List<String> unbounded) {
    this.unbounded = List.copyOf(unbounded);
  }

  /** The guard left a step out. */
  void skipped(long step, String tensor) {
    find("non_finite", step, tensor, "the loss or the gradient is not finite");
  }

  /** A step was taken; steps come in order. */
  void taken(long step, double loss) {
    if (window.size() == WINDOW) {
      double mean = mean();
      double deviation = deviation(mean);
      double z = (loss - mean) / deviation;
      if (z > SPIKE && loss - mean > RISE) {
        find(
            "loss_spike",
            step,
            "",
            String.format(
                Locale.ROOT,
                "the loss %.3f is %.1f standard deviations above the %d before it",
                loss,
                z,
                WINDOW));
      }
      window.removeFirst();
    }
    window.addLast(loss);
    seen++;
    firstSum += seen <= FIRST ? loss : 0;
    if (window.size() == WINDOW) {
      plateau(step, mean());
    }
  }

  private void plateau(long step, double mean) {
    if (mean > lowest + RISE) {
      find(
          "plateau",
          step,
          "",
          String.format(
              Locale.ROOT,
              "the mean loss of %d steps is %.3f, after %.3f before",
              WINDOW,
              mean,
              lowest));
    } else if (seen >= PATIENCE && mean > firstSum / FIRST - PROGRESS) {
      find(
          "plateau",
          step,
          "",
          String.format(
              Locale.ROOT,
              "the mean loss of %d steps is %.3f, that of the first %d was %.3f",
              WINDOW,
              mean,
              FIRST,
              firstSum / FIRST));
    }
    lowest = Math.min(lowest, mean);
  }

  private void find(String kind, long step, String tensor, String detail) {
    findings.putIfAbsent(kind, new Finding(kind, step, tensor, detail));
    if (!unbounded.isEmpty()) {
      findings.putIfAbsent(
          "update_overflow",
          new Finding(
              "update_overflow",
              step,
              tensor,
              "beta1^2 > beta2 in "
                  + String.join(", ", unbounded)
                  + ": the update has no bound, and "
                  + kind
                  + " was seen"));
    }
  }

  private double mean() {
    return window.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private double deviation(double mean) {
    double squares = window.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / (WINDOW - 1));
  }

  /** In order of recognition. */
  List<Finding> findings() {
    return List.copyOf(findings.values());
  }

  /** Whether something other than a skipped step was seen. */
  boolean worse() {
    return findings.keySet().stream().anyMatch(kind -> !kind.equals("non_finite"));
  }

  /** What a checkpoint must hold. */
  Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("window", new ArrayList<>(window));
    state.put("findings", findings());
    state.put("seen", seen);
    state.put("first_sum", firstSum);
    state.put("lowest", Double.isFinite(lowest) ? (Double) lowest : "none");
    return state;
  }

  /** Restores the state saved in a checkpoint; old checkpoints have none. */
  void restore(Map<String, Object> state) {
    if (!(state.get("window") instanceof List<?> losses)) {
      return;
    }
    losses.forEach(loss -> window.addLast(((Number) loss).doubleValue()));
    seen = ((Number) state.get("seen")).longValue();
    firstSum = ((Number) state.get("first_sum")).doubleValue();
    lowest =
        state.get("lowest") instanceof Number low ? low.doubleValue() : Double.POSITIVE_INFINITY;
    for (Object item : (List<?>) state.get("findings")) {
      Finding found = Finding.of((Map<?, ?>) item);
      findings.put(found.kind(), found);
    }
  }
}
