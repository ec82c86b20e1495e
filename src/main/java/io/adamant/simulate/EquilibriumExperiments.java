package io.adamant.simulate;

import io.adamant.theory.Values;
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
    double[][] c = lanes.columns((noise, out) -> new Vector(v, noise).measure(out));
    return List.of(
        Measurement.mean("angle", "angle a step, in radians", c[0]),
        Measurement.root("update_rms", "RMS of the update", c[1]),
        Measurement.root("weight_rms", "RMS of the weights", c[2]));
  }

  /** One vector, begun at √(lr/(2·weightDecay)), near which it settles. */
  private static final class Vector {
    private final GaussianSource noise;
    private final double beta1;
    private final double beta2;
    private final double lr;
    private final double shrink;
    private final long settling;
    private final double[] m;
    private final double[] s;
    private final double[] w;
    private final double[] before;
    private final double[] g;

    Vector(Values v, GaussianSource noise) {
      this.noise = noise;
      beta1 = v.number("beta1");
      beta2 = v.number("beta2");
      lr = v.number("lr");
      shrink = 1 - lr * v.number("weight-decay");
      settling = v.whole("steps");
      int d = (int) v.whole("coordinates");
      m = new double[d];
      s = new double[d];
      w = new double[d];
      before = new double[d];
      g = new double[d];
      noise.fill(w);
      double start = Math.sqrt(lr / (2 * v.number("weight-decay")));
      for (int i = 0; i < d; i++) {
        w[i] *= start;
        s[i] = 1; // its expectation, so that the first updates are not large
      }
    }

    void measure(double[] out) {
      for (long t = 0; t < settling; t++) {
        step();
      }
      for (int t = 0; t < KEPT; t++) {
        System.arraycopy(w, 0, before, 0, w.length);
        out[1] += step() / KEPT;
        out[0] += angle(before, w) / KEPT;
        out[2] += RandomQuadratic.dot(w, w) / w.length / KEPT;
      }
    }

    /** Mean square of the update. */
    private double step() {
      noise.fill(g);
      double squares = 0;
      for (int i = 0; i < w.length; i++) {
        double x = g[i];
        m[i] = beta1 * m[i] + (1 - beta1) * x;
        s[i] = beta2 * s[i] + (1 - beta2) * x * x;
        double u = m[i] / Math.sqrt(s[i]);
        squares += u * u;
        w[i] = shrink * w[i] - lr * u;
      }
      return squares / w.length;
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
