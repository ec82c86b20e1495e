package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether the update RMS of one arm and group is what theory says for the signal-to-noise ratio of
 * fresh gradients, and which measured assumption fails where it is not.
 *
 * @param arm the arm
 * @param group {@code all} or a group of parameters
 */
record UpdateVerdict(ArmCurves arm, String group) {

  /** Theory's stated error of the second-order form (theory.md &sect;4), beta2 &ge; 0.9. */
  private static final double ERROR = 0.01;

  /** The same for 0.6 &le; beta2 &lt; 0.9. */
  private static final double WIDE_ERROR = 0.07;

  /** A factor nearer to 1 than this explains nothing. */
  private static final double SMALL = 0.02;

  /** Relative error of the prediction that theory states for the arm's settings. */
  double error() {
    Object beta2 = arm.arm().config().optimizer().settings().get("beta2");
    return beta2 instanceof Number number && number.doubleValue() < 0.9 ? WIDE_ERROR : ERROR;
  }

  /** Steps with a residual and its interval, and those of them where theory holds. */
  record Count(int within, int all) {
    boolean holds() {
      return 2 * within > all;
    }
  }

  Count count() {
    Curve low = arm.mean(key(Metrics.low(Metrics.UPDATE_RMS_RESIDUAL)));
    Curve high = arm.mean(key(Metrics.high(Metrics.UPDATE_RMS_RESIDUAL)));
    int within = 0;
    int all = 0;
    for (int i = 0; i < low.size(); i++) {
      double top = high.valueAt(low.x(i));
      if (Double.isFinite(low.y(i)) && Double.isFinite(top)) {
        all++;
        within += low.y(i) <= error() && top >= -error() ? 1 : 0;
      }
    }
    return new Count(within, all);
  }

  /** Whether nothing fresh was measured. */
  boolean blank() {
    return count().all() == 0;
  }

  /** A plain line for a chart; empty where nothing fresh was measured. */
  Optional<String> line() {
    return Optional.of(count()).filter(count -> count.all() > 0).map(this::line);
  }

  private String line(Count count) {
    return "%s: theory %s (%s of %s steps agree), median residual %s%s."
        .formatted(
            arm.name(),
            count.holds() ? "holds" : "fails",
            count.within(),
            count.all(),
            Digits.percent(median(Metrics.UPDATE_RMS_RESIDUAL)),
            count.holds() ? "" : "; " + Cause.of(this).words());
  }

  /** The same in full sentences. */
  Optional<String> sentences() {
    return Optional.of(count()).filter(count -> count.all() > 0).map(this::sentences);
  }

  private String sentences(Count count) {
    String verdict =
        "%s: measured lies within theory's known error of %s %% and the 95 %% interval at %s of %s steps, so theory %s; median residual %s."
            .formatted(
                arm.name(),
                Digits.fixed(100 * error(), 0),
                count.within(),
                count.all(),
                count.holds() ? "holds" : "fails",
                Digits.percent(median(Metrics.UPDATE_RMS_RESIDUAL)));
    return count.holds() ? verdict : verdict + " " + because() + clipping();
  }

  /** An assumption that a factor stands for. */
  private record Cause(String assumption, double factor) {

    /** The one whose factor is farthest from 1. */
    static Cause of(UpdateVerdict verdict) {
      return Stream.of(
              new Cause(
                  "gradients are not independent over steps with one mean",
                  verdict.median(Metrics.FACTOR_TIME)),
              new Cause(
                  "coordinates do not share one ratio", verdict.median(Metrics.FACTOR_COORDINATES)),
              new Cause("ε is not small", verdict.median(Metrics.FACTOR_EPS)))
          .max(Comparator.comparingDouble(Cause::size))
          .filter(cause -> cause.size() >= SMALL)
          .orElse(new Cause("no measured assumption accounts for it", Double.NaN));
    }

    double size() {
      return Double.isFinite(factor) && factor > 0 ? Math.abs(Math.log(factor)) : 0;
    }

    String words() {
      return Double.isNaN(factor)
          ? assumption
          : assumption + " (× " + Digits.fixed(factor, 2) + ")";
    }
  }

  private String because() {
    Cause cause = Cause.of(this);
    boolean time = cause.factor() == median(Metrics.FACTOR_TIME);
    return "The assumption that fails: "
        + cause.words()
        + (time
            ? ", a step's gradient shares %s of its signal with the steps before (median)."
                .formatted(Digits.percentage(Math.max(0, median(Metrics.PERSISTENCE)), 1))
            : ".");
  }

  private String clipping() {
    double[] scales = Statistics.present(arm.mean(Metrics.CLIP_SCALE));
    double clipped =
        Arrays.stream(scales).filter(scale -> scale < 1).count() / Math.max(1.0, scales.length);
    return clipped > 0.1
        ? " Clipping was active at " + Digits.percentage(clipped, 1) + " of the steps."
        : "";
  }

  /** The median over steps of one of the group's quantities. */
  double median(String quantity) {
    return Statistics.median(arm.mean(key(quantity)));
  }

  private String key(String quantity) {
    return Metrics.group(group, quantity);
  }
}
