package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.config.ClipConfig;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import io.adamant.theory.ScaleDrift;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the gradient's norm drifts so fast that Adam's update is another than its averages promise.
 *
 * <p>The drift is the slope of ln‖g‖ by least squares over stretches of steps, with its error from
 * the residuals; norms as they were after clipping.
 */
final class DriftSection {
  private static final double SHOWN = 0.02;
  private static final int SHORTEST = 20; // steps of a stretch
  private static final List<String> KINDS = List.of("adamw", "softsign_adam", "rmsprop");

  private DriftSection() {}

  /** A stretch of steps. */
  private record Stretch(
      ArmCurves arm, double first, double last, double drift, double error, double factor) {
    boolean shown() {
      return Math.abs(factor - 1) > SHOWN && Math.abs(drift) > error;
    }
  }

  static Section of(List<ArmCurves> arms) {
    List<Stretch> shown =
        arms.stream()
            .filter(arm -> KINDS.contains(arm.arm().optimizer()) && beta(arm, "beta2") > 0)
            .flatMap(arm -> stretches(arm).stream())
            .filter(Stretch::shown)
            .toList();
    return Section.of("scale-drift", "Drift of the gradient's scale")
        .say(
            "Adam's two averages remember the gradient over different times. Where its norm grows"
                + " or falls by e^drift a step, the update is larger or smaller by the factor"
                + " below than for a scale that stays. Listed are stretches whose factor is more"
                + " than 2 % from 1 and whose drift is more than its 95 % error; the share of"
                + " signal is the one that momentum shows.")
        .table(
            new Table.Columns<Stretch>()
                .text("arm", stretch -> stretch.arm().name())
                .number("from step", Digits::count, Stretch::first)
                .number("to step", Digits::count, Stretch::last)
                .number("drift a step", Digits.significant(2), Stretch::drift)
                .number("±", Digits.significant(2), Stretch::error)
                .number("factor on the update", Digits.fixed(3), Stretch::factor)
                .of("Stretches where the drift changes the update", shown))
        .done();
  }

  private static List<Stretch> stretches(ArmCurves arm) {
    double beta1 = beta(arm, "beta1");
    double beta2 = beta(arm, "beta2");
    Curve norms = logNorms(arm);
    int length = (int) Math.max(SHORTEST, Math.ceil(2 / (1 - Math.max(beta1, beta2))));
    List<Stretch> all = new ArrayList<>();
    for (int from = 0; from + length <= norms.size(); from += length) {
      double last = norms.x(from + length - 1);
      double[] fit = slope(norms, from, length);
      double snr = snr(arm, last);
      double factor = ScaleDrift.factor(beta1, beta2, snr, fit[0], length);
      all.add(new Stretch(arm, norms.x(from), last, fit[0], fit[1], factor));
    }
    return all;
  }

  private static double beta(ArmCurves arm, String key) {
    return arm.arm().config().optimizer().settings().get(key) instanceof Number beta
        ? beta.doubleValue()
        : 0;
  }

  /** What the optimizer saw. */
  private static Curve logNorms(ArmCurves arm) {
    ClipConfig clip = arm.arm().config().clip();
    double most = clip.globalNorm() > 0 ? clip.globalNorm() : Double.POSITIVE_INFINITY;
    return arm.mean(Metrics.GRADIENT_NORM)
        .map(norm -> norm > 0 ? Math.log(Math.min(norm, most)) : Double.NaN)
        .present();
  }

  private static double snr(ArmCurves arm, double step) {
    Curve snr = arm.mean(Metrics.group(Metrics.ALL, Metrics.SNR)).present();
    double at = 0;
    for (int i = 0; i < snr.size() && snr.x(i) <= step; i++) {
      at = snr.y(i);
    }
    return Math.max(0, at);
  }

  /** Slope and the half-width of its 95 % interval. */
  private static double[] slope(Curve curve, int from, int length) {
    double meanX = 0;
    double meanY = 0;
    for (int i = from; i < from + length; i++) {
      meanX += curve.x(i) / length;
      meanY += curve.y(i) / length;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = from; i < from + length; i++) {
      double x = curve.x(i) - meanX;
      double y = curve.y(i) - meanY;
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
    double slope = xy / xx;
    double variance = Math.max(0, yy - slope * xy) / (length - 2);
    return new double[] {slope, 2 * Math.sqrt(variance / xx)};
  }
}
