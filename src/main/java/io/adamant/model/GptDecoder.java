package io.adamant.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A GPT that reads a text piece by piece: it keeps the keys and values of the tokens behind it, so
 * a further token costs one pass over the weights. For inference, with every switch of {@link
 * ModelConfig}. The logits are those of {@link Gpt#logits} up to rounding.
 */
public final class GptDecoder implements AutoCloseable {

  /** Tokens of a piece: attention's scores of a piece are held at once. */
  private static final int PIECE = 256;

  private final ModelConfig config;
  private final int vocabulary;
  private final NDManager manager;
  private final ScriptModule module;
  private final NDList shared = new NDList();
  private final NDList weights = new NDList();
  private final NDList caches = new NDList();
  private int length;

  /**
   * Compiles the pass and makes room for the keys and values of a context.
   *
   * @param parent device and lifetime
   * @param config shape
   * @param path which arithmetic
   * @param parameters name to array, as {@link ModelSize#shapes} names them; not closed with this
   */
  public GptDecoder(
      NDManager parent, ModelConfig config, KernelPath path, Map<String, NDArray> parameters) {
    this.config = config;
    manager = parent.newSubManager();
    vocabulary = Math.toIntExact(parameters.get("embedding.weight").getShape().get(0));
    Map<String, Object> constants = ComposedGptKernels.constants(config);
    constants.putAll(GptKernels.constants(config, path));
    module =
        new ScriptModule(
            manager,
            new ScriptArchive(
                ScriptModule.resource(path.linear().matmul())
                    + ScriptModule.resource("gpt_parts.py")
                    + ScriptModule.resource(ComposedGptKernels.PASSES)
                    + ScriptModule.resource("gpt_decode.py"),
                constants));
    NDArray none = manager.create(new Shape(0));
    Map<String, NDArray> named = new HashMap<>(parameters);
    if (config.tied()) {
      named.put("head.weight", named.get("embedding.weight"));
    }
    for (List<String> names : List.of(ComposedGptKernels.EMBEDDING, ComposedGptKernels.HEAD)) {
      names.forEach(name -> shared.add(named.getOrDefault(name, none)));
    }
    shared.add(GptKernels.rotary(manager, config, true));
    shared.add(GptKernels.rotary(manager, config, false));
    Shape cache = new Shape(2, config.keyHeads(), config.context(), config.headSize());
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i + ".";
      ComposedGptKernels.LAYER.forEach(name -> weights.add(named.getOrDefault(layer + name, none)));
      caches.add(manager.create(cache, DataType.FLOAT32));
    }
  }

  /**
   * Forgets all tokens.
   *
   * @return this
   */
  public GptDecoder reset() {
    return reset(0);
  }

  /**
   * Forgets all tokens but the first ones.
   *
   * @param kept how many of those that have been read
   * @return this
   */
  public GptDecoder reset(int kept) {
    length = Math.min(kept, length);
    return this;
  }

  /**
   * The most tokens that it can read.
   *
   * @return the model's context
   */
  public int context() {
    return config.context();
  }

  /**
   * Tokens that have been read since {@link #reset}.
   *
   * @return at most the model's context
   */
  public int length() {
    return length;
  }

  /**
   * Reads tokens.
   *
   * @param tokens at least one, with those before at most the model's context, each below V
   * @return logits of the token behind the last of them, V values
   */
  public float[] read(int... tokens) {
    requireRoom(tokens.length);
    float[] last = {};
    for (int from = 0; from < tokens.length; from += PIECE) {
      last =
          call(
              ids(tokens, from, Math.min(tokens.length - from, PIECE)),
              (step, ids) ->
                  module.call(step, "decode", ids, (long) length, shared, weights, caches, false));
    }
    return last;
  }

  /**
   * Reads tokens.
   *
   * @param tokens as for {@link #read}
   * @return logits of the token behind each of them, V values each, one after the other
   */
  public float[] readAll(int... tokens) {
    try (NDArray logits = logits(manager, tokens)) {
      return logits.toFloatArray();
    }
  }

  /**
   * Reads tokens.
   *
   * @param owner of the result
   * @param tokens as for {@link #read}
   * @return logits of the token behind each of them, (T, V)
   */
  public NDArray logits(NDManager owner, int... tokens) {
    requireRoom(tokens.length);
    try (Autograd.Mode off = Autograd.noGrad();
        NDArray ids = manager.create(ids(tokens, 0, tokens.length))) {
      NDArray logits =
          module
              .call(owner, "decode", ids, (long) length, shared, weights, caches, true)
              .singletonOrThrow();
      length += tokens.length;
      return logits;
    }
  }

  private void requireRoom(int count) {
    if (count < 1 || length + count > config.context()) {
      throw new IllegalArgumentException(
          "%s tokens behind %s of a context of %s".formatted(count, length, config.context()));
    }
  }

  /**
   * Reads tokens.
   *
   * @param tokens as for {@link #read}
   * @param targets what stands behind each of them
   * @return the natural logarithm of the probability of each target
   */
  public float[] logProbabilities(int[] tokens, int[] targets) {
    requireRoom(tokens.length);
    float[] all = new float[tokens.length];
    for (int from = 0; from < tokens.length; from += PIECE) {
      int count = Math.min(tokens.length - from, PIECE);
      long[] behind = ids(targets, from, count);
      float[] piece =
          call(
              ids(tokens, from, count),
              (step, ids) ->
                  module.call(
                      step,
                      "score",
                      ids,
                      step.create(behind),
                      (long) length,
                      shared,
                      weights,
                      caches));
      System.arraycopy(piece, 0, all, from, count);
    }
    return all;
  }

  private float[] call(long[] ids, BiFunction<NDManager, NDArray, NDList> kernel) {
    try (NDManager step = manager.newSubManager();
        Autograd.Mode off = Autograd.noGrad()) {
      NDArray result = kernel.apply(step, step.create(ids)).singletonOrThrow();
      length += ids.length;
      return result.toFloatArray();
    }
  }

  private long[] ids(int[] tokens, int from, int count) {
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = tokens[from + i];
      if (ids[i] < 0 || ids[i] >= vocabulary) {
        throw new IllegalArgumentException("token " + ids[i] + " of a vocabulary of " + vocabulary);
      }
    }
    return ids;
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
