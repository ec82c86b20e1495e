package io.adamant.report;

import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.Metrics;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What consecutive gradients share, and what it does to the update under this and other betas. */
final class MemorySection {
  private static final double STATED = 0.01; // theory's error of the update RMS, as elsewhere
  private static final String LAG = Metrics.memory(Metrics.ALL, Metrics.lag(1));
  private static final String AHEAD = Metrics.memory(Metrics.ALL, Metrics.UPDATE_RMS_AHEAD);
  private static final String TESTED = Metrics.memory(Metrics.ALL, Metrics.UPDATE_RMS_TESTED);
  private static final String KERNELS = Metrics.memory(Metrics.ALL, Metrics.KERNELS) + ".";

  private MemorySection() {}

  /** A coefficient of momentum, over the second half of the measured steps. */
  private record Kernel(ArmCurves arm, String beta, double lags, double rms, double white) {}

  static Section of(List<ArmCurves> all) {
    List<ArmCurves> arms = all.stream().filter(arm -> arm.mean(LAG).present().size() > 0).toList();
    Section.Builder section = Section.of("memory", "Memory of the gradients");
    if (arms.isEmpty()) {
      return section.done();
    }
    return section
        .say(
            "Lag 1 is what a gradient shares with the one before, as a share of its square: 0 for"
                + " pure noise, snr/(1 + snr) for a mean that stays, below 0 where the step turns the"
                + " gradient round. The band is its 95 % interval.")
        .sayOfEach("%s.", ArmCurves.each(arms, MemorySection::consecutive))
        .sayOfEach(
            "Update RMS predicted from the memory of half of the coordinates, at steps that the"
                + " present momentum holds at most a hundredth of, beside the other half: %s.",
            ArmCurves.each(arms, MemorySection::ahead))
        .say(
            "The momentum is a sum of the gradients that were kept, so agreement on the same"
                + " gradients would test the code only.")
        .wide(
            ArmCurves.chart(
                arms,
                "memory-lag-1",
                "Lag 1 of the gradients",
                new Axis("C1/C0", "", false, Optional.empty()),
                ArmCurves.lines(arms, arm -> arm.estimate(LAG, "lag 1", Style.SOLID))))
        .wide(
            ArmCurves.chart(
                arms,
                "memory-ahead",
                "Update RMS and its prediction from earlier gradients of other coordinates",
                new Axis("update RMS", "", false, Optional.empty()),
                Stream.concat(
                        ArmCurves.lines(arms, arm -> arm.measured(TESTED)).stream(),
                        ArmCurves.lines(
                            arms, arm -> arm.estimate(AHEAD, "predicted from memory", Style.DASHED))
                            .stream())
                    .toList()))
        .table(
            new Table.Columns<ArmCurves>()
                .text("arm", ArmCurves::name)
                .number("lag 1", Digits.significant(2), arm -> median(arm, Metrics.lag(1)))
                .number("lag 2", Digits.significant(2), arm -> median(arm, Metrics.lag(2)))
                .number("lag 8", Digits.significant(2), arm -> median(arm, Metrics.lag(8)))
                .number(
                    "white noise", Digits.fixed(3), arm -> median(arm, Metrics.UPDATE_RMS_WHITE))
                .number("memory", Digits.fixed(3), arm -> median(arm, Metrics.FACTOR_MEMORY))
                .number(
                    "coordinates", Digits.fixed(3), arm -> median(arm, Metrics.FACTOR_COORDINATES))
                .number("epsilon", Digits.fixed(3), arm -> median(arm, Metrics.FACTOR_EPS))
                .number("rest", Digits.fixed(3), arm -> median(arm, Metrics.FACTOR_REST))
                .number("update RMS", Digits.fixed(3), arm -> median(arm, Metrics.UPDATE_RMS))
                .number(
                    "predictive beta", Digits.fixed(3), arm -> median(arm, Metrics.PREDICTIVE_BETA))
                .of(
                    "Update RMS of all parameters as a product, medians over measured steps;"
                        + " the predictive beta where there is one",
                    arms))
        .table(
            new Table.Columns<Kernel>()
                .text("arm", kernel -> kernel.arm().name())
                .text("beta1", Kernel::beta)
                .number("white noise", Digits.fixed(3), Kernel::white)
                .number("from memory", Digits.fixed(3), Kernel::lags)
                .number("and coordinates", Digits.fixed(3), Kernel::rms)
                .of(
                    "Update RMS that another momentum would have on these gradients, medians over"
                        + " measured steps",
                    arms.stream().flatMap(arm -> kernels(arm).stream()).toList()))
        .done();
  }

  /** What the intervals of lag 1 say, in words. */
  private static Optional<String> consecutive(ArmCurves arm) {
    double[] low = Statistics.present(arm.mean(Metrics.low(LAG)));
    double[] high = Statistics.present(arm.mean(Metrics.high(LAG)));
    long agree = Arrays.stream(low).filter(x -> x > 0).count();
    long oppose = Arrays.stream(high).filter(x -> x < 0).count();
    String words =
        oppose > agree && 2 * oppose > low.length
            ? "consecutive gradients point against each other: the rate is high"
            : agree > oppose && 2 * agree > low.length
                ? "consecutive gradients agree: a step hardly turns the mean gradient"
                : "consecutive gradients have nothing in common at most steps";
    return Optional.of(
        "%s (against each other at %s, with each other at %s of %s measured steps)"
            .formatted(words, oppose, agree, low.length));
  }

  private static Optional<String> ahead(ArmCurves arm) {
    Curve predicted = arm.mean(AHEAD);
    Curve tested = arm.mean(TESTED);
    Curve low = arm.mean(Metrics.low(AHEAD));
    Curve high = arm.mean(Metrics.high(AHEAD));
    int count = 0;
    int within = 0;
    List<Double> residuals = new ArrayList<>();
    for (int i = 0; i < predicted.size(); i++) {
      double measured = tested.valueAt(predicted.x(i));
      if (!Double.isNaN(predicted.y(i)) && !Double.isNaN(measured)) {
        count++;
        residuals.add(measured / predicted.y(i) - 1);
        within +=
            measured >= low.valueAt(predicted.x(i)) * (1 - STATED)
                    && measured <= high.valueAt(predicted.x(i)) * (1 + STATED)
                ? 1
                : 0;
      }
    }
    return count == 0
        ? Optional.empty()
        : Optional.of(
            "within theory's known error of 1 %% and the 95 %% interval of memory at %s of %s steps, median residual %s"
                .formatted(
                    within,
                    count,
                    Digits.percent(
                        Statistics.median(
                            residuals.stream().mapToDouble(Double::doubleValue).toArray()))));
  }

  private static double median(ArmCurves arm, String quantity) {
    double[] values = Statistics.present(arm.mean(Metrics.memory(Metrics.ALL, quantity)));
    return values.length == 0 ? Double.NaN : Statistics.median(values);
  }

  private static List<Kernel> kernels(ArmCurves arm) {
    String end = "." + Metrics.UPDATE_RMS;
    return arm.arm().shown().stream()
        .flatMap(run -> run.metrics().keys().stream())
        .filter(key -> key.startsWith(KERNELS) && key.endsWith(end))
        .map(key -> key.substring(KERNELS.length(), key.length() - end.length()))
        .distinct()
        .map(
            name -> {
              double beta = Metrics.beta(name);
              return new Kernel(
                  arm,
                  Double.toString(beta),
                  median(arm, Metrics.KERNELS + "." + name + "." + Metrics.UPDATE_RMS_LAGS),
                  median(arm, Metrics.KERNELS + "." + name + end),
                  Math.sqrt((1 - beta) / (1 + beta)));
            })
        .toList();
  }
}
