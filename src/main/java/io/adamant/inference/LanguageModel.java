package io.adamant.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adamant.base.InputException;
import io.adamant.config.ModelConfig;
import io.adamant.config.Precision;
import io.adamant.data.Tokenizer;
import io.adamant.model.GptDecoder;
import io.adamant.model.KernelPath;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.EngineCheck;
import io.adamant.tensor.TorchRuntime;
import io.adamant.train.StoredModel;
import java.util.Map;

/** A stored model that is in memory and ready to compute, in float32, with its tokenizer. */
public final class LanguageModel implements AutoCloseable {

  private final StoredModel stored;
  private final Tokenizer tokenizer;
  private final NDManager manager;
  private final Map<String, NDArray> weights;
  private final GptDecoder decoder;

  /**
   * Loads a model. The calling thread, which is prepared here, is the one that can use it.
   *
   * @param stored where it lies
   * @param tokenizer its own, which this does not close
   * @param device where it computes
   * @param threads of a CPU
   * @throws InputException if its weights do not fit it
   */
  public LanguageModel(StoredModel stored, Tokenizer tokenizer, Device device, int threads) {
    this.stored = stored;
    this.tokenizer = tokenizer;
    TorchRuntime.prepareThread(threads);
    TorchRuntime.prepareDevice(device, false);
    EngineCheck.require(device);
    manager = NDManager.newBaseManager(device);
    try {
      weights = stored.read(manager);
      decoder = new GptDecoder(manager, config(), path(device), weights);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private KernelPath path(Device device) {
    return KernelPath.choose(CpuFeatures.detect(), device, Precision.FP32, config().context());
  }

  /**
   * Its shape.
   *
   * @return as it was trained
   */
  public ModelConfig config() {
    return stored.config();
  }

  /**
   * Its tokenizer.
   *
   * @return as it was given
   */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Its weights by name. */
  Map<String, NDArray> weights() {
    return weights;
  }

  /**
   * What computes.
   *
   * @return usable until this is closed
   */
  public GptDecoder decoder() {
    return decoder;
  }

  /**
   * What gives texts their probabilities.
   *
   * @return as {@link #decoder}, within documents where the model was trained so
   */
  public TextScorer scorer() {
    return new TextScorer(decoder, stored.text().separator(tokenizer));
  }

  /** What owns its arrays. */
  NDManager manager() {
    return manager;
  }

  @Override
  public void close() {
    decoder.close();
    manager.close();
  }
}
