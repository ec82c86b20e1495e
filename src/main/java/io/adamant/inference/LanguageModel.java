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
import java.util.Arrays;
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
   * @param device where it computes
   * @param threads of a CPU
   * @throws InputException if its tokenizer is gone or its weights do not fit it
   */
  public LanguageModel(StoredModel stored, Device device, int threads) {
    this.stored = stored;
    tokenizer = stored.tokenizer();
    TorchRuntime.prepareThread(threads);
    TorchRuntime.prepareDevice(device, false);
    EngineCheck.require(device);
    manager = NDManager.newBaseManager(device);
    try {
      weights = stored.read(manager);
      decoder = new GptDecoder(manager, config(), path(device), weights);
    } catch (RuntimeException e) {
      manager.close();
      tokenizer.close();
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
   * @return usable until this is closed
   */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Its weights by name. */
  Map<String, NDArray> weights() {
    return weights;
  }

  /** What computes. */
  GptDecoder decoder() {
    return decoder;
  }

  /** What owns its arrays. */
  NDManager manager() {
    return manager;
  }

  /** Continues texts; tokens that the tokenizer does not have are not drawn. */
  Generator generator() {
    return new Generator(decoder, config().context(), tokenizer.vocabularySize());
  }

  /**
   * The tokens of a prompt.
   *
   * @param text empty for the beginning of a text, which is what follows an end of text
   * @return at least one id
   * @throws InputException if the tokenizer cannot encode, or knows no end of text
   */
  public int[] prompt(String text) {
    if (!text.isEmpty() && !tokenizer.hasText()) {
      throw new InputException(
          "this model's vocabulary is known by its size alone; give the prompt as --prompt-ids");
    }
    int[] ids = text.isEmpty() ? new int[0] : tokenizer.encode(text);
    if (ids.length > 0) {
      return ids;
    }
    if (tokenizer.endOfText() < 0) {
      throw new InputException(
          "this model's tokenizer has no end of text to begin with; give a prompt");
    }
    return new int[] {tokenizer.endOfText()};
  }

  /**
   * The text of tokens.
   *
   * @param ids of a prompt
   * @return without the end of text that it may begin with
   */
  public String text(int... ids) {
    boolean behindEnd = ids.length > 0 && ids[0] == tokenizer.endOfText();
    return tokenizer.decode(behindEnd ? Arrays.copyOfRange(ids, 1, ids.length) : ids);
  }

  @Override
  public void close() {
    decoder.close();
    manager.close();
    tokenizer.close();
  }
}
