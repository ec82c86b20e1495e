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
import io.adamant.train.StepView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A real optimizer that is fed independent Gaussian gradients of known mean and deviation. */
final class SyntheticRun implements AutoCloseable {

  private final NDManager manager = NDManager.newBaseManager(Device.cpu());
  private final SplittableRandom random = new SplittableRandom(20_240_607);
  private final FusedOptimizer optimizer;
  private final LearningRate learningRate;
  private final List<ParameterGroup> groups = new ArrayList<>();
  private final NDArray gate = manager.create(1d);
  private long steps;

  SyntheticRun(String type, Map<String, Object> settings, LearningRate learningRate) {
    TorchRuntime.prepareThread(1);
    this.optimizer = Optimizers.create(type, settings, learningRate, 0);
    this.learningRate = learningRate;
  }

  /** Adds a parameter group of one tensor with weights of a given RMS. */
  SyntheticRun with(String name, int size, double initialRms, double lrScale, double decay) {
    NDArray weight = manager.create(gaussian(size, 0, initialRms), new Shape(size, 1));
    NDArray gradient = manager.zeros(new Shape(size, 1));
    groups.add(
        new ParameterGroup(
            "group" + groups.size(),
            optimizer,
            optimizer.newState(manager, List.of(name), new NDList(weight)),
            new NDList(gradient),
            lrScale,
            decay));
    return this;
  }

  List<ParameterGroup> groups() {
    return groups;
  }

  /** One step of every group; its gradient has deviation 1 and the mean of its place. */
  StepView step(double... means) {
    return step((i, size) -> gaussian(size, means[i % means.length], 1));
  }

  /** One step without a mean whose deviation is 1 in a share of the coordinates, else another. */
  StepView stepOfTwo(double share, double other) {
    return step(
        (i, size) -> {
          float[] values = gaussian(size, 0, 1);
          for (int k = 0; k < size; k++) {
            values[k] *= random.nextDouble() < share ? 1 : (float) other;
          }
          return values;
        });
  }

  private interface Values {
    float[] of(int group, int size);
  }

  private StepView step(Values values) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      double lr = learningRate.at(steps++);
      for (int i = 0; i < groups.size(); i++) {
        ParameterGroup group = groups.get(i);
        NDArray gradient = group.gradients().get(0);
        gradient.set(values.of(i, (int) gradient.size()));
        optimizer.step(
            group.state(), group.gradients(), gate, lr * group.lrScale(), group.weightDecay());
      }
      return new StepView(steps, steps, lr, 1, groups);
    }
  }

  /** As {@link #step}, with gradients that come in equal parts where a hook wants to see them. */
  StepView stepInParts(GroupStatistics hook, int parts, double... means) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      double lr = learningRate.at(steps++);
      int count = hook.wants(steps) ? parts : 1;
      for (int part = 1; part <= count; part++) {
        for (int i = 0; i < groups.size(); i++) {
          NDArray gradient = groups.get(i).gradients().get(0);
          int size = (int) gradient.size();
          float[] one = gaussian(size, means[i % means.length] / count, 1 / Math.sqrt(count));
          float[] before = part == 1 ? new float[size] : gradient.toFloatArray();
          for (int k = 0; k < size; k++) {
            one[k] += before[k];
          }
          gradient.set(one);
        }
        if (hook.wants(steps)) {
          hook.accumulated(steps, part, count, groups);
        }
      }
      for (ParameterGroup group : groups) {
        optimizer.step(
            group.state(), group.gradients(), gate, lr * group.lrScale(), group.weightDecay());
      }
      return new StepView(steps, steps, lr, 1, groups);
    }
  }

  private float[] gaussian(int size, double mean, double deviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  /** The numbers of one group out of what the hook returned. */
  @SuppressWarnings("unchecked")
  static Map<String, Double> group(Map<String, Object> fields, String group) {
    return ((Map<String, Map<String, Double>>) fields.get("groups")).get(group);
  }

  /** The group of a parameter in these tests: its name up to the first dot. */
  static String grouping(String name) {
    return name.replaceFirst("\\..*", "");
  }

  @Override
  public void close() {
    optimizer.close();
    manager.close();
  }
}
