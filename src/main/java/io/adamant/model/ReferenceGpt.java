package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import java.util.Map;

/**
 * The same model in plain {@code NDArray} operations: slow, obvious, and written without a line of
 * the kernels, whose oracle it is.
 */
public final class ReferenceGpt {

  private final ModelConfig config;
  private final Map<String, NDArray> weights;

  /**
   * Wraps weights.
   *
   * @param config shape
   * @param weights name to array, as {@link Gpt#named()} names them
   */
  public ReferenceGpt(ModelConfig config, Map<String, NDArray> weights) {
    this.config = config;
    this.weights = Map.copyOf(weights);
  }

  /**
   * Logits of the next token.
   *
   * @param step owner of all results
   * @param tokens (B, T) int64
   * @return (B, T, V)
   */
  public NDArray logits(NDManager step, NDArray tokens) {
    NDArray x = w("embedding.weight").get(new NDIndex("{}", flat(tokens)));
    x.attach(step);
    x = x.reshape(tokens.getShape().get(0), tokens.getShape().get(1), config.width());
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i + ".";
      x = x.add(attention(norm(x, w(layer + "attention_norm.gain")), layer + "attention."));
      x = x.add(mlp(norm(x, w(layer + "mlp_norm.gain")), layer + "mlp."));
    }
    return linear(norm(x, w("final_norm.gain")), w("head.weight"));
  }

  /**
   * Mean cross-entropy in nats.
   *
   * @param step owner of all results
   * @param tokens (B, T) int64
   * @param targets (B, T) int64
   * @return ()
   */
  public NDArray loss(NDManager step, NDArray tokens, NDArray targets) {
    NDArray y = logits(step, tokens);
    long rows = tokens.getShape().size();
    NDArray logProbabilities = y.reshape(rows, y.getShape().get(2)).logSoftmax(1);
    NDArray index = targets.reshape(rows, 1);
    return logProbabilities.gather(index, 1).mean().neg();
  }

  private NDArray w(String name) {
    return weights.get(name);
  }

  private static NDArray flat(NDArray tokens) {
    return tokens.reshape(tokens.getShape().size());
  }

  private static NDArray linear(NDArray x, NDArray w) {
    return x.matMul(w.transpose()); // (..., in) x (out, in) -> (..., out)
  }

  private static NDArray norm(NDArray x, NDArray gain) {
    NDArray meanSquare = x.square().mean(new int[] {2}, true);
    return x.div(meanSquare.add(GptKernels.NORM_EPS).sqrt()).mul(gain);
  }

  private NDArray mlp(NDArray x, String prefix) {
    NDList gateAndUp = linear(x, w(prefix + "up")).split(2, 2);
    NDArray gate = gateAndUp.get(0);
    NDArray silu = gate.div(gate.neg().exp().add(1)); // x * sigmoid(x)
    return linear(silu.mul(gateAndUp.get(1)), w(prefix + "down"));
  }

  private NDArray attention(NDArray x, String prefix) {
    long batch = x.getShape().get(0);
    long time = x.getShape().get(1);
    NDList qkv = linear(x, w(prefix + "qkv")).split(3, 2);
    NDArray q = rotate(heads(qkv.get(0), batch, time));
    NDArray k = rotate(heads(qkv.get(1), batch, time));
    NDArray v = heads(qkv.get(2), batch, time); // (B, H, T, D)
    NDManager step = x.getManager();
    // Not div(double): its number lies in memory that Java frees, and the backward pass reads it.
    NDArray root = step.create((float) Math.sqrt(config.headSize()));
    NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).div(root);
    NDArray rows = step.arange((int) time).reshape(time, 1);
    NDArray visible = rows.gte(step.arange((int) time).reshape(1, time));
    NDArray hidden = visible.toType(DataType.FLOAT32, false).sub(1).mul(1e30f);
    NDArray y = scores.add(hidden).softmax(3).matMul(v);
    return linear(y.transpose(0, 2, 1, 3).reshape(batch, time, config.width()), w(prefix + "out"));
  }

  private NDArray heads(NDArray x, long batch, long time) {
    return x.reshape(new Shape(batch, time, config.heads(), config.headSize()))
        .transpose(0, 2, 1, 3);
  }

  /** Turns the pair (i, i + R/2) of each head at position t by t * base^(-2i/R). */
  private NDArray rotate(NDArray x) {
    int half = config.rotaryDims() / 2;
    if (half == 0) {
      return x;
    }
    NDManager step = x.getManager();
    int time = (int) x.getShape().get(2);
    NDArray exponent = step.arange(half).toType(DataType.FLOAT64, false).div(-half);
    NDArray base = step.create(GptKernels.ROTARY_BASE);
    NDArray frequency = base.pow(exponent);
    NDArray position = step.arange(time).toType(DataType.FLOAT64, false).reshape(time, 1);
    NDArray angle = position.mul(frequency); // (T, R/2)
    NDArray cos = angle.cos().toType(DataType.FLOAT32, false);
    NDArray sin = angle.sin().toType(DataType.FLOAT32, false);
    NDArray a = x.get(new NDIndex("..., 0:{}", half));
    NDArray b = x.get(new NDIndex("..., {}:{}", half, 2 * half));
    NDList parts = new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin)));
    if (2 * half < config.headSize()) {
      parts.add(x.get(new NDIndex("..., {}:", 2 * half)));
    }
    return NDArrays.concat(parts, 3);
  }
}
