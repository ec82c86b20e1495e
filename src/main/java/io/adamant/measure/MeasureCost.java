package io.adamant.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What measuring costs, in words, before a run begins: gradient evaluations relative to training's
 * and copies of the parameters that are held on measured steps.
 */
public final class MeasureCost {

  private MeasureCost() {}

  /** Copies of the gradients that are held while a measured step accumulates them. */
  static int copies(int accumulation) {
    return accumulation > 1 ? accumulation / MicroBatches.perRun(accumulation) : 0;
  }

  /** Gradients of a whole batch that a probe takes. */
  static int probeGradients(int batches) {
    return 3 * batches + 1;
  }

  /** Copies of the parameters that a probe holds, its own model among them. */
  static int probeCopies(int batches) {
    return batches + 5;
  }

  /**
   * States the cost.
   *
   * @param plan what is measured when
   * @param accumulation micro-batches a step
   * @param parameters of the model
   * @return one sentence a part that is switched on
   */
  public static List<String> of(MeasurePlan plan, int accumulation, long parameters) {
    List<String> lines = new ArrayList<>();
    lines.add(
        text(
            "measure.every %d: one pass over weights, gradients and optimizer state and one copy"
                + " from the device in %d steps",
            plan.every(), plan.every()));
    if (accumulation > 1) {
      int copies = copies(accumulation);
      lines.add(
          text(
              "micro-batches: %d copies of the gradients on measured steps, %s",
              copies, megabytes(copies * parameters)));
    }
    if (plan.probeEvery() > 0) {
      int k = plan.probeBatches();
      int gradients = probeGradients(k);
      lines.add(
          text(
              "measure.probe_every %d: %d more gradients of a whole batch in %d steps, about %.0f %%"
                  + " of training time, and %d copies of the parameters, %s",
              plan.probeEvery(),
              gradients,
              plan.probeEvery(),
              100.0 * gradients / plan.probeEvery(),
              probeCopies(k),
              megabytes(probeCopies(k) * parameters)));
    }
    return lines;
  }

  /**
   * States the cost of the gradients' memory.
   *
   * @param length gradients that are kept
   * @param coordinates of each group, at most
   * @param groups of parameters
   * @return one sentence
   */
  public static String ofMemory(int length, int coordinates, int groups) {
    return text(
        "measure.memory %d: the gradients of %d coordinates of each group are taken at every step,"
            + " %s of rings; their inner products on measured steps",
        length, coordinates, megabytes(2L * length * coordinates * groups));
  }

  private static String megabytes(long floats) {
    return text("%.0f MB", floats * 4 / 1e6);
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
