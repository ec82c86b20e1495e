package io.adamant.simulate;

import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The angle that an optimizer turns a weight vector a step, once its norm has settled (theory.md
 * §4, §12): a repetition is one vector of {@code coordinates} weights on pure noise.
 */
final class EquilibriumExperiments {

  private static final int KEPT = 50; // steps averaged
  private static final int LONGEST = 4000; // steps of memory

  /** Of gradients: MARS clips none whose norm is below 1. */
  private static final double SMALL = 1e-4;

  private EquilibriumExperiments() {}

  /** The angle, and the two root mean squares behind its formulas. */
  static List<Measurement> angle(Values v, Blocks blocks) {
    Lanes lanes = new Lanes(v, blocks, 3);
    double[][] c = lanes.columns((noise, out) -> measure(v, noise, out));
    return List.of(
        Measurement.mean("angle", "angle a step, in radians", c[0]),
        Measurement.root("update_rms", "RMS of the update", c[1]),
        Measurement.root("weight_rms", "RMS of the weights", c[2]));
  }

  /** Of one vector, begun at √(lr/(2·weightDecay)), near which it settles. */
  private static void measure(Values v, GaussianSource noise, double[] out) {
    double beta1 = v.number("beta1");
    double beta2 = v.number("beta2");
    double lr = v.number("lr");
    double shrink = 1 - lr * v.number("weight-decay");
    long settling = v.whole("steps");
    int d = (int) v.whole("coordinates");
    double[] w = new double[d];
    noise.fill(w);
    double start = Math.sqrt(lr / (2 * v.number("weight-decay")));
    Arrays.setAll(w, i -> w[i] * start);
    double[] m = new double[d];
    double[] s = new double[d];
    Arrays.fill(s, 1); // its expectation, so that the first updates are not large
    double[] g = new double[d];
    for (long t = 0; t < settling + KEPT; t++) {
      double[] before = t < settling ? w : w.clone();
      noise.fill(g);
      double squares = 0;
      for (int i = 0; i < d; i++) {
        double x = g[i];
        m[i] = beta1 * m[i] + (1 - beta1) * x;
        s[i] = beta2 * s[i] + (1 - beta2) * x * x;
        double u = m[i] / Math.sqrt(s[i]);
        squares += u * u;
        w[i] = shrink * w[i] - lr * u;
      }
      if (t >= settling) {
        out[0] += angle(before, w) / KEPT;
        out[1] += squares / d / KEPT;
        out[2] += RandomQuadratic.dot(w, w) / d / KEPT;
      }
    }
  }

  /** Updates of any rule in double arithmetic, and weights under them: decayed, or of held norm. */
  static List<Measurement> anyRule(Values v, Blocks blocks) {
    double[][] c = new Lanes(v, blocks, 5).columns((noise, out) -> measureRule(v, noise, out));
    Measurement updateRms = Measurement.root("update_rms", "RMS of the update", c[3]);
    Measurement weightRms = Measurement.root("weight_rms", "RMS of the weights", c[1]);
    double shrink = 1 - v.number("lr") * v.number("weight-decay");
    double step = v.number("lr") * updateRms.value() / (shrink * weightRms.value());
    return List.of(
        updateRms,
        Measurement.mean("spread", "1 + 2·Σ ρ_k", c[4]),
        Measurement.mean("angle", "angle a step, in radians", c[0]),
        weightRms,
        Measurement.mean("fixed_norm_angle", "angle a step at a held norm", c[2]),
        new Measurement(
            "matching_step",
            "lr·RMS(u)/((1 − lr·weightDecay)·RMS(w))",
            step,
            step * weightRms.halfWidth() / weightRms.value()));
  }

  private static void measureRule(Values v, GaussianSource noise, double[] out) {
    weights(v, noise, out);
    int width = (int) (v.whole("coordinates") + 31) / 32 * 32;
    int memory = (int) Math.min(LONGEST, Math.ceil(12 / (1 - slowest(v))));
    Rule fresh = rule(v, width);
    double[] idle = new double[width];
    long seed = (long) (noise.uniform() * Long.MAX_VALUE);
    DirectionExperiment updates =
        DirectionExperiment.of(g -> fresh.step(idle, g, 0, 0), width, memory, 0, SMALL, seed);
    out[3] = updates.updateRms().value() * updates.updateRms().value();
    out[4] = updates.spread().value();
  }

  private static void weights(Values v, GaussianSource noise, double[] out) {
    double lr = v.number("lr");
    double decay = v.number("weight-decay");
    long settling = v.whole("steps");
    int d = (int) v.whole("coordinates");
    Rule rule = rule(v, d);
    double[] g = new double[d];
    double[] w = new double[d];
    double[] held = new double[d];
    noise.fill(w);
    noise.fill(held);
    double start = Math.sqrt(lr / (2 * decay));
    Arrays.setAll(w, i -> w[i] * start);
    double norm = Math.sqrt(RandomQuadratic.dot(held, held));
    for (long t = 0; t < settling + KEPT; t++) {
      boolean kept = t >= settling;
      noise.fill(g);
      Arrays.setAll(g, i -> SMALL * g[i]);
      double[] before = kept ? w.clone() : w;
      double[] heldBefore = kept ? held.clone() : held;
      double[] u = rule.step(w, g, lr, decay);
      double step = lr * norm / Math.sqrt(RandomQuadratic.dot(u, u));
      for (int i = 0; i < d && step < Double.POSITIVE_INFINITY; i++) {
        held[i] -= step * u[i];
      }
      double back = norm / Math.sqrt(RandomQuadratic.dot(held, held));
      for (int i = 0; i < d; i++) {
        held[i] *= back;
      }
      if (kept) {
        out[0] += angle(before, w) / KEPT;
        out[1] += RandomQuadratic.dot(w, w) / d / KEPT;
        out[2] += angle(heldBefore, held) / KEPT;
      }
    }
  }

  /** A fresh rule, for a matrix of one row. */
  private static Rule rule(Values v, int size) {
    return Rules.create(v.text("optimizer"), settings(v), 1, size);
  }

  /** The inputs that are settings of the rule, without its epsilon. */
  private static Map<String, Object> settings(Values v) {
    Map<String, Object> settings = new HashMap<>();
    for (String name : Rules.defaults(v.text("optimizer")).keySet()) {
      if (v.texts().containsKey(name)) {
        settings.put(name, v.number(name));
      } else if (name.equals("eps")) {
        settings.put(name, 0.0);
      }
    }
    return settings;
  }

  private static double slowest(Values v) {
    return settings(v).entrySet().stream()
        .filter(setting -> setting.getKey().startsWith("beta"))
        .mapToDouble(setting -> (Double) setting.getValue())
        .max()
        .orElse(0);
  }

  /** 2·asin of half the chord between the unit vectors: accurate where acos would cancel. */
  static double angle(double[] x, double[] y) {
    double lengthX = Math.sqrt(RandomQuadratic.dot(x, x));
    double lengthY = Math.sqrt(RandomQuadratic.dot(y, y));
    double chord = 0;
    for (int i = 0; i < x.length; i++) {
      double difference = x[i] / lengthX - y[i] / lengthY;
      chord += difference * difference;
    }
    return 2 * Math.asin(Math.min(1, Math.sqrt(chord) / 2));
  }
}
