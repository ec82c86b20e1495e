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

/** Mean cross-entropy on fixed windows of the validation set, which ranks share among them. */
final class Evaluation {

  private final Gpt model;
  private final NDManager manager;
  private final ValidationWindows windows;
  private final int context;
  private final int batch;
  private final GradientSum sum;
  private final RankOrders orders;

  Evaluation(
      Gpt model,
      NDManager manager,
      ValidationWindows windows,
      int context,
      int batch,
      GradientSum sum) {
    this(model, manager, windows, context, batch, sum, RankOrders.NONE);
  }

  /** The same on rank 0 of several, which the others are told of. */
  Evaluation(
      Gpt model,
      NDManager manager,
      ValidationWindows windows,
      int context,
      int batch,
      GradientSum sum,
      RankOrders orders) {
    this.sum = sum;
    this.orders = orders;
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
    orders.evaluate(maxTokens, false);
    return loss(maxTokens, Parameter::getArray);
  }

  /** The same with the weights that the run reads out, by stable name. */
  double loss(long maxTokens, Map<String, NDArray> weights) {
    orders.evaluate(maxTokens, true);
    return loss(maxTokens, parameter -> weights.get(parameter.getName()));
  }

  private double loss(long maxTokens, Function<Parameter, NDArray> weights) {
    long count = windows.count();
    if (maxTokens > 0) {
      count = Math.min(count, Math.max(1, maxTokens / context));
    }
    double[] losses = new double[Math.toIntExact((count + batch - 1) / batch)];
    try (Autograd.Mode off = Autograd.noGrad()) {
      for (int i = sum.ranks().rank(); i < losses.length; i += sum.ranks().size()) {
        long first = (long) i * batch;
        losses[i] = batchLoss(first, (int) Math.min(batch, count - first), weights);
      }
      double total = 0;
      for (double loss : sum.all(losses)) { // in order: the bits of one rank
        total += loss;
      }
      return total / count;
    }
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
