package io.adamant.measure;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.Optimizers;
import io.adamant.optim.ParameterGroup;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.TorchRuntime;
import io.adamant.train.GradientProbe;
import io.adamant.train.StepView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A real optimizer and the real hook on gradients of known mean and covariance: two tensors, noise
 * that differs by coordinate, a mean that is not proportional to it. The loss's Hessian is a known
 * multiple of the identity.
 */
final class InjectedGradients implements AutoCloseable {

  static final int BATCH = 32;
  static final double RATE = 1e-3;

  private final int size;
  private final int micros;
  private final double hessian;
  private final float[][] mean; // by tensor
  private final float[][] sigma;
  private final NDManager manager = NDManager.newBaseManager(Device.cpu());
  private final NDArray gate = manager.create(1d);
  private final FusedOptimizer optimizer;
  private final SplittableRandom random;
  private double best;

  InjectedGradients(int size, double snr, int micros, double hessian, long seed) {
    TorchRuntime.prepareThread(1);
    this.size = size;
    this.micros = micros;
    this.hessian = hessian;
    this.random = new SplittableRandom(seed);
    this.mean = new float[2][size];
    this.sigma = new float[2][size];
    double signal = 0;
    double noise = 0;
    for (int t = 0; t < 2; t++) {
      for (int i = 0; i < size; i++) {
        sigma[t][i] = (float) (0.5 + 1.5 * random.nextDouble());
        mean[t][i] = (float) ((i % 2 == 0 ? 1 : -1) * (0.5 + random.nextDouble()));
        signal += mean[t][i] * mean[t][i];
        noise += sigma[t][i] * sigma[t][i];
      }
    }
    double scale = Math.sqrt(snr * noise / signal);
    for (float[] tensor : mean) {
      for (int i = 0; i < size; i++) {
        tensor[i] *= (float) scale;
      }
    }
    optimizer =
        Optimizers.create(
            "adamw", Map.of("beta1", 0.9, "beta2", 0.95), LearningRate.constant(RATE), 0);
  }

  /** A fresh run of some steps; what the hook says of the last one. */
  Map<String, Object> run(int steps) {
    MeasurePlan plan = new MeasurePlan(steps, BATCH, steps, false, steps, 8);
    GroupStatistics hook = new GroupStatistics(plan, n -> "mlp", LearningRate.constant(RATE));
    try (NDManager scope = manager.newSubManager();
        Autograd.Mode off = Autograd.noGrad()) {
      NDList weights = new NDList(weights(scope, 0.1), weights(scope, 0.1));
      NDList gradients = new NDList(zeros(scope), zeros(scope));
      ParameterGroup group =
          new ParameterGroup(
              "g",
              optimizer,
              optimizer.newState(scope, List.of("a", "b"), weights),
              gradients,
              1,
              0);
      hook.begin(List.of(group));
      for (int step = 1; step <= steps; step++) {
        gradients.forEach(g -> g.set(new float[size]));
        if (hook.wants(step)) {
          accumulate(scope, gradients, hook, step, List.of(group));
        } else {
          draw(gradients, random, 1);
        }
        optimizer.step(group.state(), gradients, gate, RATE, 0);
      }
      best = bestRate(scope, group);
      return hook.observe(
          new StepView(
              steps, steps, RATE, 1, List.of(group), Map.of(), Map.of(), Optional.of(probe())));
    }
  }

  /** &eta;* along the last run's update u, by its definition: &mu; &middot; u/h||u||&sup2; + x. */
  double bestRate() {
    return best;
  }

  private double bestRate(NDManager scope, ParameterGroup group) {
    double alignment = 0;
    double square = 0;
    NDList u = optimizer.directions(group.state(), group.gradients());
    double weights = 0;
    for (int t = 0; t < 2; t++) {
      u.get(t).attach(scope);
      float[] values = u.get(t).toFloatArray();
      for (int i = 0; i < size; i++) {
        alignment += values[i] * mean[t][i];
        square += values[i] * values[i];
      }
      for (float w : group.state().parameters().get(t).toFloatArray()) {
        weights += w * w;
      }
    }
    // The probe's gradient has the mean mu where the weights are now, so mu + h x u a step before.
    double x = Math.max(RATE, 1e-3 * Math.sqrt(weights / square));
    return alignment / (hessian * square) + x;
  }

  private void accumulate(
      NDManager scope, NDList sum, GroupStatistics hook, int step, List<ParameterGroup> groups) {
    for (int micro = 1; micro <= micros; micro++) {
      NDList one = new NDList(zeros(scope), zeros(scope));
      draw(one, random, Math.sqrt(micros));
      for (int t = 0; t < 2; t++) {
        sum.get(t).addi(one.get(t).muli(1.0 / micros));
      }
      hook.accumulated(step, micro, micros, groups);
    }
  }

  private GradientProbe probe() {
    long seed = random.nextLong();
    return (owner, batch, scale, direction) -> {
      NDList gradient = new NDList(zeros(owner), zeros(owner));
      draw(gradient, new SplittableRandom(seed + 77 * batch), 1);
      for (int t = 0; t < 2 && scale != 0; t++) {
        gradient.get(t).addi(direction.get(t).mul(hessian * scale));
      }
      return gradient;
    };
  }

  private void draw(NDList into, SplittableRandom source, double noiseScale) {
    for (int t = 0; t < 2; t++) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (mean[t][i] + noiseScale * sigma[t][i] * source.nextGaussian());
      }
      into.get(t).set(values);
    }
  }

  private NDArray zeros(NDManager owner) {
    return owner.zeros(new Shape(size, 1));
  }

  private NDArray weights(NDManager owner, double rms) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (rms * random.nextGaussian());
    }
    return owner.create(values, new Shape(size, 1));
  }

  @Override
  public void close() {
    optimizer.close();
    manager.close();
  }
}
