package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import io.adamant.theory.SignalOperator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Optimizers as filters of a scalar gradient signal (theory.md §8): what goes in is g_1, g_2, …,
 * what comes out the direction of each step.
 */
public final class SignalView {
  private SignalView() {}

  /** How the averages of {@link #adam} start. */
  public enum Start {
    /** m_0 = v_0 = 0, no bias correction. */
    ZERO,
    /** m_1 = g_1, v_1 = g_1². */
    GRADIENT
  }

  /** A map from gradient signals to signals of the same length. */
  @FunctionalInterface
  public interface Filter {
    /**
     * Filters a signal.
     *
     * @param g gradients, (steps), left as they are
     * @return directions, (steps)
     */
    double[] apply(double[] g);
  }

  /**
   * Equal-beta Adam, T_β: d_k = EMA_β[g]_k / √EMA_β[g²]_k, ε = 0.
   *
   * <p>It is causal, blind to a positive factor, odd and bounded by 1; with {@link Start#GRADIENT}
   * every value of [−1, 1] can be reached at every k > 1, with {@link Start#ZERO} those up to
   * √(1−β^k).
   *
   * @param beta in [0, 1)
   * @param start of both averages
   * @return the filter
   * @throws InputException if beta is out of range
   */
  public static Filter adam(double beta, Start start) {
    return adam(beta, beta, false, start);
  }

  static Filter adam(double beta1, double beta2, boolean corrected, Start start) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("beta1", beta1);
    settings.put("beta2", beta2);
    settings.put("eps", 0.0);
    settings.put("bias_correction", corrected);
    settings.put("init", start == Start.ZERO ? "zero" : "gradient");
    return rule("adamw", settings);
  }

  /**
   * Signum, sign(EMA_β[g]), from zero.
   *
   * @param beta in [0, 1)
   * @return the filter
   * @throws InputException if beta is out of range
   */
  public static Filter signum(double beta) {
    return rule("signum", Map.of("beta1", beta));
  }

  /**
   * EMASign, EMA_β[sign(g)], from zero.
   *
   * @param beta in [0, 1)
   * @return the filter
   * @throws InputException if beta is out of range
   */
  public static Filter emaSign(double beta) {
    return rule("emasign", Map.of("beta1", beta));
  }

  /** Any rule as a filter, begun afresh for each signal. */
  private static Filter rule(String type, Map<String, Object> settings) {
    Rules.create(type, settings, 1); // refuses now what would fail later
    return g -> {
      Rule rule = Rules.create(type, settings, 1);
      double[] w = new double[1];
      double[] d = new double[g.length];
      for (int k = 0; k < g.length; k++) {
        d[k] = rule.step(w, new double[] {g[k]}, 0, 0)[0];
      }
      return d;
    };
  }

  /**
   * The study's test signal g_k = 1.8 sin(.03k) e^{−.0025k}, k = 1, …, n.
   *
   * @param n its length
   * @return (n)
   * @throws InputException if n is below 1
   */
  public static double[] dampedSine(int n) {
    if (n < 1) {
      throw new InputException("n is " + n + "; at least 1 is needed");
    }
    return Arrays.copyOfRange(SignalOperator.dampedSine(n + 1), 1, n + 1);
  }
}
