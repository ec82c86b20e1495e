package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.simulate.Blocks;
import io.adamant.simulate.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adam's update RMS on independent gradients against its mean-field formula (theory.md §4). */
final class UpdateRmsExperiment {
  private static final double[] BETAS = {0, 0.5, 0.9, 0.95, 0.975};
  private static final double[] SNRS = {0, 0.1, 1};
  private static final int REPETITIONS = 400;

  private UpdateRmsExperiment() {}

  static Experiments.Result run(Blocks blocks) {
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    List<Line> lines = new ArrayList<>();
    Estimate worst = Estimate.exact(0);
    double[] r = new double[BETAS.length];
    for (int s = 0; s < SNRS.length; s++) {
      double[] measured = new double[BETAS.length];
      double[] formula = new double[BETAS.length];
      List<Measurement> points = new ArrayList<>();
      for (int b = 0; b < BETAS.length; b++) {
        r[b] = (1 - BETAS[b]) / (1 + BETAS[b]);
        formula[b] = Math.sqrt((SNRS[s] + r[b]) / (SNRS[s] + 1));
        Measurement rms =
            Laboratory.measure(
                "update-rms",
                Map.of(
                    "beta1", Double.toString(BETAS[b]),
                    "beta2", "0.95",
                    "snr", Double.toString(SNRS[s]),
                    "repetitions", Integer.toString(REPETITIONS)),
                "adam",
                blocks);
        measured[b] = rms.value();
        points.add(rms);
        double error = formula[b] / rms.value() - 1;
        if (Math.abs(error) > Math.abs(worst.value())) {
          double half = rms.halfWidth() / rms.value() * formula[b] / rms.value();
          worst = Estimate.simulated(error, half, REPETITIONS);
        }
        if (SNRS[s] == 0 && BETAS[b] == 0.9) {
          numbers.put("at_90", Estimate.simulated(rms.value(), rms.halfWidth(), REPETITIONS));
        }
      }
      if (SNRS[s] == 0) {
        numbers.put("slope", Laboratory.slope(r, points, REPETITIONS));
      }
      String name = "snr " + Text.number(SNRS[s]);
      lines.add(Line.of(name, "simulated", s, Figure.reversed(r), Figure.reversed(measured)));
      lines.add(Line.of(name, "formula", s, Figure.reversed(r), Figure.reversed(formula)));
    }
    numbers.put("worst_error", worst);
    return new Experiments.Result(
        numbers,
        List.of(
            new Figure(
                "update-rms-simulation",
                "Adam's update RMS on independent gradients",
                "r = (1 − β1)/(1 + β1)",
                "update RMS",
                lines)));
  }
}
