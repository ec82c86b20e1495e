package io.adamant.report;

import io.adamant.report.Chart.Axis;
import io.adamant.report.Chart.Band;
import io.adamant.report.Chart.Series;
import io.adamant.report.Chart.Style;
import io.adamant.report.Section.FactTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The update RMS held against a prediction that touches neither the optimizer's state nor the
 * update, and which assumption fails where they differ.
 */
final class IndependentSection {

  /** Theory's stated error of the second-order form for beta2 ≥ 0.9 (theory §4). */
  private static final double THEORY = 0.01;

  /** A factor nearer to 1 than this explains nothing. */
  private static final double SMALL = 0.02;

  private static final List<String> GROUPS =
      List.of("all", "embedding", "attention", "mlp", "norm", "head");

  private final List<ArmCurves> arms;

  private IndependentSection(List<ArmCurves> arms) {
    this.arms = arms;
  }

  static Section of(List<ArmCurves> arms) {
    IndependentSection section = new IndependentSection(arms);
    List<Chart> panels = new ArrayList<>();
    for (String group : GROUPS) {
      section.chart(group).ifPresent(panels::add);
    }
    List<Chart> wide = panels.isEmpty() ? List.of() : List.of(panels.remove(0));
    return new Section(
        "update-rms-independent",
        "Update RMS against fresh gradients",
        section.sentences(),
        wide.isEmpty() ? List.of() : List.of(section.table()),
        wide,
        panels);
  }

  private Optional<Chart> chart(String group) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      Series predicted =
          band(arm, Metrics.group(group, "update_rms_independent"), "predicted", Style.DASHED);
      if (!predicted.line().blank()) {
        lines.add(predicted);
        lines.add(arm.measured(Metrics.group(group, "update_rms"), UnaryOperator.identity()));
      }
    }
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    Axis y = Axes.vertical("update RMS", "", lines, true);
    String name = group.equals("all") ? "all parameters" : group;
    return Optional.of(
        new Chart(
            "update-rms-independent-" + group,
            "Update RMS, predicted from fresh gradients: " + name,
            Axes.of(arms).steps(),
            y,
            lines));
  }

  /** A line with the band that its own interval makes. */
  static Series band(ArmCurves arm, String key, String meaning, Style style) {
    Curve line = arm.mean(key);
    Curve low = arm.mean(key + "_low");
    Curve high = arm.mean(key + "_high");
    Optional<Band> band =
        Arrays.equals(low.xs(), line.xs()) && Arrays.equals(high.xs(), line.xs())
            ? Optional.of(new Band(low, high))
            : Optional.empty();
    return new Series(arm.name(), meaning, style, arm.colour(), false, line, band);
  }

  private List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Here the prediction comes from the scatter between gradients of independent batches, and"
            + " from nothing that the optimizer remembers. The band is its 95 % interval.");
    for (ArmCurves arm : arms) {
      verdict(arm).ifPresent(sentences::add);
    }
    return sentences;
  }

  private Optional<String> verdict(ArmCurves arm) {
    Curve low = arm.mean(Metrics.group("all", "update_rms_residual_low"));
    Curve high = arm.mean(Metrics.group("all", "update_rms_residual_high"));
    double residual = median(arm, "update_rms_residual");
    if (Double.isNaN(residual) || low.size() != high.size()) {
      return Optional.empty();
    }
    int within = 0;
    int all = 0;
    for (int i = 0; i < low.size(); i++) {
      if (Double.isFinite(low.y(i)) && Double.isFinite(high.y(i))) {
        all++;
        within += low.y(i) <= THEORY && high.y(i) >= -THEORY ? 1 : 0;
      }
    }
    String text =
        "%s: measured lies within theory's error of 1 %% and the interval at %d of %d steps, median residual %s."
            .formatted(arm.name(), within, all, Digits.percent(residual));
    return Optional.of(
        2 * within > all && Math.abs(residual) < 0.05 ? text : text + " " + cause(arm));
  }

  /** The assumption whose factor is farthest from 1. */
  private static String cause(ArmCurves arm) {
    double time = median(arm, "factor_time");
    double coordinates = median(arm, "factor_coordinates");
    double eps = median(arm, "factor_eps");
    double clipped =
        Arrays.stream(Statistics.present(arm.mean("clip_scale"))).filter(c -> c < 1).count()
            / Math.max(1.0, Statistics.present(arm.mean("clip_scale")).length);
    double worst = Math.max(size(time), Math.max(size(coordinates), size(eps)));
    String text;
    if (worst < SMALL) {
      text = "No measured assumption accounts for it.";
    } else if (worst == size(time)) {
      double persistence = median(arm, "persistence");
      text =
          "The assumption that fails is the same mean from step to step: consecutive gradients share "
              + Digits.percentage(Math.max(0, persistence), 1)
              + " of their signal (median), so momentum averages it away; this alone is a factor "
              + Digits.fixed(time, 2)
              + ".";
    } else if (worst == size(coordinates)) {
      text =
          "The assumption that fails is one signal-to-noise ratio for all coordinates: factor "
              + Digits.fixed(coordinates, 2)
              + ".";
    } else {
      text = "The assumption that fails is a small ε: factor " + Digits.fixed(eps, 2) + ".";
    }
    return clipped > 0.1
        ? text + " Clipping was active at " + Digits.percentage(clipped, 1) + " of the steps."
        : text;
  }

  private static double size(double factor) {
    return Double.isFinite(factor) && factor > 0 ? Math.abs(Math.log(factor)) : 0;
  }

  private static double median(ArmCurves arm, String quantity) {
    return Statistics.median(arm.mean(Metrics.group("all", quantity)));
  }

  private FactTable table() {
    List<List<String>> rows = new ArrayList<>();
    for (ArmCurves arm : arms) {
      List<String> row = new ArrayList<>(List.of(arm.name()));
      for (String key :
          new String[] {
            "update_rms_residual", "factor_time", "factor_coordinates", "factor_eps", "persistence"
          }) {
        double value = median(arm, key);
        row.add(key.endsWith("residual") ? Digits.percent(value) : Digits.fixed(value, 2));
      }
      if (!Double.isNaN(median(arm, "update_rms_residual"))) {
        rows.add(row);
      }
    }
    return new FactTable(
        "Medians over the steps: 1 + residual is the product of the three factors, each 1 where its"
            + " assumption holds",
        List.of(
            "arm",
            "residual",
            "same mean over time",
            "same ratio in all coordinates",
            "small ε",
            "signal shared with the steps before"),
        rows);
  }
}
