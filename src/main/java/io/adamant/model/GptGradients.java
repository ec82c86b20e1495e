package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.tensor.Autograd;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The GPT's two forward and backward passes, which add a gradient to those of all parameters.
 * Shapes: tokens and targets (B, T), M = B T rows, C width.
 */
record GptGradients(
    GptKernels kernels, GptBlock embedding, List<? extends GptBlock> layers, GptBlock head) {

  /**
   * Autograd differentiates the layers, all at once or each by itself after computing it again. The
   * output head forms its gradient itself: a vocabulary of 50,304 needs a chunk of logits at a
   * time.
   */
  NDArray recorded(
      NDManager step,
      NDArray tokens,
      NDArray targets,
      double share,
      boolean recompute,
      Consumer<Gpt.Part> finished) {
    List<NDArray> inputs = new ArrayList<>(); // (B, T, C) of each layer
    NDArray x; // (B, T, C)
    try (Autograd.Mode mode = recompute ? Autograd.noGrad() : Autograd.recording()) {
      x = embedding.apply(step, tokens, embedding.arrays());
      for (GptBlock layer : layers) {
        inputs.add(x);
        x = layer.apply(step, x, layer.arrays());
      }
    }
    finished.accept(Gpt.Part.FORWARD);
    NDArray[] w = head.arrays();
    NDList lossAndGradient;
    NDArray dx; // (B, T, C)
    try (Autograd.Mode off = Autograd.noGrad()) {
      NDArray rows = x.reshape(-1, x.getShape().get(2));
      rows.attach(step);
      lossAndGradient =
          kernels.explicitHead(step, rows, w[0], w[1], targets.flatten(), head.gradients(), share);
      dx = lossAndGradient.get(1).reshape(x.getShape());
      dx.attach(step);
    }
    finished.accept(Gpt.Part.HEAD);
    if (recompute) {
      for (int i = layers.size() - 1; i >= 0; i--) {
        dx = layerGradient(step, layers.get(i), inputs.get(i), dx);
      }
      NDArray rows = dx.reshape(-1, dx.getShape().get(2));
      rows.attach(step);
      kernels.embedGradient(step, rows, tokens.flatten(), embedding.gradients().head());
    } else {
      Autograd.backward(x, dx);
    }
    finished.accept(Gpt.Part.BACKWARD);
    return lossAndGradient.head();
  }

  /** Computes a layer again and differentiates it: the gradient by its input, (B, T, C). */
  private static NDArray layerGradient(
      NDManager step, GptBlock layer, NDArray input, NDArray gradient) {
    Autograd.requireGradient(input, true);
    try (NDManager scope = step.newSubManager();
        Autograd.Mode on = Autograd.recording()) {
      Autograd.backward(layer.apply(scope, input, layer.arrays()), gradient);
    }
    NDArray result = Autograd.gradient(input);
    result.attach(step);
    return result;
  }

  /** Both passes written out, as on a CPU; autograd must be off. */
  NDArray writtenOut(
      NDManager step,
      NDArray tokens,
      NDArray targets,
      double share,
      boolean recompute,
      Consumer<Gpt.Part> finished) {
    long time = tokens.getShape().get(1);
    List<NDArray> inputs = new ArrayList<>(); // (M, C) of each layer
    List<NDList> weights = new ArrayList<>();
    List<NDList> saved = new ArrayList<>();
    NDArray x = kernels.embed(step, embedding.arrays()[0], tokens.flatten()); // (M, C)
    for (GptBlock layer : layers) {
      weights.add(kernels.productWeights(step, layer.list()));
      NDList results = kernels.explicitLayer(step, x, weights.get(weights.size() - 1), time);
      inputs.add(x);
      x = results.head();
      if (recompute) {
        results.subList(1, results.size()).forEach(NDArray::close);
      } else {
        saved.add(results);
      }
    }
    finished.accept(Gpt.Part.FORWARD);
    NDArray[] w = head.arrays();
    NDList lossAndGradient =
        kernels.explicitHead(step, x, w[0], w[1], targets.flatten(), head.gradients(), share);
    finished.accept(Gpt.Part.HEAD);
    NDArray dx = lossAndGradient.get(1);
    for (int i = layers.size() - 1; i >= 0; i--) {
      GptBlock layer = layers.get(i);
      NDArray input = inputs.get(i);
      NDList activations =
          recompute ? kernels.explicitLayer(step, input, weights.get(i), time) : saved.get(i);
      dx =
          kernels.explicitLayerGradient(
              step, dx, input, weights.get(i), layer.gradients(), activations, time);
      activations.close();
    }
    kernels.embedGradient(step, dx, tokens.flatten(), embedding.gradients().head());
    finished.accept(Gpt.Part.BACKWARD);
    return lossAndGradient.head();
  }
}
