package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The GPT's two forward and backward passes, which add a gradient to those of all parameters that
 * require one. The backward pass ends at the lowest of them; layers below it keep no activations.
 * Shapes: tokens and targets (B, T), M = B T rows, C width.
 */
record GptGradients(GptKernels kernels, GptPart embedding, List<GptPart> layers, GptPart head) {

  /** Both passes, written out; autograd must be off. */
  NDArray forwardBackward(
      NDManager step,
      NDArray tokens,
      NDArray targets,
      double lossWeight,
      boolean recompute,
      Consumer<Gpt.Part> finished) {
    GptKernels.Rows rows = kernels.rows(step, tokens);
    int frozen = frozen();
    List<GptPart> trained = layers.subList(frozen, layers.size());
    List<NDArray> inputs = new ArrayList<>(); // (M, C) of each layer
    List<NDList> weights = new ArrayList<>();
    List<NDList> saved = new ArrayList<>();
    NDArray x = kernels.embed(step, embedding.arrays(), rows); // (M, C)
    x = kernels.through(step, x, layers.subList(0, frozen), Parameter::getArray, rows);
    for (GptPart layer : trained) {
      weights.add(kernels.productWeights(step, layer.arrays()));
      NDList results =
          kernels.layerForward(step, x, weights.get(weights.size() - 1), rows, !recompute);
      NDList behind = new NDList(results.subList(1, results.size()));
      if (recompute) {
        inputs.add(x);
        behind.close();
      } else {
        saved.add(behind);
        x.close();
      }
      x = results.head();
    }
    finished.accept(Gpt.Part.FORWARD);
    NDList lossAndGradient =
        kernels.headLoss(step, x, head.arrays(), targets.flatten(), head.gradients(), lossWeight);
    finished.accept(Gpt.Part.HEAD);
    NDArray dx = lossAndGradient.get(1);
    for (int i = trained.size() - 1; i >= 0; i--) {
      GptPart layer = trained.get(i);
      NDList activations =
          recompute ? again(step, inputs.get(i), weights.get(i), rows) : saved.get(i);
      dx = kernels.layerGradient(step, dx, weights.get(i), layer.gradients(), activations, rows);
      activations.close();
    }
    if (embedding.isTrained()) {
      kernels.embedGradient(step, dx, rows, embedding.gradients());
    }
    finished.accept(Gpt.Part.BACKWARD);
    return lossAndGradient.head();
  }

  /** Layers below all that is trained. */
  private int frozen() {
    int count = 0;
    while (!embedding.isTrained() && count < layers.size() && !layers.get(count).isTrained()) {
      count++;
    }
    return count;
  }

  /** What a layer's forward pass leaves for its gradient, computed again. */
  private NDList again(NDManager step, NDArray x, NDList weights, GptKernels.Rows rows) {
    NDList results = kernels.layerForward(step, x, weights, rows, true);
    results.head().close();
    return new NDList(results.subList(1, results.size()));
  }
}
