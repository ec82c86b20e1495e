package io.adamant.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.config.DataConfig;
import io.adamant.config.ModelConfig;
import io.adamant.config.Packing;
import io.adamant.config.Readout;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.Tokenizer;
import io.adamant.huggingface.HuggingFaceModel;
import io.adamant.huggingface.SpecialTokens;
import io.adamant.model.ModelSize;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A trained model on disk, whatever wrote it: its shape, where its weights are, and its tokenizer.
 *
 * @param description what it is, for people: one line
 * @param config its shape
 * @param vocabulary rows V of its embedding, padding included
 * @param weights its weights
 * @param provenance where it comes from: facts by name
 * @param text how its ids become text
 */
public record StoredModel(
    String description,
    ModelConfig config,
    int vocabulary,
    Weights weights,
    Map<String, String> provenance,
    Text text) {

  /** What a path can name, for complaints. */
  private static final String EXPECTED =
      "a checkpoint (…/checkpoint/step-NNNNNNNN), the folder of a run (results/NAME/runs/ID), or a"
          + " folder in the layout of Hugging Face (with a config.json)";

  /** Which checkpoint of a run. */
  public enum Choice {
    /** After the most steps. */
    LAST,
    /** With the lowest validation loss of those that were evaluated and kept. */
    BEST
  }

  /**
   * How ids become text.
   *
   * @param where the file or folder that says so
   * @param tokenizer its name, as {@link Tokenizer#of(String, int)} takes it; empty for none
   * @param vocab its size; 0 for all that it has
   * @param endOfText the token that ends a text; empty for the tokenizer's own
   * @param begin the token that every text begins with; empty for none
   * @param identity of the tokenizer that the model was trained with; empty where that is unknown
   * @param documents whether attention stops and positions begin anew behind a text's end
   */
  public record Text(
      Path where,
      String tokenizer,
      int vocab,
      String endOfText,
      String begin,
      String identity,
      boolean documents) {

    /** Opens the tokenizer, unless it is another one that has the same name. */
    Tokenizer open() {
      if (tokenizer.isEmpty()) {
        throw new InputException(where + " has no tokenizer.json");
      }
      Tokenizer opened;
      try {
        opened = Tokenizer.of(tokenizer, vocab, endOfText);
      } catch (InputException e) {
        throw e.at(where.toString());
      }
      String found = opened.identity();
      if (!identity.isEmpty() && !identity.equals(found)) {
        opened.close();
        throw new InputException(
            "%s: the tokenizer %s is not the one of the run: found %s; expected: %s"
                .formatted(where, tokenizer, found, identity));
      }
      return opened;
    }

    /**
     * The token behind which attention stops.
     *
     * @param opened the tokenizer
     * @return empty where it reaches over the ends of texts
     */
    public OptionalInt separator(Tokenizer opened) {
      return documents ? OptionalInt.of(opened.endOfText()) : OptionalInt.empty();
    }

    /**
     * The ids that every text begins with.
     *
     * @param opened the tokenizer
     * @return one, or none
     */
    public int[] begin(Tokenizer opened) {
      return begin.isEmpty() ? new int[0] : opened.encode(begin);
    }
  }

  /** Weights that can be read without holding the file in memory. */
  public interface Weights {
    /**
     * Copies the weights into arrays of the model's names and shapes, one at a time.
     *
     * @param live name to array, as {@link ModelSize#shapes} names them
     * @throws IOException if a file cannot be read
     * @throws InputException if names or shapes differ
     */
    void restore(Map<String, NDArray> live) throws IOException;

    /**
     * Reads one of the weights.
     *
     * @param name as {@link ModelSize#shapes} names it
     * @param manager owner of the array
     * @return float32
     * @throws IOException if a file cannot be read
     */
    NDArray read(String name, NDManager manager) throws IOException;
  }

  /**
   * Opens what a user names.
   *
   * @param path a checkpoint, the folder of checkpoints, or a run
   * @param choice which checkpoint, where the path does not say it
   * @return the model with the weights that were trained, which are not read yet
   * @throws InputException if the path is none of these, or what it names is damaged
   */
  public static StoredModel open(Path path, Choice choice) {
    return open(path, choice, Readout.TRAINED);
  }

  /**
   * Opens what a user names.
   *
   * @param path a checkpoint, the folder of checkpoints, or a run
   * @param choice which checkpoint, where the path does not say it
   * @param readout which of its weights
   * @return the model; its weights are not read yet
   * @throws InputException if the path is none of these, or what it names is damaged or has no such
   *     weights
   */
  public static StoredModel open(Path path, Choice choice, Readout readout) {
    if (!Files.isDirectory(path)) {
      String what = Files.exists(path) ? "is a file" : "is not there";
      throw new InputException(path + " " + what + "; expected: " + EXPECTED);
    }
    if (Checkpoint.isCheckpoint(path)) {
      return ofCheckpoint(path, readout);
    } else if (HuggingFaceModel.isOne(path)) {
      if (readout != Readout.TRAINED) {
        throw Checkpoint.lacks(path, readout, Optional.empty());
      }
      return ofHuggingFace(path);
    }
    Path run = path.toAbsolutePath().normalize();
    if (run.endsWith(RunDirectory.CHECKPOINT)) {
      run = run.getParent();
    }
    Optional<Path> folder = RunFolders.ofRun(run);
    return ofCheckpoint(
        chosen(
            folder.orElseThrow(
                () -> new InputException(path + " holds no model; expected: " + EXPECTED)),
            choice),
        readout);
  }

  private static Path chosen(Path run, Choice choice) {
    List<Path> all = new CheckpointStore(run.resolve(RunDirectory.CHECKPOINT)).newestFirst();
    if (all.isEmpty()) {
      throw new InputException(run + " has no checkpoint yet; expected: a run that saved one");
    }
    Path newest = all.get(0);
    return choice == Choice.LAST
        ? newest
        : CheckpointStore.best(newest)
            .filter(all::contains)
            .orElseThrow(
                () ->
                    new InputException(
                        run + " keeps no checkpoint that was evaluated; the last is " + newest));
  }

  private static StoredModel ofHuggingFace(Path folder) {
    HuggingFaceModel model = HuggingFaceModel.open(folder);
    model.requireTokenizerFits();
    return new StoredModel(
        "%s of %s".formatted(model.architecture(), folder),
        model.config(),
        model.rows(),
        new Weights() {
          @Override
          public void restore(Map<String, NDArray> live) throws IOException {
            model.restore(live);
          }

          @Override
          public NDArray read(String name, NDManager manager) throws IOException {
            return model.read(name, manager);
          }
        },
        Map.of(
            "architecture", model.architecture(),
            "weights.sha256", model.sha256(CacheDirectory.ofUser())),
        text(folder, model));
  }

  private static StoredModel ofCheckpoint(Path folder, Readout readout) {
    Path run = folder.toAbsolutePath().normalize().getParent().getParent();
    if (run == null || !RunDirectory.isRun(run)) {
      throw new InputException(
          "%s is a checkpoint outside of its run, whose %s says what it is; expected: RUN/%s/%s"
              .formatted(folder, RunDirectory.RUN, RunDirectory.CHECKPOINT, folder.getFileName()));
    }
    try {
      Checkpoint checkpoint = Checkpoint.openWeights(folder, readout);
      RunConfig config = RunDirectory.config(run);
      return new StoredModel(
          "step %s of run %s%s"
              .formatted(
                  checkpoint.state().step(),
                  RunFolders.id(run),
                  readout == Readout.TRAINED ? "" : ", " + readout.word()),
          config.model(),
          config.model().paddedVocabulary(config.data().vocab()),
          new Weights() {
            @Override
            public void restore(Map<String, NDArray> live) throws IOException {
              checkpoint.restoreWeights(live);
            }

            @Override
            public NDArray read(String name, NDManager manager) throws IOException {
              return checkpoint.weight(name, manager);
            }
          },
          provenance(run, checkpoint),
          text(run, config.data()));
    } catch (Checkpoint.DamagedException e) {
      throw new InputException(folder + " is damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InputException(folder + " cannot be read: " + StorageException.reason(e), e);
    }
  }

  private static Map<String, String> provenance(Path run, Checkpoint checkpoint)
      throws IOException {
    Manifest manifest = RunDirectory.manifest(run);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(Manifest.Key.RUN_ID.path(), checkpoint.state().runId());
    facts.put("step", Long.toString(checkpoint.state().step()));
    if (checkpoint.readout() != Readout.TRAINED) {
      TrainState.Averaged averaged = checkpoint.state().readout();
      facts.put(
          "readout",
          "%s, %s, of %s weights".formatted(averaged.kind(), averaged.rule(), averaged.count()));
    }
    facts.put("weights.sha256", checkpoint.weightsSha256());
    for (Manifest.Key key :
        List.of(
            Manifest.Key.VERSION,
            Manifest.Key.COMMIT,
            Manifest.Key.CONFIG_COMMIT,
            Manifest.Key.DATA_SHA256,
            Manifest.Key.DATA_DESCRIPTION,
            Manifest.Key.TOKENIZER,
            Manifest.Key.INIT_SHA256)) {
      if (!manifest.text(key).isEmpty()) {
        facts.put(key.path(), manifest.text(key));
      }
    }
    return facts;
  }

  private static Text text(Path run, DataConfig data) {
    return new Text(
        run.resolve(RunDirectory.RUN),
        data.tokenizer(),
        data.vocab(),
        data.endOfText(),
        "",
        RunDirectory.manifest(run).text(Manifest.Key.TOKENIZER),
        data.packing() == Packing.DOCUMENTS);
  }

  private static Text text(Path folder, HuggingFaceModel model) {
    SpecialTokens special = SpecialTokens.read(folder);
    return new Text(
        folder,
        model.tokenizer().map(Path::toString).orElse(""),
        0,
        special.end(),
        special.begin(),
        "",
        false);
  }

  /**
   * Its tokenizer.
   *
   * @return to be closed by the caller
   * @throws InputException if it is gone or is another one
   */
  public Tokenizer tokenizer() {
    return text.open();
  }

  /**
   * Reads the weights.
   *
   * @param manager owner of the arrays, on the device where they go
   * @return name to array, float32, in the order of {@link ModelSize#shapes}
   * @throws InputException if they cannot be read or do not fit the model
   */
  public Map<String, NDArray> read(NDManager manager) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (Map.Entry<String, Shape> entry : size().shapes().entrySet()) {
      arrays.put(entry.getKey(), manager.create(entry.getValue(), DataType.FLOAT32));
    }
    restore(arrays);
    return arrays;
  }

  /**
   * Copies the weights into live arrays, such as those of a {@link io.adamant.model.Gpt}.
   *
   * @param live name to array
   * @throws InputException if they cannot be read or do not fit the model
   */
  public void restore(Map<String, NDArray> live) {
    try {
      weights.restore(live);
    } catch (IOException e) {
      throw new InputException(
          "the weights of %s cannot be read: %s".formatted(description, e.getMessage()), e);
    }
  }

  /**
   * The model in numbers.
   *
   * @return its size
   */
  public ModelSize size() {
    return new ModelSize(config, vocabulary);
  }
}
