package io.adamant.inference;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import ai.djl.util.PairList;
import io.adamant.base.Granted;
import io.adamant.base.PublicApi;
import io.adamant.config.Precision;
import io.adamant.data.Tokenizer;
import io.adamant.model.GptDecoder;
import io.adamant.model.KernelPath;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.Devices;
import io.adamant.tensor.EngineCheck;
import io.adamant.tensor.TorchRuntime;
import io.adamant.train.StoredModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** A trained model as a {@link Model} of DJL. */
public final class TrainedModel {

  private TrainedModel() {}

  /**
   * Opens a model for inference. Its block maps tokens (B, T), int64, to logits (B, T, V), float32,
   * and has the weights as its parameters, by their names in the files.
   *
   * @param path a checkpoint, the folder of a run, whose last checkpoint it is, or a folder in the
   *     layout of Hugging Face
   * @return the model on the first GPU, if there is one that can be used; to be closed by the
   *     caller
   * @throws io.adamant.base.InputException if the path is none of these, or what it names is
   *     damaged
   */
  @PublicApi
  public static Model open(Path path) {
    StoredModel stored = StoredModel.open(path, StoredModel.Choice.LAST);
    Device device = Devices.select("auto");
    TorchRuntime.prepareThread(Granted.here().threads());
    TorchRuntime.prepareDevice(device, false);
    EngineCheck.require(device);
    Model model = Model.newInstance(stored.description(), device, "PyTorch");
    try {
      Tokenizer tokenizer = stored.tokenizer();
      model.getNDManager().attachInternal("tokenizer", tokenizer);
      model.setBlock(new TrainedBlock(stored, tokenizer, model.getNDManager()));
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Continues texts, for a model that {@link #open} gave.
   *
   * @param tokens to draw at most
   * @param sampler how
   * @param seed of all random numbers; the same text is continued in the same way
   * @return from a text, which may be empty, to what follows it
   */
  @PublicApi
  public static NoBatchifyTranslator<String, String> continuation(
      int tokens, TokenSampler sampler, long seed) {
    return new Continuation(new Sampling(tokens, sampler, seed));
  }

  /** The decoder as a block. */
  private static final class TrainedBlock extends AbstractBlock {
    private final int[] begin;
    private final Tokenizer tokenizer;
    private final GptDecoder decoder;
    private final int vocabulary;

    TrainedBlock(StoredModel stored, Tokenizer tokenizer, NDManager manager) {
      this.tokenizer = tokenizer;
      begin = stored.text().begin(tokenizer);
      vocabulary = stored.vocabulary();
      Map<String, NDArray> weights = stored.read(manager);
      weights.forEach(
          (name, array) -> {
            Parameter parameter =
                Parameter.builder()
                    .setName(name)
                    .setType(Parameter.Type.WEIGHT)
                    .optInitializer(Initializer.ZEROS)
                    .optRequiresGrad(false)
                    .build();
            parameter.setArray(array);
            addParameter(parameter);
          });
      KernelPath path =
          KernelPath.choose(
              CpuFeatures.detect(), manager.getDevice(), Precision.FP32, stored.config().context());
      decoder = new GptDecoder(manager, stored.config(), path, weights);
      initialize(manager, DataType.FLOAT32, new Shape(1, decoder.context()));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      TorchRuntime.prepareThread(TorchRuntime.threads());
      NDArray tokens = inputs.singletonOrThrow();
      NDManager owner = tokens.getManager();
      int rows = Math.toIntExact(tokens.getShape().get(0));
      int time = Math.toIntExact(tokens.getShape().get(1));
      int[] ids = Arrays.stream(tokens.toLongArray()).mapToInt(Math::toIntExact).toArray();
      NDList logits = new NDList();
      for (int row = 0; row < rows; row++) {
        int[] text = Arrays.copyOfRange(ids, row * time, (row + 1) * time);
        logits.add(decoder.reset().logits(owner, text));
      }
      return new NDList(NDArrays.stack(logits));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {inputs[0].add(vocabulary)};
    }
  }

  private static final class Continuation implements NoBatchifyTranslator<String, String> {
    private static final String PROMPT = "prompt";

    private final Sampling sampling;

    Continuation(Sampling sampling) {
      this.sampling = sampling;
    }

    private static TrainedBlock block(TranslatorContext context) {
      if (context.getModel().getBlock() instanceof TrainedBlock block) {
        return block;
      }
      throw new IllegalArgumentException("this translator is for models of TrainedModel.open");
    }

    @Override
    public NDList processInput(TranslatorContext context, String text) {
      TrainedBlock block = block(context);
      int[] prompt = Sampling.prompt(block.tokenizer, block.begin, text);
      context.setAttachment(PROMPT, prompt);
      int[] start = Generator.start(prompt, block.decoder.context());
      long[] ids = Arrays.stream(start).asLongStream().toArray();
      return new NDList(context.getNDManager().create(ids, new Shape(1, ids.length)));
    }

    /** The block has just read the prompt, and goes on behind it. */
    @Override
    public String processOutput(TranslatorContext context, NDList list) {
      TrainedBlock block = block(context);
      float[] all = list.singletonOrThrow().toFloatArray();
      float[] last = Arrays.copyOfRange(all, all.length - block.vocabulary, all.length);
      Generator generator = new Generator(block.decoder, block.tokenizer.vocabularySize());
      int[] prompt = (int[]) context.getAttachment(PROMPT);
      return sampling
          .draw(generator, block.tokenizer, prompt, last, System.nanoTime(), 0, piece -> {})
          .text();
    }
  }
}
