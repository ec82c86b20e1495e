package io.adamant.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.Configs;
import io.adamant.config.ModelConfig;
import io.adamant.model.Gpt;
import io.adamant.model.GptDecoder;
import io.adamant.model.KernelPath;
import io.adamant.tensor.TorchRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A model of random weights that are large enough to have opinions, and its decoder. */
final class TinyModel implements AutoCloseable {

  private final NDManager manager = NDManager.newBaseManager(Device.cpu());
  private final Gpt model;
  private final GptDecoder decoder;

  TinyModel(int vocabulary, int context) {
    TorchRuntime.prepareThread(1);
    String yaml =
        "model: {layers: 2, width: 16, heads: 2, init_std: 0.4, context: " + context + "}";
    ModelConfig config = Configs.parseRun(yaml, List.of()).model();
    KernelPath path = KernelPath.of("torch+explicit");
    model = new Gpt(manager, config, vocabulary, path, 4);
    Map<String, NDArray> weights = new LinkedHashMap<>();
    model.named().forEach((name, parameter) -> weights.put(name, parameter.getArray()));
    decoder = new GptDecoder(manager, config, path, weights);
  }

  GptDecoder decoder() {
    return decoder;
  }

  /** Reads over whole texts. */
  TextScorer scorer() {
    return new TextScorer(decoder, OptionalInt.empty());
  }

  /** Logits behind each token, by the model itself over the whole text, one after the other. */
  float[] logits(long[] ids) {
    return model.logits(manager, manager.create(ids, new Shape(1, ids.length))).toFloatArray();
  }

  @Override
  public void close() {
    decoder.close();
    model.close();
    manager.close();
  }
}
