package io.adamant.measure;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.train.GradientProbe;
import io.adamant.train.StepView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What gradients on K fresh batches tell, all at one place: beside the run's own batches, momentum
 * and update.
 *
 * <p>The curvature along the update is a difference of gradients of the same batch at the two ends
 * of the step: &theta;, and &theta; + xu with x the learning rate, where the step began after
 * decay; where the rate is too small for float32, x is a thousandth of RMS(&theta;)/RMS(u). For
 * g&#7488;Hg and tr(&Sigma;H), H g_k is such a difference along g_k on one more batch, a thousandth
 * of &#8214;&theta;&#8214; long. That is 3K + 1 gradients, and K + 3 copies of the parameters.
 *
 * @param grams inner products of the K gradients by tensor
 * @param curvature along the update and the gradients, over all parameters
 */
record ProbeReading(List<GradientGram> grams, Curvature curvature) {

  private static final double SHORT = 1e-3;
  private static final double TINY = 1e-300;

  /**
   * Takes the gradients.
   *
   * @param view a step whose run offers a probe
   * @param batches K, at least 4
   * @param readings of the same step
   */
  static ProbeReading take(
      Kernels kernels, StepView view, int batches, List<TensorReading> readings) {
    double weightSquare = 0;
    double updateSquare = 0; // rate scales included
    for (TensorReading reading : readings) {
      double scale = reading.parameters().lrScale();
      weightSquare += reading.sums().weight();
      updateSquare += scale * scale * reading.sums().update();
    }
    GradientProbe probe = view.probe().orElseThrow();
    long first = view.step() * (batches + 1);
    try (NDManager scope = kernels.scope()) {
      HostCopy host = new HostCopy(scope);
      NDList u = Directions.ofUpdate(scope, view.groups());
      NDList here = new NDList();
      for (int k = 0; k < batches; k++) {
        here.addAll(probe.gradient(scope, first + k, 0, u));
      }
      final int gram = host.add(kernels.gram(scope, here, batches, false));
      final int after = host.add(kernels.products(scope, here, u, batches));
      double x =
          Math.max(
              view.learningRate(), SHORT * Math.sqrt(weightSquare / Math.max(updateSquare, TINY)));
      List<Integer> before = new ArrayList<>();
      for (int k = 0; k < batches; k++) {
        try (NDManager one = scope.newSubManager()) {
          NDList start = probe.gradient(one, first + k, x, u);
          before.add(host.add(kernels.products(scope, start, u, 1)));
        }
      }
      int n = u.size();
      double[] lengths = new double[batches];
      for (int k = 0; k < batches; k++) {
        lengths[k] = length(host.get(gram), n, batches, k);
      }
      HostCopy bends = new HostCopy(scope);
      NDList base = probe.gradient(scope, first + batches, 0, u);
      List<Integer> rows = new ArrayList<>();
      double[] distances = new double[batches];
      for (int k = 0; k < batches; k++) {
        distances[k] = SHORT * Math.sqrt(weightSquare) / Math.max(lengths[k], TINY);
        try (NDManager one = scope.newSubManager()) {
          NDList g = new NDList(here.subList(k * n, (k + 1) * n));
          NDList moved = probe.gradient(one, first + batches, distances[k], g);
          for (int i = 0; i < n; i++) {
            NDArray change = moved.get(i);
            change.subi(base.get(i));
          }
          rows.add(bends.add(kernels.products(scope, here, moved, batches)));
        }
      }
      return new ProbeReading(
          grams(host.get(gram), n, batches),
          curvature(host, after, before, x, updateSquare, bends, rows, distances));
    }
  }

  private static Curvature curvature(
      HostCopy host,
      int after,
      List<Integer> before,
      double x,
      double updateSquare,
      HostCopy bends,
      List<Integer> rows,
      double[] distances) {
    int batches = distances.length;
    double[] ends = columns(host.get(after), batches);
    double[] slopes = new double[batches];
    double[] curvatures = new double[batches];
    double[] quadratic = new double[batches * batches];
    for (int k = 0; k < batches; k++) {
      slopes[k] = columns(host.get(before.get(k)), 1)[0];
      curvatures[k] = (slopes[k] - ends[k]) / x;
      double[] row = columns(bends.get(rows.get(k)), batches);
      for (int l = 0; l < batches; l++) {
        quadratic[k * batches + l] = row[l] / distances[k];
      }
    }
    return new Curvature(slopes, curvatures, updateSquare, quadratic);
  }

  /** Sums of columns over tensors. */
  private static double[] columns(double[] rows, int columns) {
    double[] sums = new double[columns];
    for (int i = 0; i < rows.length; i++) {
      sums[i % columns] += rows[i];
    }
    return sums;
  }

  private static double length(double[] grams, int tensors, int batches, int k) {
    double sum = 0;
    for (int i = 0; i < tensors; i++) {
      sum += grams[(i * batches + k) * batches + k];
    }
    return Math.sqrt(sum);
  }

  private static List<GradientGram> grams(double[] values, int tensors, int batches) {
    List<GradientGram> grams = new ArrayList<>();
    int size = batches * batches;
    for (int i = 0; i < tensors; i++) {
      grams.add(new GradientGram(batches, Arrays.copyOfRange(values, i * size, (i + 1) * size)));
    }
    return grams;
  }
}
