package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.simulate.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Signum's best learning rate against 1 &minus; &beta; on quadratics &frac12;&Sigma;h_i w_i&sup2;
 * whose gradients h_i w_i + &sigma;&radic;h_i &xi; are noisy as a language model's are, more where
 * it is steeper.
 *
 * <p>Where noise prevails, sign(m) points down by g/&sigma; &middot; &radic;((1 + &beta;)/(1
 * &minus; &beta;)) on average and keeps its sign for 1/(1 &minus; &beta;) steps, so that both the
 * progress of a step and the level of the loss that noise holds depend on &eta;/&radic;(1 &minus;
 * &beta;): the best rate goes with &radic;(1 &minus; &beta;), a slope of &frac12;.
 */
final class SlopeExperiment {
  private static final double[] BETAS = {0.8, 0.9, 0.95, 0.975};
  private static final int STEPS = 800;
  private static final int SHORT = 100;
  private static final double WARM_UP = 0.1;
  private static final int DIMENSIONS = 200;
  private static final double FLATTEST = 1e-3;
  private static final int REPETITIONS = 8;
  private static final double FINEST = -14; // log2 of the rates tried, half an octave apart
  private static final int RATES = 25;
  private static final int AROUND = 2; // rates on either side that a parabola is laid through

  private SlopeExperiment() {}

  static Experiments.Result run() {
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    List<Line> lines = new ArrayList<>();
    double[] memory = Arrays.stream(BETAS).map(beta -> 1 - beta).toArray();
    for (double sigma : new double[] {1, 3, 10}) {
      double[][] best = best(sigma, STEPS);
      numbers.put("noise_" + Text.number(sigma), Estimate.of(slopes(best)));
      double[] mean = new double[BETAS.length];
      for (double[] one : best) {
        for (int b = 0; b < mean.length; b++) {
          mean[b] += one[b] / best.length;
        }
      }
      lines.add(
          Line.of(
              "σ = " + Text.number(sigma),
              "simulated",
              lines.size(),
              Figure.reversed(memory),
              Figure.reversed(Arrays.stream(mean).map(x -> Math.pow(2, x)).toArray())));
      if (sigma == 3) {
        double first = Math.pow(2, mean[0]);
        double[] law = Arrays.stream(memory).map(x -> first * Math.sqrt(x / memory[0])).toArray();
        lines.add(
            Line.of("∝ √(1 − β)", "formula", 4, Figure.reversed(memory), Figure.reversed(law)));
      }
    }
    numbers.put("short", Estimate.of(slopes(best(0.1, SHORT))));
    return new Experiments.Result(
        numbers,
        List.of(
            new Figure(
                "signum-slope",
                "Signum's best rate on noisy quadratics, " + STEPS + " steps",
                "1 − β",
                "best learning rate",
                lines)));
  }

  /** By repetition, the slope of log2 of the best rate against log2(1 − β). */
  private static double[] slopes(double[][] best) {
    double[] slopes = new double[best.length];
    for (int r = 0; r < slopes.length; r++) {
      List<double[]> points = new ArrayList<>();
      for (int b = 0; b < BETAS.length; b++) {
        points.add(new double[] {BestRate.log2(1 - BETAS[b]), best[r][b]});
      }
      slopes[r] = Evidence.slope(points);
    }
    return slopes;
  }

  /** log2 of the best rate by repetition and momentum. */
  private static double[][] best(double sigma, int steps) {
    double[][] best = new double[REPETITIONS][BETAS.length];
    for (int r = 0; r < REPETITIONS; r++) {
      for (int b = 0; b < BETAS.length; b++) {
        double[] loss = losses(BETAS[b], sigma, steps, r);
        int lowest = 0;
        for (int k = 1; k < RATES; k++) {
          lowest = loss[k] < loss[lowest] ? k : lowest;
        }
        List<double[]> points = new ArrayList<>();
        for (int k = Math.max(0, lowest - AROUND); k <= Math.min(RATES - 1, lowest + AROUND); k++) {
          points.add(new double[] {FINEST + k / 2.0, Math.log(loss[k])});
        }
        best[r][b] = BestRate.vertex(points);
      }
    }
    return best;
  }

  /** The final loss at each rate, with the same noise for all. */
  private static double[] losses(double beta, double sigma, int steps, int repetition) {
    double[] w = new double[RATES * DIMENSIONS];
    double[] m = new double[RATES * DIMENSIONS];
    double[] h = new double[DIMENSIONS];
    double[] rate = new double[RATES];
    Arrays.setAll(rate, k -> Math.pow(2, FINEST + k / 2.0));
    Arrays.fill(w, 1);
    for (int i = 0; i < DIMENSIONS; i++) {
      h[i] = Math.pow(FLATTEST, 1 - i / (DIMENSIONS - 1.0));
    }
    Random random = new Random(Seeds.mix(repetition, steps));
    for (int t = 1; t <= steps; t++) {
      double schedule =
          t < WARM_UP * steps
              ? t / (WARM_UP * steps)
              : (1 + Math.cos(Math.PI * (t - WARM_UP * steps) / ((1 - WARM_UP) * steps))) / 2;
      for (int i = 0; i < DIMENSIONS; i++) {
        double noise = sigma * Math.sqrt(h[i]) * random.nextGaussian();
        for (int k = 0; k < RATES; k++) {
          int at = k * DIMENSIONS + i;
          m[at] = beta * m[at] + (1 - beta) * (h[i] * w[at] + noise);
          w[at] -= rate[k] * schedule * Math.signum(m[at]);
        }
      }
    }
    double[] loss = new double[RATES];
    for (int k = 0; k < RATES; k++) {
      for (int i = 0; i < DIMENSIONS; i++) {
        double one = w[k * DIMENSIONS + i];
        loss[k] += h[i] * one * one / 2;
      }
    }
    return loss;
  }
}
