package io.adamant.huggingface;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.config.ModelConfig;
import io.adamant.data.Tokenizer;
import io.adamant.data.TokenizerJson;
import io.adamant.tensor.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes a model as a folder in the layout of Hugging Face, whole or not at all: {@code
 * config.json}, {@code generation_config.json}, the weights as safetensors, {@code tokenizer.json}
 * and {@code tokenizer_config.json}, and {@code adamant.json} with where the model comes from. One
 * tensor is in memory at a time.
 *
 * @param config of the model
 * @param rows of its embedding
 * @param weights reads its weights
 * @param provenance facts that go into {@code adamant.json} and the files of the weights
 */
public record HuggingFaceExport(
    ModelConfig config, int rows, Weights weights, Map<String, String> provenance) {

  /** Where the weights are. */
  @FunctionalInterface
  public interface Weights {
    /**
     * Reads one.
     *
     * @param name as {@link io.adamant.model.ModelSize#shapes} names it
     * @param manager owner of the array
     * @return float32
     * @throws IOException if a file cannot be read
     */
    NDArray read(String name, NDManager manager) throws IOException;
  }

  /** How the weights are stored. */
  public enum Format {
    /** As they are trained. */
    FP32(DataType.FLOAT32, "float32"),
    /** Rounded to the nearest. */
    BF16(DataType.BFLOAT16, "bfloat16");

    private final DataType type;
    private final String word;

    Format(DataType type, String word) {
      this.type = type;
      this.word = word;
    }
  }

  /**
   * Writes the folder.
   *
   * @param folder must not exist
   * @param tokenizer the model's; without one, or where it is known by its size alone, the folder
   *     has none
   * @param format of the weights
   * @param largest bytes of tensors in a file, at most; a larger tensor has a file for itself
   * @return the architecture that the model was written as
   * @throws InputException if the folder exists, or the layout cannot express the model, naming the
   *     key
   */
  public String write(Path folder, Optional<Tokenizer> tokenizer, Format format, long largest) {
    if (Files.exists(folder)) {
      throw new InputException(folder + " exists; expected: a folder that does not");
    }
    Family family = Family.of(config);
    ObjectNode json = family.write(config, rows);
    json.put("torch_dtype", format.word).put("use_cache", true);
    json.put("initializer_range", config.initStd());
    Path target = folder.toAbsolutePath().normalize();
    Path temporary = DurableFiles.temporary(target);
    try {
      Files.createDirectories(target.getParent());
      Files.createDirectory(temporary);
      try {
        writeTensors(temporary, family.tensors(config, rows).tensors(), format, largest);
        ObjectNode generation = Json.MAPPER.createObjectNode().put("_from_model_config", true);
        if (tokenizer.isPresent()) {
          writeTokenizer(temporary, tokenizer.get());
          int end = tokenizer.get().endOfText();
          for (ObjectNode node : end < 0 ? List.<ObjectNode>of() : List.of(json, generation)) {
            node.put("bos_token_id", end).put("eos_token_id", end);
          }
        }
        put(temporary, "config.json", json);
        put(temporary, "generation_config.json", generation);
        put(temporary, "adamant.json", provenance);
        DurableFiles.force(temporary);
        if (Files.exists(target)) { // made meanwhile
          throw new InputException(folder + " exists; expected: a folder that does not");
        }
        DurableFiles.publish(temporary, target);
      } finally {
        DurableFiles.deleteFolder(temporary);
      }
    } catch (IOException e) {
      throw new StorageException("write", folder, e);
    }
    return family.architecture();
  }

  private static void put(Path folder, String name, Object value) throws IOException {
    DurableFiles.writeForced(
        folder.resolve(name), Json.pretty(value).getBytes(StandardCharsets.UTF_8));
  }

  private void writeTokenizer(Path folder, Tokenizer tokenizer) throws IOException {
    Optional<String> text = TokenizerJson.of(tokenizer);
    if (text.isEmpty()) {
      return;
    }
    DurableFiles.writeForced(
        folder.resolve("tokenizer.json"), text.get().getBytes(StandardCharsets.UTF_8));
    String end = tokenizer.decode(new int[] {tokenizer.endOfText()});
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("tokenizer_class", "PreTrainedTokenizerFast");
    about.put("bos_token", end);
    about.put("eos_token", end);
    about.put("clean_up_tokenization_spaces", false);
    about.put("model_max_length", config.context());
    put(folder, "tokenizer_config.json", about);
  }

  private void writeTensors(
      Path folder, List<TensorTable.Tensor> tensors, Format format, long largest)
      throws IOException {
    List<List<TensorTable.Tensor>> files = new ArrayList<>();
    long inFile = 0;
    long total = 0;
    for (TensorTable.Tensor tensor : tensors) {
      long bytes = tensor.shape().size() * format.type.getNumOfBytes();
      if (files.isEmpty() || inFile + bytes > largest) {
        files.add(new ArrayList<>());
        inFile = 0;
      }
      files.get(files.size() - 1).add(tensor);
      inFile += bytes;
      total += bytes;
    }
    Map<String, String> metadata = new TreeMap<>();
    provenance.forEach((key, value) -> metadata.put("adamant." + key, value));
    metadata.put("format", "pt"); // what transformers wants to see
    Map<String, String> where = new TreeMap<>();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      for (int i = 0; i < files.size(); i++) {
        String name =
            files.size() == 1
                ? ModelFiles.SINGLE
                : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, files.size());
        Map<String, SafeTensors.Source> sources = new LinkedHashMap<>();
        for (TensorTable.Tensor tensor : files.get(i)) {
          where.put(tensor.foreign(), name);
          sources.put(
              tensor.foreign(),
              new SafeTensors.Source(
                  format.type,
                  tensor.shape(),
                  scope -> tensor.write(weights.read(tensor.own(), scope), scope)));
        }
        SafeTensors.write(folder.resolve(name), sources, metadata, manager);
      }
    }
    if (files.size() > 1) {
      put(
          folder,
          ModelFiles.INDEX,
          Map.of("metadata", Map.of("total_size", total), "weight_map", where));
    }
  }
}
