package io.adamant.simulate;

import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.List;

/**
 * The angle that AdamW turns a weight vector a step, once its norm has settled (theory.md §4): a
 * repetition is one vector of {@code coordinates} weights on pure noise.
 */
final class EquilibriumExperiments {

  private static final int KEPT = 50; // steps averaged

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
