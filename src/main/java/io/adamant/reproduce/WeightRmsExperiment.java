package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.simulate.Blocks;
import io.adamant.simulate.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Weight RMS under decoupled decay on independent gradients (theory.md §5). */
final class WeightRmsExperiment {
  private static final String NAME = "weight-rms";
  private static final String RMS = "weight_rms";
  private static final double[] RATES = {0.003, 0.01, 0.03};
  private static final double DECAY = 0.1;
  private static final double TURNS = 10; // η·λ·t
  private static final int WEIGHTS = 4000;

  private WeightRmsExperiment() {}

  static Experiments.Result run(Blocks blocks) {
    int n = RATES.length;
    double[] ratios = new double[n];
    double[] adamw = new double[n];
    double[] signum = new double[n];
    double[] formula = new double[n];
    List<Measurement> points = new ArrayList<>();
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    for (int i = 0; i < n; i++) {
      ratios[i] = RATES[i] / DECAY;
      formula[i] = Math.sqrt(ratios[i] / 2);
      Measurement a = end("adamw", RATES[i], 0.9, blocks);
      Measurement s = end("signum", RATES[i], 0.9, blocks);
      adamw[i] = a.value();
      signum[i] = s.value();
      points.add(a);
      if (i == 0) {
        numbers.put("level", Laboratory.over(a, formula[i], WEIGHTS));
        numbers.put("signum_over_adamw", Laboratory.over(s, a, WEIGHTS));
        numbers.put("printed_ratio_90", printed(s, a, 0.9));
        numbers.put(
            "printed_ratio_95",
            printed(
                end("signum", RATES[i], 0.95, blocks), end("adamw", RATES[i], 0.95, blocks), 0.95));
      }
    }
    numbers.put("slope", Laboratory.slope(ratios, points, WEIGHTS));
    Figure figure =
        new Figure(
            "weight-rms-simulation",
            "Weight RMS on independent gradients, β1 = .9",
            "η/λ",
            "weight RMS",
            List.of(
                Line.of("AdamW", "simulated", 0, ratios, adamw),
                Line.of("Signum", "simulated", 1, ratios, signum),
                Line.of("√(η/(2λ))", "formula", 0, ratios, formula)));
    return new Experiments.Result(numbers, List.of(figure));
  }

  private static Estimate printed(Measurement signum, Measurement adamw, double beta) {
    Estimate ratio = Laboratory.over(signum, adamw, WEIGHTS);
    double factor = Math.sqrt((1 + beta) / (1 - beta));
    return new Estimate(
        ratio.value() / factor,
        ratio.standardError() / factor,
        ratio.degreesOfFreedom(),
        ratio.samples());
  }

  /**
   * The same η/λ at several η and as many steps, at a constant rate and at one that falls to 0:
   * what is left of the balance of a rate depends on how long the weights remember, 1/(ηλ) steps.
   */
  static Experiments.Result schedules(Blocks blocks) {
    long steps = Math.round(TURNS / (RATES[0] * DECAY));
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    List<Line> lines = new ArrayList<>();
    for (String schedule : List.of("constant", "cosine")) {
      double[] simulated = new double[RATES.length];
      double[] predicted = new double[RATES.length];
      List<Measurement> points = new ArrayList<>();
      for (int i = 0; i < RATES.length; i++) {
        double decay = DECAY * RATES[i] / RATES[0];
        Map<String, String> inputs = new LinkedHashMap<>(inputs("adamw", RATES[i], decay, 0.9));
        inputs.putAll(Map.of("schedule", schedule, "steps", Long.toString(steps)));
        points.add(Laboratory.measure(NAME, inputs, RMS, blocks));
        simulated[i] = points.get(i).value();
        predicted[i] = Laboratory.law(NAME, inputs, "recursion");
      }
      numbers.put(schedule, Laboratory.over(points.get(1), points.get(0), WEIGHTS));
      numbers.put(schedule + "_over_law", Laboratory.over(points.get(0), predicted[0], WEIGHTS));
      int colour = lines.size();
      lines.add(Line.of(schedule + " rate", "simulated", colour, RATES, simulated));
      lines.add(Line.of("calculated, " + schedule, "formula", colour, RATES, predicted));
    }
    Figure figure =
        new Figure(
            "weight-rms-schedule",
            "Weight RMS at the end, η/λ = .03 throughout",
            "learning rate (peak)",
            "weight RMS",
            lines);
    return new Experiments.Result(numbers, List.of(figure));
  }

  private static Map<String, String> inputs(
      String optimizer, double rate, double decay, double beta) {
    return Map.of(
        "optimizer", optimizer,
        "beta1", Double.toString(beta),
        "beta2", "0.95",
        "lr", Double.toString(rate),
        "weight-decay", Double.toString(decay),
        "coordinates", Integer.toString(WEIGHTS));
  }

  private static Measurement end(String optimizer, double rate, double beta, Blocks blocks) {
    Map<String, String> inputs = new LinkedHashMap<>(inputs(optimizer, rate, DECAY, beta));
    inputs.put("steps", Long.toString(Math.round(TURNS / (rate * DECAY))));
    return Laboratory.measure(NAME, inputs, RMS, blocks);
  }
}
