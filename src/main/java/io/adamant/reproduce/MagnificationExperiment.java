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

/** Momentum as a larger batch: one step, and a whole training (theory.md §2.2, §2.3). */
final class MagnificationExperiment {
  private static final List<Double> BATCHES = List.of(0.25, 4.0, 64.0, 1024.0, 16384.0);
  private static final int PROBLEMS = 5;
  private static final int STEPS = 300;
  private static final int REPETITIONS = 200;
  private static final int NOISE_REPETITIONS = 40_000;

  private MagnificationExperiment() {}

  static Experiments.Result run(Blocks blocks) {
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    numbers.put("factor", factor(blocks));
    double[] oneStep = new double[PROBLEMS];
    double[] training = new double[PROBLEMS];
    List<Line> lines = new ArrayList<>();
    for (int p = 0; p < PROBLEMS; p++) {
      RandomQuadratic problem = RandomQuadratic.draw("moderate", "proportional", 30, 16, p);
      SurgeCurve with = curve(problem, 0.9, blocks);
      SurgeCurve without = curve(problem, 0, blocks);
      double law = with.law().get(0) / without.law().get(0);
      oneStep[p] = with.oneStep().get(0).value() / without.oneStep().get(0).value() / law;
      training[p] = with.trained().get(0) / without.trained().get(0) / law;
      if (p == 0) {
        lines.addAll(lines(with, without));
      }
    }
    numbers.put("one_step", Estimate.of(oneStep));
    numbers.put("training", Estimate.of(training));
    return new Experiments.Result(
        numbers,
        List.of(
            new Figure(
                "batch-magnification",
                "Best rate of SGD with momentum .9 over that without",
                "batch size B (samples)",
                "ratio of best rates",
                lines)));
  }

  private static SurgeCurve curve(RandomQuadratic problem, double beta1, Blocks blocks) {
    SurgeMethod method = new SurgeMethod(Kind.SGDM, beta1, 0.99);
    return SurgeCurve.of(problem, method, BATCHES, REPETITIONS, STEPS, blocks);
  }

  /** The worst of three momenta. */
  private static Estimate factor(Blocks blocks) {
    Estimate worst = Estimate.exact(1);
    for (double beta : new double[] {0.8, 0.9, 0.95}) {
      Measurement measured =
          Laboratory.measure(
              "batch-magnification",
              Map.of(
                  "beta1", Double.toString(beta),
                  "repetitions", Integer.toString(NOISE_REPETITIONS)),
              "magnification",
              blocks);
      Estimate ratio = Laboratory.over(measured, (1 + beta) / (1 - beta), NOISE_REPETITIONS);
      if (Math.abs(ratio.value() - 1) >= Math.abs(worst.value() - 1)) {
        worst = ratio;
      }
    }
    return worst;
  }

  private static List<Line> lines(SurgeCurve with, SurgeCurve without) {
    int n = BATCHES.size();
    double[] x = BATCHES.stream().mapToDouble(b -> b).toArray();
    double[] law = new double[n];
    double[] oneStep = new double[n];
    double[] trained = new double[n];
    for (int i = 0; i < n; i++) {
      law[i] = with.law().get(i) / without.law().get(i);
      oneStep[i] = with.oneStep().get(i).value() / without.oneStep().get(i).value();
      trained[i] = with.trained().get(i) / without.trained().get(i);
    }
    return List.of(
        Line.of("law", "formula", 0, x, law),
        Line.of("one step", "simulated", 4, x, oneStep),
        Line.of("whole training", "trained", 1, x, trained));
  }
}
