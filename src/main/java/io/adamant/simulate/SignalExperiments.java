package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.simulate.SignalView.Filter;
import io.adamant.simulate.SignalView.Start;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Equal-beta Adam as a filter of random signals that decay like e^{−decay·k} (theory.md §8): how
 * fast it forgets its start, from which beta on it never does, and what it can reach.
 */
final class SignalExperiments {

  /** A signal beyond e^{−250} would leave the range of doubles when squared. */
  private static final double LEAST_LOG = -250;

  /** A faster decay leaves too few steps to see anything. */
  private static final double LARGEST_DECAY = 10;

  private static final int LENGTH = 4000;
  private static final double ROUNDING = 1e-10; // smaller remainders are not resolved

  private SignalExperiments() {}

  /** Forgetting, periodicity and reach. */
  static List<Measurement> signal(Values v, Blocks blocks) {
    double beta = v.number("beta");
    double decay = decay(v);
    int steps = (int) v.whole("steps");
    int shown = Math.min(steps, LENGTH);
    Lanes lanes = new Lanes(v, blocks, 2);
    double[][] c =
        lanes.columns(
            (noise, out) -> {
              out[0] = beta > 0 ? forgetting(beta, decay, noise) : 0;
              double[] g = new double[shown];
              noise.fill(g);
              out[1] = Math.abs(SignalView.adam(beta, Start.ZERO).apply(g)[shown - 1]);
            });
    double[] ones = new double[steps];
    Arrays.fill(ones, 1);
    double largest = Arrays.stream(c[1]).max().orElseThrow();
    List<Measurement> all = new ArrayList<>();
    // At 0 there is nothing to forget; from e^{−decay} on, momentum too remembers its start for
    // ever.
    if (beta > 0 && beta < Math.exp(-decay)) {
      Measurement log = Lanes.mean(c[0]);
      double factor = Math.exp(log.value());
      all.add(
          new Measurement(
              "transient_factor",
              "factor a step by which a start is forgotten",
              factor,
              factor * log.halfWidth()));
    }
    all.add(
        Measurement.sure(
            "largest_beta", "largest beta whose output does not fall", largest(decay)));
    all.add(
        Measurement.sure(
            "from_zero", "on a constant gradient, from zero", last(beta, Start.ZERO, ones)));
    all.add(
        Measurement.sure(
            "from_first", "on it, from its first value", last(beta, Start.GRADIENT, ones)));
    all.add(
        Measurement.sure(
            "largest_random", "largest of the repetitions on random gradients", largest));
    return all;
  }

  private static double last(double beta, Start start, double[] g) {
    return SignalView.adam(beta, start).apply(g)[g.length - 1];
  }

  /** The decay, if something can be seen of it. */
  static double decay(Values v) {
    double decay = v.number("decay");
    if (decay > LARGEST_DECAY) {
      throw new InputException(
          "--decay " + v.text("decay") + ": allowed here: a number in [0, " + LARGEST_DECAY + "]");
    }
    return decay;
  }

  /**
   * Two signals are the same but for their first two values, which give the same momentum m and
   * different squares v. Of their outputs d and e, (d/e)² − 1 is what remains in v of the start,
   * relative to v; and d² falls where v never forgets it. The product of both rates is the factor;
   * its logarithm is returned.
   */
  private static double forgetting(double beta, double decay, GaussianSource noise) {
    double[] one = decaying(length(LENGTH, decay), decay, noise);
    one[0] = 1;
    one[1] = 0;
    double[] other = one.clone();
    other[0] = 2;
    other[1] = -beta; // gives the same m after two steps and a larger v
    Filter adam = SignalView.adam(beta, Start.ZERO);
    double[] d = adam.apply(one);
    double[] e = adam.apply(other);
    int first = (int) Math.min(d.length / 4.0, 2 + 4 / (1 - beta)); // the averages are filled
    double[] logs = new double[d.length];
    int last = first;
    for (int k = first; k < d.length; k++) {
      double remainder = (d[k] / e[k]) * (d[k] / e[k]) - 1;
      if (!(remainder > ROUNDING)) {
        break;
      }
      logs[k] = Math.log(remainder / (d[k] * d[k]));
      last = k;
    }
    return slope(logs, first, last);
  }

  /** Least-squares slope over the indices. */
  private static double slope(double[] y, int first, int last) {
    double middle = (first + last) / 2.0;
    double above = 0;
    double below = 0;
    for (int k = first; k <= last; k++) {
      above += (k - middle) * y[k];
      below += (k - middle) * (k - middle);
    }
    return above / below;
  }

  private static double[] decaying(int length, double decay, GaussianSource noise) {
    double[] g = new double[length];
    noise.fill(g);
    for (int k = 0; k < length; k++) {
      g[k] *= Math.exp(-decay * k);
    }
    return g;
  }

  private static int length(int most, double decay) {
    return (int) Math.min(most, -LEAST_LOG / Math.max(decay, 1e-9));
  }

  /** By bisection: does the output on e^{−decay·k} still fall in the signal's second half? */
  private static double largest(double decay) {
    int length = length(5 * LENGTH, decay);
    double[] g = new double[length];
    for (int k = 0; k < length; k++) {
      g[k] = Math.exp(-decay * k);
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < 40; i++) {
      double beta = (low + high) / 2;
      double[] d = SignalView.adam(beta, Start.ZERO).apply(g);
      if (d[length - 1] > d[length / 2] / 2) {
        low = beta;
      } else {
        high = beta;
      }
    }
    return low;
  }
}
