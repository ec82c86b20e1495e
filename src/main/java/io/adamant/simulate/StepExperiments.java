package io.adamant.simulate;

import io.adamant.theory.SoftSign;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.List;

/** Monte Carlo of one step at a frozen point (theory.md §2 and §3). */
final class StepExperiments {

  private static final int DRAWS = 200; // of a repetition

  private StepExperiments() {}

  /** Soft signs of a + z, z unit normal. */
  static List<Measurement> softSign(Values v, Blocks blocks) {
    double scale = Math.sqrt(v.number("batch")) / v.number("sigma");
    double a = v.number("gradient") * scale;
    double b = v.number("epsilon") * scale;
    String[] keys = {
      "mean",
      "second",
      "mean_outside",
      "second_outside",
      "mean_clip",
      "second_clip",
      "scaled_variance"
    };
    String[] titles = {
      "E x/√(x² + b²)",
      "E x²/(x² + b²)",
      "E x/(|x| + b)",
      "E x²/(|x| + b)²",
      "E clip(x/b)",
      "E clip(x/b)²",
      "b²·Var x/√(x² + b²)"
    };
    Lanes lanes = new Lanes(v, blocks, 6);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              for (int k = 0; k < DRAWS; k++) {
                double x = a + noise.next();
                double inside = SoftSign.value(x, b);
                double outside = SoftSign.valueOutside(x, b);
                double clip = Math.max(-1, Math.min(1, x / b));
                out[0] += inside / DRAWS;
                out[1] += inside * inside / DRAWS;
                out[2] += outside / DRAWS;
                out[3] += outside * outside / DRAWS;
                out[4] += clip / DRAWS;
                out[5] += clip * clip / DRAWS;
              }
            });
    List<Measurement> measured = new ArrayList<>();
    for (int k = 0; k < 6; k++) {
      if (b > 0 || k < 4) {
        measured.add(Measurement.mean(keys[k], titles[k], c[k]));
      }
    }
    double mean = measured.get(0).value();
    double[] variances = new double[c[0].length];
    for (int i = 0; i < variances.length; i++) {
      // Linear in the two means, so that the interval covers both errors and their correlation.
      variances[i] = b * b * (c[1][i] - 2 * mean * c[0][i] + mean * mean);
    }
    measured.add(Measurement.mean(keys[6], titles[6], variances));
    return measured;
  }

  /** The noise scales of a random quadratic, from single samples, and SGD's loss decrease at B. */
  static List<Measurement> noiseScale(Values v, Blocks blocks) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    double batch = v.number("batch");
    Lanes lanes = new Lanes(v, blocks, 4);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              for (int k = 0; k < DRAWS; k++) {
                double[] single = problem.gradient(noise, 1);
                double[] difference = new double[single.length];
                for (int i = 0; i < single.length; i++) {
                  difference[i] = single[i] - problem.gradient()[i];
                }
                out[0] += RandomQuadratic.dot(difference, difference) / DRAWS;
                out[1] += problem.curvature(difference) / DRAWS;
                double[] g = problem.gradient(noise, batch);
                out[2] += RandomQuadratic.dot(g, problem.gradient()) / DRAWS;
                out[3] += problem.curvature(g) / DRAWS;
              }
            });
    double square = RandomQuadratic.dot(problem.gradient(), problem.gradient());
    double bend = problem.curvature(problem.gradient());
    double[] efficiency = Lanes.times(Lanes.quotient(c[2], c[3]), bend / square);
    double[] steps = Lanes.times(Lanes.quotient(c[3], c[2]), square / bend);
    return List.of(
        Measurement.mean("simple", "E‖g̃ − g‖²/‖g‖²", Lanes.times(c[0], 1 / square)),
        Measurement.mean("curved", "E(g̃ − g)ᵀH(g̃ − g)/gᵀHg", Lanes.times(c[1], 1 / bend)),
        Measurement.mean("efficiency", "best rate of an SGD step over η_max", efficiency),
        Measurement.mean("relative_steps", "η_max over the best rate of an SGD step", steps));
  }

  /** The best rate of one step by each method, E[φ]ᵀg/E[φᵀHφ]. */
  static List<Measurement> optimalRate(Values v, Blocks blocks) {
    OneStepRate rates = new OneStepRate(RandomQuadratic.of(v), v, blocks);
    List<Measurement> measured = new ArrayList<>();
    OneStepRate.methods(v)
        .forEach((key, method) -> measured.add(rates.measure(key, method, v.number("batch"))));
    return measured;
  }
}
