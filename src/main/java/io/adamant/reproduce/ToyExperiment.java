package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.simulate.ToyArm;
import io.adamant.simulate.ToyCurve;
import io.adamant.simulate.ToyQuadratic.Design;
import io.adamant.simulate.ToyQuadratic.Spectrum;
import io.adamant.simulate.ToyResult;
import io.adamant.simulate.ToySettings;
import io.adamant.simulate.ToyStudy;
import io.adamant.stats.Quartiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The toy quadratic over draws of its Hessian (theory.md §7). */
final class ToyExperiment {
  private static final int DRAWS = 24; // a design
  private static final int POINTS = 126;
  private static final int VARIANCE_STEP = 100;

  private ToyExperiment() {}

  static Experiments.Result run() {
    List<ToyArm> arms = new ArrayList<>(ToyArm.study());
    arms.addAll(ToyArm.mollifiers());
    List<ToyResult> het = draws(Spectrum.HETEROGENEOUS, arms);
    List<ToyResult> hom = draws(Spectrum.HOMOGENEOUS, ToyArm.study());
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    numbers.put("het_sgd_signum", over(het, r -> ratio(r, "SGDM", "Signum")));
    numbers.put("het_signum_adam", over(het, r -> ratio(r, "Signum", "Adam")));
    numbers.put("hom_sgd_adam", over(hom, r -> ratio(r, "SGDM", "Adam")));
    numbers.put("mollified_adam", over(het, r -> bestMollified(r) - loss(r, "Adam")));
    numbers.put("variance_span", over(het, ToyExperiment::varianceSpan));
    List<Figure> figures = new ArrayList<>();
    figures.add(curves("toy-heterogeneous", "Heterogeneous blocks", het.get(0), 0, 3));
    figures.add(curves("toy-homogeneous", "Homogeneous blocks", hom.get(0), 0, 3));
    figures.add(curves("toy-mollifier", "Signum with mollifiers, and Adam", het.get(0), 2, 7));
    figures.add(variance(het.get(0)));
    return new Experiments.Result(numbers, figures);
  }

  private static List<ToyResult> draws(Spectrum spectrum, List<ToyArm> arms) {
    List<ToyResult> results = new ArrayList<>();
    for (Design design : Design.values()) {
      for (int draw = 0; draw < DRAWS; draw++) {
        results.add(ToyStudy.run(ToySettings.study(spectrum, design, draw), arms));
      }
    }
    return results;
  }

  private static Estimate over(List<ToyResult> results, ToDoubleFunction<ToyResult> number) {
    return Estimate.of(results.stream().mapToDouble(number).toArray());
  }

  private static double loss(ToyResult result, String arm) {
    return Math.log10(result.best(arm).finalMedian());
  }

  private static double ratio(ToyResult result, String worse, String better) {
    return loss(result, worse) - loss(result, better);
  }

  private static double bestMollified(ToyResult result) {
    return ToyArm.mollifiers().stream()
        .map(arm -> loss(result, arm.name()))
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static double varianceSpan(ToyResult result) {
    List<List<Quartiles>> blocks = result.best("Adam").varianceTerm();
    double[] medians =
        blocks.stream().mapToDouble(block -> block.get(VARIANCE_STEP - 1).median()).toArray();
    double low = Math.min(medians[0], Math.min(medians[1], medians[2]));
    double high = Math.max(medians[0], Math.max(medians[1], medians[2]));
    return Math.log10(high / low);
  }

  private static Figure curves(String id, String title, ToyResult result, int from, int to) {
    List<String> arms = result.curves().stream().map(ToyCurve::arm).distinct().toList();
    double[] x = IntStream.rangeClosed(0, result.settings().steps()).asDoubleStream().toArray();
    List<Line> lines = new ArrayList<>();
    for (int i = from; i < Math.min(to, arms.size()); i++) {
      ToyCurve best = result.best(arms.get(i));
      if (best.survivors() > 0) {
        lines.add(line(best.arm(), i, x, best.loss()));
      }
    }
    return new Figure(id, title + ": loss, first draw", "step", "loss", lines);
  }

  private static Figure variance(ToyResult result) {
    ToyCurve adam = result.best("Adam");
    double[] x = IntStream.rangeClosed(1, result.settings().steps()).asDoubleStream().toArray();
    List<Line> lines = new ArrayList<>();
    for (int block = 0; block < adam.varianceTerm().size(); block++) {
      lines.add(line("block " + (block + 1), block, x, adam.varianceTerm().get(block)));
    }
    return new Figure(
        "toy-variance", "Adam's variance term by block, first draw", "step", "variance", lines);
  }

  /** Median and quartiles over seeds. */
  private static Line line(String name, int colour, double[] x, List<Quartiles> y) {
    return Line.of(
            name, "simulated", colour, x, y.stream().mapToDouble(Quartiles::median).toArray())
        .banded(
            y.stream().mapToDouble(Quartiles::lower).toArray(),
            y.stream().mapToDouble(Quartiles::upper).toArray())
        .thinned(POINTS);
  }
}
