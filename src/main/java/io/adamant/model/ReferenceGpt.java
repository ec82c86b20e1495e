package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import io.adamant.config.ModelConfig;
import io.adamant.config.Norm;
import io.adamant.config.Positions;
import java.util.Map;

/**
 * The same model in plain {@code NDArray} operations: slow, obvious, and written without a line of
 * the kernels, whose oracle it is. It computes in the format of its weights, float32 or float64.
 */
public final class ReferenceGpt {

  private final ModelConfig config;
  private final Map<String, NDArray> weights;
  private final DataType format;

  /**
   * Wraps weights.
   *
   * @param config shape
   * @param weights name to array, as {@link Gpt#named()} names them
   */
  public ReferenceGpt(ModelConfig config, Map<String, NDArray> weights) {
    this.config = config;
    this.weights = Map.copyOf(weights);
    format = w("embedding.weight").getDataType();
  }

  /**
   * Logits of the next token.
   *
   * @param step owner of all results
   * @param tokens (B, T) int64
   * @return (B, T, V)
   */
  public NDArray logits(NDManager step, NDArray tokens) {
    long time = tokens.getShape().get(1);
    NDArray x = w("embedding.weight").get(new NDIndex("{}", flat(tokens)));
    x.attach(step);
    x = x.reshape(tokens.getShape().get(0), time, config.width());
    if (config.positions() == Positions.LEARNED) {
      x = x.add(w("positions.weight").get(new NDIndex("0:{}", time)));
    }
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i + ".";
      NDArray attended = attention(norm(x, layer + "attention_norm"), layer + "attention.");
      NDArray between = x.add(attended);
      NDArray read = config.parallel() ? x : between;
      x = between.add(mlp(norm(read, layer + "mlp_norm"), layer + "mlp."));
    }
    String head = config.tied() ? "embedding.weight" : "head.weight";
    NDArray y = norm(x, "final_norm").matMul(w(head).transpose());
    if (config.logitCap() == 0) {
      return y;
    }
    NDArray cap = number(step, config.logitCap());
    return y.div(cap).tanh().mul(cap);
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

  /**
   * A factor. Not mul(double): its number lies in memory that Java frees before the backward pass.
   */
  private NDArray number(NDManager step, double value) {
    return format == DataType.FLOAT64 ? step.create(value) : step.create((float) value);
  }

  /** x w' + b: (..., in) by w (out, in) and, where there is one, b (out). */
  private NDArray linear(NDArray x, String name) {
    NDArray y = x.matMul(w(name).transpose());
    NDArray bias = w(name + "_bias");
    return bias == null ? y : y.add(bias);
  }

  private NDArray norm(NDArray x, String name) {
    if (config.norm() == Norm.RMS) {
      return rms(x, w(name + ".gain"));
    }
    int[] last = {x.getShape().dimension() - 1};
    NDArray centred = x.sub(x.mean(last, true));
    NDArray y = rms(centred, w(name + ".gain"));
    NDArray bias = w(name + ".bias");
    return bias == null ? y : y.add(bias);
  }

  private NDArray rms(NDArray x, NDArray gain) {
    int[] last = {x.getShape().dimension() - 1};
    return x.div(x.square().mean(last, true).add(config.normEps()).sqrt()).mul(gain);
  }

  private NDArray mlp(NDArray x, String prefix) {
    NDManager step = x.getManager();
    NDArray up = linear(x, prefix + "up");
    NDArray one = number(step, 1);
    NDArray half = number(step, 0.5);
    NDArray hidden =
        switch (config.mlp()) {
          case SWIGLU -> {
            NDList gateAndUp = up.split(2, 2);
            NDArray gate = gateAndUp.get(0);
            yield gate.div(gate.neg().exp().add(one)).mul(gateAndUp.get(1)); // x * sigmoid(x)
          }
          case GELU -> up.mul(half).mul(up.mul(number(step, Math.sqrt(0.5))).erf().add(one));
          case GELU_TANH -> {
            NDArray cube = up.mul(up).mul(up).mul(number(step, 0.044715));
            NDArray inner = up.add(cube).mul(number(step, Math.sqrt(2 / Math.PI)));
            yield up.mul(half).mul(inner.tanh().add(one));
          }
          case RELU2 -> Activation.relu(up).square();
        };
    return linear(hidden, prefix + "down");
  }

  private NDArray attention(NDArray x, String prefix) {
    long batch = x.getShape().get(0);
    long time = x.getShape().get(1);
    long queries = (long) config.heads() * config.headSize();
    long keys = (long) config.keyHeads() * config.headSize();
    NDArray qkv = linear(x, prefix + "qkv");
    NDArray q = heads(qkv, 0, queries);
    NDArray k = heads(qkv, queries, keys);
    NDArray v = heads(qkv, queries + keys, keys); // (B, K, T, D)
    if (config.qkNorm()) {
      q = rms(q, w(prefix + "q_norm.gain"));
      k = rms(k, w(prefix + "k_norm.gain"));
    }
    q = rotate(q);
    k = rotate(k);
    int group = config.heads() / config.keyHeads();
    if (group > 1) { // query head h reads key head h / group
      k = k.repeat(1, group);
      v = v.repeat(1, group);
    }
    NDManager step = x.getManager();
    NDArray root = number(step, Math.sqrt(config.headSize()));
    NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).div(root);
    NDArray rows = step.arange((int) time).reshape(time, 1);
    NDArray visible = rows.gte(step.arange((int) time).reshape(1, time));
    NDArray hidden = visible.toType(format, false).sub(1).mul(1e30f);
    NDArray y = scores.add(hidden).softmax(3).matMul(v);
    return linear(y.transpose(0, 2, 1, 3).reshape(batch, time, queries), prefix + "out");
  }

  /** Columns of (B, T, N) from {@code from} on as heads, (B, count/D, T, D). */
  private NDArray heads(NDArray x, long from, long count) {
    long batch = x.getShape().get(0);
    long time = x.getShape().get(1);
    int d = config.headSize();
    return x.get(new NDIndex("..., {}:{}", from, from + count))
        .reshape(new Shape(batch, time, count / d, d))
        .transpose(0, 2, 1, 3);
  }

  /** Turns the pair (i, i + R/2) of each head at position t by t times its frequency. */
  private NDArray rotate(NDArray x) {
    int half = config.rotaryDims() / 2;
    if (half == 0) {
      return x;
    }
    NDManager step = x.getManager();
    int time = (int) x.getShape().get(2);
    NDArray position = step.arange(time).toType(DataType.FLOAT64, false).reshape(time, 1);
    NDArray angle = position.mul(frequencies(step, half)); // (T, R/2)
    NDArray cos = angle.cos().toType(format, false);
    NDArray sin = angle.sin().toType(format, false);
    NDArray a = x.get(new NDIndex("..., 0:{}", half));
    NDArray b = x.get(new NDIndex("..., {}:{}", half, 2 * half));
    NDList parts = new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin)));
    if (2 * half < config.headSize()) {
      parts.add(x.get(new NDIndex("..., {}:", 2 * half)));
    }
    return NDArrays.concat(parts, 3);
  }

  /**
   * base^(-2i/R), (R/2) float64. With a factor f, a wave that fits low or fewer times into the
   * trained context is f times slower, one that fits in high or more times is left alone, and
   * between them lies a straight line.
   */
  private NDArray frequencies(NDManager step, int half) {
    NDArray exponent = step.arange(half).toType(DataType.FLOAT64, false).div(-half);
    NDArray frequency = step.create(config.rotaryBase()).pow(exponent);
    NDArray fits = frequency.mul(config.rotaryTrainedContext() / (2 * Math.PI));
    double low = config.rotaryLowFreq();
    NDArray kept = fits.sub(low).div(config.rotaryHighFreq() - low).clip(0, 1);
    NDArray slowed = kept.neg().add(1).div(config.rotaryFactor());
    return config.rotaryFactor() == 1 ? frequency : frequency.mul(kept.add(slowed));
  }
}
