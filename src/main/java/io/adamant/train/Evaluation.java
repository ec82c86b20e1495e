package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.adamant.data.ValidationWindows;
import io.adamant.model.Gpt;
import io.adamant.tensor.Autograd;
import java.util.Map;
import java.util.function.Function;

/** Mean cross-entropy on fixed windows of the validation set. */
final class Evaluation {

  private final Gpt model;
  private final NDManager manager;
  private final ValidationWindows windows;
  private final int context;
  private final int batch;

  Evaluation(Gpt model, NDManager manager, ValidationWindows windows, int context, int batch) {
    this.model = model;
    this.manager = manager;
    this.windows = windows;
    this.context = context;
    this.batch = batch;
  }

  /**
   * Mean loss in nats per token.
   *
   * @param maxTokens evaluate the first windows only, up to about this many tokens; 0 for all
   */
  double loss(long maxTokens) {
    return loss(maxTokens, Parameter::getArray);
  }

  /** The same with other weights, by stable name. */
  double loss(long maxTokens, Map<String, NDArray> weights) {
    return loss(maxTokens, parameter -> weights.get(parameter.getName()));
  }

  private double loss(long maxTokens, Function<Parameter, NDArray> weights) {
    long count = windows.count();
    if (maxTokens > 0) {
      count = Math.min(count, Math.max(1, maxTokens / context));
    }
    double sum = 0;
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (long first = 0; first < count; first += batch) {
        sum += batchLoss(first, (int) Math.min(batch, count - first), weights);
      }
    }
    return sum / count;
  }

  /** Sum over windows of their mean losses. */
  private double batchLoss(long first, int size, Function<Parameter, NDArray> weights) {
    long[] tokens = new long[size * context];
    long[] targets = new long[tokens.length];
    windows.fill(first, size, tokens, targets);
    Shape shape = new Shape(size, context);
    try (NDManager scope = manager.newSubManager()) {
      NDArray loss =
          model.evaluate(scope, scope.create(tokens, shape), scope.create(targets, shape), weights);
      return (double) loss.getFloat() * size;
    }
  }
}
