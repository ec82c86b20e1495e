package io.adamant.report;

import io.adamant.report.Chart.Series;
import io.adamant.report.Chart.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Estimates of the gradient's noise beside each other, and what they say of batch and rate. */
final class NoiseSection {
  private final List<ArmCurves> arms;
  private final List<Chart> charts = new ArrayList<>();

  private NoiseSection(List<ArmCurves> arms) {
    this.arms = arms;
  }

  static Section of(List<ArmCurves> arms) {
    NoiseSection section = new NoiseSection(arms);
    section.add(
        "snr-estimates",
        "Signal-to-noise ratio: fresh or micro-batch gradients (solid) and from momentum (dashed)",
        "‖μ‖²/‖σ‖²",
        Metrics.group("all", "snr_independent"),
        Metrics.group("all", "snr"),
        "from momentum");
    section.add(
        "noise-scale",
        "Critical batch size: B_simple (solid) and, where probed, B_noise in the curvature (dashed)",
        "sequences",
        Metrics.group("all", "noise_scale_independent"),
        "probe.noise_scale_curved",
        "in the curvature");
    section.addBestRate();
    section.add(
        "noise-dominated",
        "Share of coordinates with |m| < σ, for equal betas",
        "share",
        Metrics.group("all", "noise_dominated"),
        "",
        "");
    List<String> sentences =
        List.of(
            "A batch at the critical size is half noise: above it a larger batch saves few steps."
                + " Bands are 95 % intervals of one measurement.",
            "The ratio from momentum counts as signal only what gradients share over steps; where it"
                + " lies below the other, the mean gradient turns faster than momentum forgets.");
    return new Section(
        "noise", "Gradient noise on fresh data", sentences, List.of(), List.of(), section.charts);
  }

  /** A ratio, because the rates of two optimizers may lie decades apart. */
  private void addBestRate() {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      Curve rate = arm.mean("lr");
      Series line =
          arm.line(
              "probe.eta_star",
              "measured",
              Style.SOLID,
              best -> {
                double[] ratios = best.ys();
                for (int i = 0; i < ratios.length; i++) {
                  ratios[i] /= rate.valueAt(best.x(i));
                }
                return Curve.of(best.xs(), ratios).map(r -> r > 0 ? r : Double.NaN);
              });
      if (!line.line().blank()) {
        lines.add(line);
      }
    }
    if (!lines.isEmpty()) {
      lines.add(Axes.of(arms).level("best rate = rate used", "fixed level", 1));
      charts.add(
          new Chart(
              "best-rate",
              "Best rate for one more step along the same update, over the rate used",
              Axes.of(arms).steps(),
              Axes.vertical("best rate / rate used", "", lines, true),
              lines));
    }
  }

  private void add(
      String id, String title, String label, String solid, String dashed, String meaning) {
    List<Series> lines = new ArrayList<>();
    for (ArmCurves arm : arms) {
      Series line = IndependentSection.band(arm, solid, "measured", Style.SOLID);
      if (line.line().blank()) {
        continue;
      }
      lines.add(line);
      Series other = arm.line(dashed, meaning, Style.DASHED, UnaryOperator.identity());
      if (!other.line().blank()) {
        lines.add(other);
      }
    }
    if (!lines.isEmpty()) {
      charts.add(
          new Chart(
              id, title, Axes.of(arms).steps(), Axes.vertical(label, "", lines, true), lines));
    }
  }
}
