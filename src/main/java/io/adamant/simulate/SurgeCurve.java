package io.adamant.simulate;

import java.util.ArrayList;
import java.util.List;

/**
 * The best learning rate of one method against the batch size, three ways: by the one-step law, by
 * simulating one step at w_0, and by training from w_0 at many rates (theory.md §2.3: the third
 * need not look like the first two).
 *
 * @param method which
 * @param batches B, rising
 * @param law best rate by the law with one noise scale
 * @param coordinateLaw the same with every coordinate by itself
 * @param oneStep simulated, with intervals
 * @param trained best peak rate of a whole run
 */
public record SurgeCurve(
    SurgeMethod method,
    List<Double> batches,
    List<Double> law,
    List<Double> coordinateLaw,
    List<Measurement> oneStep,
    List<Double> trained) {

  /** Takes copies. */
  public SurgeCurve {
    batches = List.copyOf(batches);
    law = List.copyOf(law);
    coordinateLaw = List.copyOf(coordinateLaw);
    oneStep = List.copyOf(oneStep);
    trained = List.copyOf(trained);
  }

  /**
   * Units of progress that a curve of so many batches takes.
   *
   * @param batches points of the curve
   * @param repetitions of the simulated step; training counts as much
   */
  public static long units(int batches, int repetitions) {
    return batches * (repetitions + (long) repetitions);
  }

  /**
   * Follows a method.
   *
   * @param problem the quadratic
   * @param method which
   * @param batches B, each above 0
   * @param repetitions of the one-step simulation
   * @param steps of a training run, at least 1
   * @param blocks threads, seed and progress
   */
  public static SurgeCurve of(
      RandomQuadratic problem,
      SurgeMethod method,
      List<Double> batches,
      int repetitions,
      int steps,
      Blocks blocks) {
    OneStepRate rates = new OneStepRate(problem, repetitions, blocks);
    List<Double> law = new ArrayList<>();
    List<Double> coordinates = new ArrayList<>();
    List<Measurement> oneStep = new ArrayList<>();
    for (double batch : batches) {
      law.add(method.law(problem.geometry(), batch));
      coordinates.add(method.coordinateLaw(problem, batch));
      oneStep.add(rates.measure("rate", method.oneStep(), batch));
    }
    List<Double> trained =
        blocks.map(
            batches.size(),
            (i, noise) -> {
              TrainedRate run =
                  new TrainedRate(
                      problem, method, batches.get(i), steps, Seeds.mix(blocks.seed(), 5));
              double best = run.best(law.get(i) / 8);
              blocks.progress().accept(repetitions);
              return best;
            });
    return new SurgeCurve(method, batches, law, coordinates, oneStep, trained);
  }

  /**
   * The batch of the grid at which a rate is largest.
   *
   * @param rates one a batch, such as {@link #law}
   * @return the batch size in samples
   */
  public double peak(List<Double> rates) {
    int best = 0;
    for (int i = 1; i < rates.size(); i++) {
      if (rates.get(i) > rates.get(best)) {
        best = i;
      }
    }
    return batches.get(best);
  }

  /**
   * By how much a rate falls from its largest value to the last batch, as a share.
   *
   * @param rates one a batch, such as {@link #trained}
   * @return 0 where the last is the largest, below 1
   */
  public double fall(List<Double> rates) {
    double largest = rates.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return 1 - rates.get(rates.size() - 1) / largest;
  }
}
