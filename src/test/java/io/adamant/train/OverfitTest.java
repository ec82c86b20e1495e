package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.config.Shapes;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.GradientClipping;
import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerState;
import io.adamant.optim.Optimizers;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model that cannot learn 16 sequences of random tokens by heart has a broken gradient. */
class OverfitTest {

  private static final int VOCABULARY = 257;

  @ParameterizedTest
  @EnumSource(KernelPath.Linear.class)
  void oneBatchOf16SequencesIsOverfitted(KernelPath.Linear linear) {
    TorchRuntime.prepareThread(1);
    ModelConfig shape = Shapes.model(2, 64, 4, 32, 176, 1.0, 0.02);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Gpt model = new Gpt(manager, shape, VOCABULARY, new KernelPath(linear, false), 1);
        FusedOptimizer adamw = Optimizers.create("adamw", Map.of(), LearningRate.constant(0), 0);
        GradientClipping clipping = new GradientClipping(manager, 1.0, 0, 8)) {
      List<String> names = new ArrayList<>();
      NDList parameters = new NDList();
      NDList gradients = new NDList();
      model
          .named()
          .forEach(
              (name, parameter) -> {
                names.add(name);
                parameters.add(parameter.getArray());
                Autograd.requireGradient(parameter.getArray(), true);
                gradients.add(Autograd.gradient(parameter.getArray()));
              });
      OptimizerState state = adamw.newState(manager, names, parameters);
      NDArray tokens = randomTokens(manager, 1);
      NDArray targets = randomTokens(manager, 2);
      float loss = Float.NaN;
      for (int step = 0; step < 300; step++) {
        try (NDManager scope = manager.newSubManager()) {
          NDArray value = model.forwardBackward(scope, tokens, targets, 1);
          try (Autograd.Mode off = Autograd.noGrad()) {
            NDArray gate = clipping.clipAndGuard(scope, new NDList(value), gradients, step);
            adamw.step(state, gradients, gate, 3e-3, 0);
            clipping.zero(scope, gradients);
          }
          loss = value.getFloat();
        }
      }
      assertThat(loss).isLessThan(0.1f);
    }
  }

  private static NDArray randomTokens(NDManager manager, long seed) {
    long[] values = new Random(seed).longs(16 * 32, 0, VOCABULARY).toArray();
    return manager.create(values, new Shape(16, 32));
  }
}
