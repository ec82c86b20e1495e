package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.simulate.SignalView;
import io.adamant.simulate.SignalView.Filter;
import io.adamant.simulate.SignalView.Start;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/** Optimizers as filters of a damped sine (theory.md §8). */
final class SignalExperiment {
  private static final int STEPS = 2000;
  private static final int POINTS = 400;
  private static final double PERIOD = 2 * Math.PI / 0.03;
  private static final int EARLY = 4; // the period that the last one is compared with
  private static final double[] BETAS = {0.95, 0.975, 0.99, 0.999};

  private SignalExperiment() {}

  static Experiments.Result run() {
    double[] signal = SignalView.dampedSine(STEPS);
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    numbers.put("periodic_95", Estimate.exact(decay(adam(0.95), signal)));
    numbers.put("periodic_975", Estimate.exact(decay(adam(0.975), signal)));
    numbers.put("periodic_999", Estimate.exact(decay(adam(0.999), signal)));
    double largest = 0;
    for (double beta : BETAS) {
      largest = Math.max(largest, peak(adam(beta).apply(signal), 0, STEPS));
    }
    numbers.put("largest", Estimate.exact(largest));
    double[] signum = SignalView.signum(0.95).apply(signal);
    long ones = IntStream.range(0, STEPS).filter(k -> Math.abs(signum[k]) == 1).count();
    numbers.put("signum_ones", Estimate.exact((double) ones / STEPS));
    double[] emaSign = SignalView.emaSign(0.95).apply(signal);
    numbers.put("emasign_last", Estimate.exact(peak(emaSign, last(), STEPS)));
    return new Experiments.Result(
        numbers,
        List.of(
            figure("signal-adam", "Adam with equal betas", SignalExperiment::adam, signal),
            figure("signal-signum", "Signum", SignalView::signum, signal),
            figure("signal-emasign", "EMASign", SignalView::emaSign, signal)));
  }

  private static Filter adam(double beta) {
    return SignalView.adam(beta, Start.ZERO);
  }

  private static int last() {
    return (int) (STEPS - PERIOD);
  }

  /** The last period's largest update over that of an early one. */
  private static double decay(Filter filter, double[] signal) {
    double[] d = filter.apply(signal);
    int from = (int) ((EARLY - 1) * PERIOD);
    return peak(d, last(), STEPS) / peak(d, from, (int) (from + PERIOD));
  }

  private static double peak(double[] d, int from, int to) {
    double largest = 0;
    for (int k = from; k < to; k++) {
      largest = Math.max(largest, Math.abs(d[k]));
    }
    return largest;
  }

  private static Figure figure(
      String id, String title, DoubleFunction<Filter> filter, double[] signal) {
    double[] x = IntStream.rangeClosed(1, STEPS).asDoubleStream().toArray();
    List<Line> lines = new ArrayList<>();
    lines.add(Line.of("the signal", "formula", 4, x, signal).thinned(POINTS));
    for (int i = 0; i < BETAS.length; i++) {
      double[] d = filter.apply(BETAS[i]).apply(signal);
      lines.add(Line.of("β = " + BETAS[i], "simulated", i, x, d).thinned(POINTS));
    }
    return new Figure(id, title + " on a damped sine", "step", "update", lines);
  }
}
