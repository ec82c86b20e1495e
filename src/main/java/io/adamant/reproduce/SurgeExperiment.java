package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.simulate.Blocks;
import io.adamant.simulate.Measurement;
import io.adamant.simulate.RandomQuadratic;
import io.adamant.simulate.SurgeCurve;
import io.adamant.simulate.SurgeMethod;
import io.adamant.simulate.SurgeMethod.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adam's best rate against the batch: one step, and a whole training (theory.md §2.1, §2.3). */
final class SurgeExperiment {
  private static final List<Double> BATCHES =
      List.of(0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0, 4096.0);
  private static final int PROBLEMS = 5;
  private static final int STEPS = 300;
  private static final int REPETITIONS = 200;

  private SurgeExperiment() {}

  static Experiments.Result run(Blocks blocks) {
    Map<Double, double[]> stepFalls = new LinkedHashMap<>();
    Map<Double, double[]> trainedFalls = new LinkedHashMap<>();
    for (double beta : new double[] {0, 0.2, 0.9}) {
      stepFalls.put(beta, new double[PROBLEMS]);
      trainedFalls.put(beta, new double[PROBLEMS]);
    }
    double[] peaks = new double[PROBLEMS];
    List<Figure> figures = new ArrayList<>();
    for (int p = 0; p < PROBLEMS; p++) {
      RandomQuadratic problem = RandomQuadratic.draw("diagonal", "proportional", 30, 16, p);
      for (double beta : stepFalls.keySet()) {
        SurgeMethod method = new SurgeMethod(Kind.ADAM, beta, 0.99);
        SurgeCurve curve = SurgeCurve.of(problem, method, BATCHES, REPETITIONS, STEPS, blocks);
        List<Double> step = curve.oneStep().stream().map(Measurement::value).toList();
        stepFalls.get(beta)[p] = curve.fall(step);
        trainedFalls.get(beta)[p] = curve.fall(curve.trained());
        if (beta == 0.9) {
          double predicted = method.threshold(problem.geometry());
          peaks[p] = BestRate.log2(curve.peak(step) / predicted);
        }
        if (p == 0 && beta != 0.2) {
          figures.add(figure(curve, beta, step));
        }
      }
    }
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    numbers.put("fall_90", Estimate.of(stepFalls.get(0.9)));
    numbers.put("fall_20", Estimate.of(stepFalls.get(0.2)));
    numbers.put("peak_90", Estimate.of(peaks));
    numbers.put("trained_fall_0", Estimate.of(trainedFalls.get(0.0)));
    numbers.put("trained_fall_90", Estimate.of(trainedFalls.get(0.9)));
    return new Experiments.Result(numbers, figures);
  }

  private static Figure figure(SurgeCurve curve, double beta, List<Double> step) {
    double[] x = array(BATCHES);
    return new Figure(
        "surge-" + Math.round(100 * beta),
        "Best rate of Adam, β1 = " + Text.number(beta),
        "batch size B (samples)",
        "best learning rate",
        List.of(
            Line.of("law", "formula", 0, x, array(curve.law())),
            Line.of("one step", "simulated", 4, x, array(step)),
            Line.of("whole training", "trained", 1, x, array(curve.trained()))));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
