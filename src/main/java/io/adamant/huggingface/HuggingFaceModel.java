package io.adamant.huggingface;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.base.StorageException;
import io.adamant.config.Configs;
import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.ContentHashes;
import io.adamant.data.Tokenizer;
import io.adamant.model.ModelSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A folder in the layout of Hugging Face with a model of a known architecture: {@code config.json},
 * safetensors and, if it has one, {@code tokenizer.json}. Every tensor is in the files with the
 * shape that the configuration gives it, and no other; values are read when they are wanted.
 */
public final class HuggingFaceModel {

  static final String CONFIG = "config.json";
  static final String TOKENIZER = "tokenizer.json";

  /** Values of a tensor that are looked at together. */
  private static final long PIECE = 1 << 22;

  private final Path folder;
  private final Family family;
  private final ModelConfig config;
  private final int rows;
  private final ModelFiles files;
  private final Map<String, List<TensorTable.Tensor>> tensors = new LinkedHashMap<>();

  /** What names in the files lack at their beginning; empty where they are whole. */
  private final String dropped;

  private HuggingFaceModel(Path folder, Family family, ModelConfig config, int rows) {
    this.folder = folder;
    this.family = family;
    this.config = config;
    this.rows = rows;
    this.files = ModelFiles.open(folder);
    TensorTable table = family.tensors(config, rows);
    for (TensorTable.Tensor tensor : table.tensors()) {
      tensors.computeIfAbsent(tensor.own(), own -> new ArrayList<>()).add(tensor);
    }
    // Files that were written without the head begin their names after the base model's.
    boolean without =
        files.shapes().keySet().stream().noneMatch(name -> name.startsWith(table.prefix()));
    dropped = without ? table.prefix() : "";
    requireTensors(table);
  }

  /**
   * Whether a folder is of this layout.
   *
   * @param folder any path
   * @return true if it has a {@code config.json}
   */
  public static boolean isOne(Path folder) {
    return Files.isRegularFile(folder.resolve(CONFIG));
  }

  /**
   * Opens a folder.
   *
   * @param folder with a {@code config.json}
   * @return the model, of the longest context that it allows
   * @throws InputException if the architecture or a key of the configuration is not understood, or
   *     the files do not hold the tensors of that configuration
   */
  public static HuggingFaceModel open(Path folder) {
    FolderSettings settings = FolderSettings.of(folder);
    return new HuggingFaceModel(
        folder, settings.family(), settings.config(OptionalInt.empty()), settings.rows());
  }

  private String inFile(String foreign) {
    return foreign.startsWith(dropped) ? foreign.substring(dropped.length()) : foreign;
  }

  private void requireTensors(TensorTable table) {
    Set<String> extra = new HashSet<>(files.shapes().keySet());
    for (TensorTable.Tensor tensor : table.tensors()) {
      String name = inFile(tensor.foreign());
      Shape found = files.shapes().get(name);
      if (found == null) {
        throw new InputException("%s has no tensor %s".formatted(files.expected(), name));
      } else if (!found.equals(tensor.shape())) {
        throw new InputException(
            "%s: tensor %s has the shape %s; %s gives it %s"
                .formatted(
                    files.where().get(name), name, text(found), CONFIG, text(tensor.shape())));
      }
      extra.remove(name);
    }
    if (config.tied() && extra.remove(head())) {
      requireTied();
    }
    extra.stream()
        .sorted()
        .findFirst()
        .ifPresent(
            name -> {
              throw new InputException(
                  "%s: tensor %s is not one of a %s with this %s"
                      .formatted(files.where().get(name), name, family.architecture(), CONFIG));
            });
  }

  private static String text(Shape shape) {
    return Arrays.toString(shape.getShape());
  }

  /** The output layer's name, also where a tied model has none. */
  private String head() {
    return family == Family.GPT_NEOX ? "embed_out.weight" : "lm_head.weight";
  }

  private String embedding() {
    return inFile(tensors.get("embedding.weight").get(0).foreign());
  }

  /** An output layer that a tied model has in its file all the same has to be the embedding. */
  private void requireTied() {
    Shape shape = files.shapes().get(head());
    boolean same = shape.equals(files.shapes().get(embedding()));
    try (ModelFiles.Reader reader = files.reader();
        NDManager manager = NDManager.newBaseManager()) {
      for (long from = 0; same && from < shape.size(); from += PIECE) {
        try (NDManager scope = manager.newSubManager()) {
          Shape part = new Shape(Math.min(PIECE, shape.size() - from));
          NDArray one = scope.create(part, DataType.FLOAT32);
          NDArray other = scope.create(part, DataType.FLOAT32);
          reader.of(head()).copy(head(), from, one, true);
          reader.of(embedding()).copy(embedding(), from, other, true);
          same = one.contentEquals(other);
        }
      }
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s".formatted(folder, StorageException.reason(e)), e);
    }
    if (!same) {
      throw new InputException(
          "%s: tensor %s is not %s, and %s ties the two (tie_word_embeddings)"
              .formatted(files.where().get(head()), head(), embedding(), CONFIG));
    }
  }

  /**
   * The model's shape.
   *
   * @return with the longest context that it allows
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Rows of the embedding.
   *
   * @return at least as many as the tokenizer has entries
   */
  public int rows() {
    return rows;
  }

  /**
   * The architecture.
   *
   * @return such as {@code LlamaForCausalLM}
   */
  public String architecture() {
    return family.architecture();
  }

  /**
   * The tokenizer's file.
   *
   * @return its path, or empty if the folder has none
   */
  public Optional<Path> tokenizer() {
    return Optional.of(folder.resolve(TOKENIZER)).filter(Files::isRegularFile);
  }

  /**
   * Refuses a vocabulary that the embedding has no rows for.
   *
   * @param entries of a tokenizer
   * @throws InputException if there are more than rows
   */
  public void requireRowsFor(int entries) {
    if (entries > rows) {
      throw new InputException(
          "%s: the tokenizer has %s entries, the embedding %s rows"
              .formatted(tokenizer().orElse(folder), entries, rows));
    }
  }

  /**
   * Refuses the folder's own tokenizer if it has more entries than the embedding has rows.
   *
   * @throws InputException if so, or if it is no tokenizer
   */
  public void requireTokenizerFits() {
    tokenizer().ifPresent(path -> requireRowsFor(Tokenizer.size(path.toString(), 0)));
  }

  /**
   * Refuses a run whose model is another one.
   *
   * @param run the model section of a run that starts from this folder; its context may be shorter
   * @throws InputException naming the first key that differs
   */
  public void requireSame(RunConfig run) {
    Map<String, Object> own = Configs.toMap(run.with(config)).get("model");
    Configs.toMap(run)
        .get("model")
        .forEach(
            (key, value) -> {
              boolean free =
                  key.equals("init_std") || key.equals("context") || key.equals(Family.ROWS);
              if (!free && !value.equals(own.get(key))) {
                throw new InputException(
                    "model.%s is %s; %s has %s".formatted(key, value, folder, own.get(key)));
              }
            });
    if (run.model().context() > config.context()) {
      throw InputException.badValue(
          "model.context",
          run.model().context(),
          "at most %s, the context of %s".formatted(config.context(), folder));
    }
  }

  /**
   * Reads all weights once, a piece at a time, and keeps none.
   *
   * @throws InputException naming file and tensor if a weight is NaN or infinite, or a file cannot
   *     be read
   */
  public void requireFinite() {
    try (ModelFiles.Reader reader = files.reader();
        NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      for (Map.Entry<String, Shape> tensor : files.shapes().entrySet()) {
        long size = tensor.getValue().size();
        for (long from = 0; from < size; from += PIECE) {
          try (NDManager scope = manager.newSubManager()) {
            NDArray part = scope.create(new Shape(Math.min(PIECE, size - from)), DataType.FLOAT32);
            reader.of(tensor.getKey()).copy(tensor.getKey(), from, part, true);
          }
        }
      }
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s".formatted(folder, StorageException.reason(e)), e);
    }
  }

  /**
   * Copies the weights into arrays of our names and shapes, a piece at a time. Of a table of
   * positions that is longer than the array, the first rows are taken.
   *
   * @param live name to array, float32, as {@link ModelSize#shapes} names them
   * @throws IOException if a file cannot be read
   * @throws InputException if names or shapes differ, or a weight is NaN or infinite
   */
  public void restore(Map<String, NDArray> live) throws IOException {
    if (!live.keySet().equals(tensors.keySet())) {
      throw new InputException(folder + " does not fit this run: it is another architecture");
    }
    live.forEach(this::requireFits);
    try (ModelFiles.Reader reader = files.reader()) {
      for (Map.Entry<String, NDArray> target : live.entrySet()) {
        copy(target.getKey(), target.getValue(), reader);
      }
    }
  }

  /**
   * Reads one weight.
   *
   * @param name ours
   * @param manager owner of the array
   * @return the array, float32
   * @throws IOException if a file cannot be read
   * @throws InputException if a value is NaN or infinite
   */
  public NDArray read(String name, NDManager manager) throws IOException {
    Shape shape = new ModelSize(config, rows).shapes().get(name);
    NDArray array = manager.create(shape, DataType.FLOAT32);
    try (ModelFiles.Reader reader = files.reader()) {
      copy(name, array, reader);
    }
    return array;
  }

  private void requireFits(String name, NDArray array) {
    Shape shape = new ModelSize(config, rows).shapes().get(name);
    boolean shorter =
        name.equals("positions.weight")
            && array.getShape().get(0) <= shape.get(0)
            && array.getShape().get(1) == shape.get(1);
    if (!shorter && !array.getShape().equals(shape)) {
      throw new InputException(
          "%s does not fit this run: %s is %s, the model has %s"
              .formatted(folder, name, text(shape), text(array.getShape())));
    }
  }

  private void copy(String own, NDArray array, ModelFiles.Reader reader) throws IOException {
    for (TensorTable.Tensor tensor : tensors.get(own)) {
      tensor.read(
          array,
          (foreign, first, to) -> {
            String name = inFile(foreign);
            reader.of(name).copy(name, first, to, true);
          });
    }
  }

  /**
   * Hash of the weights, by which a run that starts from them is known.
   *
   * @param cache the cache directory, which remembers hashes of files
   * @return SHA-256 of the file; of several, SHA-256 over lines of their hashes and names
   */
  public String sha256(Path cache) {
    List<String> hashes = new ContentHashes(cache).sha256(files.files());
    if (hashes.size() == 1) {
      return hashes.get(0);
    }
    Sha256 all = new Sha256();
    for (int i = 0; i < hashes.size(); i++) {
      all.add(hashes.get(i) + "  " + files.files().get(i).getFileName() + "\n");
    }
    return all.hex();
  }
}
