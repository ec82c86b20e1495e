package io.adamant.rules;

import java.util.List;

/**
 * What multiplies every rule, for one tensor in plain double arithmetic.
 *
 * <pre>
 * g  = g + λ w                                   decay: l2
 * u  = u [u g > 0] / max(mean [u g > 0], 0.001)  mask: cautious
 * w  ← w − ηλ w [u w > 0]                        decay: cautious
 * w  ← (w − ηu)/(1 + ηλ)                         decay: proximal
 * w  ← (1 − ηλ)(w − ηu)                          decay: last
 * s  = η u, scaled so that floor ≤ |s|/|w| ≤ ceiling
 * w' = w − η |w| u/|u|,  w ← w' |w|/|w'|         constraint: hyperball
 * </pre>
 *
 * <p>The decays independent and corrected change only what λ is multiplied by: the caller gives
 * λ/η_max and λη/η_max as the decay.
 *
 * @param decay coupled, independent, corrected, cautious, proximal, last or l2
 * @param cautious whether the mask acts
 * @param hyperball whether the norm is kept; of matrices only
 * @param floor smallest |s|/|w|, of matrices only; 0 for none
 * @param ceiling largest |s|/|w|, of matrices only; infinite for none
 */
record Multipliers(
    String decay, boolean cautious, boolean hyperball, double floor, double ceiling) {

  static final Multipliers NONE =
      new Multipliers("coupled", false, false, 0, Double.POSITIVE_INFINITY);

  static Multipliers read(Settings settings, boolean matrix) {
    String decay =
        settings.shared(
            "decay", "coupled", "independent", "corrected", "cautious", "proximal", "last", "l2");
    boolean cautious = settings.shared("mask", "none", "cautious").equals("cautious");
    boolean hyperball = settings.shared("constraint", "none", "hyperball").equals("hyperball");
    double floor = settings.sharedFraction("update_floor").orElse(0);
    double ceiling = settings.sharedFraction("update_ceiling").orElse(Double.POSITIVE_INFINITY);
    return matrix
        ? new Multipliers(decay, cautious, hyperball, floor, ceiling)
        : new Multipliers(decay, cautious, false, 0, Double.POSITIVE_INFINITY);
  }

  /** Whether the decay acts on the weights themselves. */
  boolean ofWeights() {
    return !decay.equals("l2");
  }

  double[] gradient(double[] g, double[] w, double weightDecay) {
    if (ofWeights()) {
      return g;
    }
    double[] sum = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      sum[i] = g[i] + weightDecay * w[i];
    }
    return sum;
  }

  double[] masked(double[] u, double[] g) {
    if (!cautious) {
      return u;
    }
    double[] masked = new double[u.length];
    double kept = 0;
    for (int i = 0; i < u.length; i++) {
      kept += u[i] * g[i] > 0 ? 1 : 0;
    }
    for (int i = 0; i < u.length; i++) {
      masked[i] = u[i] * g[i] > 0 ? u[i] / Math.max(kept / u.length, 1e-3) : 0;
    }
    return masked;
  }

  /** Moves the weights, if it is not for the rule to do so. */
  boolean move(double[] w, double[] u, double rate, double weightDecay) {
    boolean bounded = floor > 0 || ceiling < Double.POSITIVE_INFINITY;
    boolean otherwise = List.of("cautious", "proximal", "last").contains(decay);
    if (!hyperball && !bounded && !otherwise) {
      return false;
    }
    if (hyperball) {
      double radius = norm(w);
      double share = radius / Math.max(norm(u), 1e-10);
      for (int i = 0; i < w.length; i++) {
        w[i] -= rate * share * u[i];
      }
      double length = norm(w);
      for (int i = 0; i < w.length; i++) {
        w[i] *= length == 0 ? 0 : radius / length;
      }
      return true;
    }
    double shrink = rate * weightDecay;
    for (int i = 0; i < w.length; i++) {
      boolean before = decay.equals("cautious") ? u[i] * w[i] > 0 : !otherwise;
      w[i] -= before ? shrink * w[i] : 0;
    }
    double factor = factor(norm(w), rate * norm(u));
    for (int i = 0; i < w.length; i++) {
      w[i] -= rate * factor * u[i];
      w[i] *= decay.equals("last") ? 1 - shrink : 1;
      w[i] /= decay.equals("proximal") ? 1 + shrink : 1;
    }
    return true;
  }

  private double factor(double size, double length) {
    if (size == 0 || length == 0) {
      return 1;
    }
    return Math.max(floor, Math.min(ceiling, length / size)) * size / length;
  }

  private static double norm(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }
}
