package io.adamant.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A function of the lag k ≥ 0 written as Σ_j weight_j·ratio_j^k; a ratio of 0 is for lag 0 alone.
 *
 * <p>Not a record: it owns its arrays and hands out copies only.
 */
final class GeometricSeries {

  private final double[] weights;
  private final double[] ratios;

  private GeometricSeries(double[] weights, double[] ratios) {
    this.weights = weights;
    this.ratios = ratios;
  }

  /** One term: weight·ratio^k. */
  static GeometricSeries single(double weight, double ratio) {
    return new GeometricSeries(new double[] {weight}, new double[] {ratio});
  }

  /** The sum of two. */
  GeometricSeries plus(double weight, double ratio) {
    double[] moreWeights = Arrays.copyOf(weights, size() + 1);
    double[] moreRatios = Arrays.copyOf(ratios, size() + 1);
    moreWeights[size()] = weight;
    moreRatios[size()] = ratio;
    return new GeometricSeries(moreWeights, moreRatios);
  }

  /** Each weight by a function of its ratio. */
  GeometricSeries times(DoubleUnaryOperator factor) {
    double[] scaled = new double[size()];
    Arrays.setAll(scaled, j -> weights[j] * factor.applyAsDouble(ratios[j]));
    return new GeometricSeries(scaled, ratios);
  }

  /** Σ_{k≥0} z^k·(value at lag k), |z|·ratio &lt; 1. */
  double sum(double z) {
    double total = 0;
    for (int j = 0; j < weights.length; j++) {
      total += weights[j] / (1 - z * ratios[j]);
    }
    return total;
  }

  /** The sum over lags of both signs of z^|k|·(value at lag |k|). */
  double twoSided(double z) {
    return 2 * sum(z) - at(0);
  }

  /** Σ_{j≥0} a_j·a_{j+k}, as a function of k, of this function a. */
  GeometricSeries autocovariance() {
    return times(this::sum);
  }

  int size() {
    return weights.length;
  }

  double weight(int term) {
    return weights[term];
  }

  double ratio(int term) {
    return ratios[term];
  }

  /** The value at lag k; at lag 0 it is the sum of the weights. */
  double at(long lag) {
    double total = 0;
    for (int j = 0; j < weights.length; j++) {
      total += weights[j] * Math.pow(ratios[j], (double) lag);
    }
    return total;
  }

  /**
   * Collects weighted terms e^{−n·rate·k} in rising order n = 1, 2, … and merges the high orders:
   * those of one octave (2^i, 2^{i+1}] share the nodes of a Chebyshev interpolation in n.
   */
  static final class Builder {

    private static final int SINGLE_UP_TO = 32;
    private static final int NODES = 10;

    private final double rate;
    private final List<double[]> terms = new ArrayList<>(); // {weight, (double) order}
    private final double[] nodes = new double[NODES];
    private final double[] nodeWeights = new double[NODES];
    private long octaveEnd = SINGLE_UP_TO;

    Builder(double rate) {
      this.rate = rate;
    }

    void add(long order, double weight) {
      if (order <= SINGLE_UP_TO) {
        terms.add(new double[] {weight, (double) order});
        return;
      }
      if (order > octaveEnd) {
        startOctave();
      }
      share(order, weight);
    }

    GeometricSeries build() {
      closeOctave();
      double[] weights = terms.stream().filter(t -> t[0] != 0).mapToDouble(t -> t[0]).toArray();
      double[] ratios =
          terms.stream().filter(t -> t[0] != 0).mapToDouble(t -> Math.exp(-rate * t[1])).toArray();
      return new GeometricSeries(weights, ratios);
    }

    private void startOctave() {
      closeOctave();
      double middle = 1.5 * (double) octaveEnd;
      double half = 0.5 * (double) octaveEnd;
      for (int i = 0; i < NODES; i++) {
        nodes[i] = middle + half * Math.cos(Math.PI * (i + 0.5) / NODES);
      }
      octaveEnd *= 2;
    }

    private void closeOctave() {
      if (octaveEnd > SINGLE_UP_TO) {
        for (int i = 0; i < NODES; i++) {
          terms.add(new double[] {nodeWeights[i], nodes[i]});
        }
      }
      Arrays.fill(nodeWeights, 0);
    }

    /** Adds weight·ℓ_i(order), ℓ_i the Lagrange polynomial of node i. */
    private void share(long order, double weight) {
      for (int i = 0; i < NODES; i++) {
        double lagrange = weight;
        for (int j = 0; j < NODES; j++) {
          if (j != i) {
            lagrange *= ((double) order - nodes[j]) / (nodes[i] - nodes[j]);
          }
        }
        nodeWeights[i] += lagrange;
      }
    }
  }
}
