package io.adamant.huggingface;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import io.adamant.base.TextFile;
import io.adamant.config.ModelConfig;
import io.adamant.config.ModelImport;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What the {@code config.json} of a folder says of its model.
 *
 * @param path of that file
 * @param family the architecture
 * @param model the model section of a run, by its keys, and what limits its context
 */
record FolderSettings(Path path, Family family, Map<String, Object> model) {

  /** A run that names no context gets this one, where the model allows it. */
  private static final int LONGEST_DEFAULT = 1024;

  /**
   * Reads it.
   *
   * @throws InputException if it cannot be read, or a key of it is not understood
   */
  static FolderSettings of(Path folder) {
    Path path = folder.resolve(HuggingFaceModel.CONFIG);
    try {
      TextFile.read(path); // says what a file that is no text is
    } catch (IOException e) {
      throw new InputException(path + " cannot be read: " + StorageException.reason(e), e);
    }
    ConfigReader json = new ConfigReader(path, Json.object(path));
    Family family = Family.of(json);
    try {
      return new FolderSettings(path, family, family.read(json));
    } catch (InputException e) {
      String message = e.getMessage();
      throw message.startsWith(path.toString()) ? e : new InputException(path + ": " + message, e);
    }
  }

  /**
   * The settings of a run that starts from a folder.
   *
   * @param folder with a {@code config.json}
   * @param context that the run names; else the model's, at most 1,024
   * @return texts by dotted key
   * @throws InputException if the model cannot be read, or is not for this context
   */
  static Map<String, String> ofRun(Path folder, OptionalInt context) {
    FolderSettings settings = of(folder);
    int longest = (Integer) settings.model().get("context");
    int wanted = context.orElse(Math.min(longest, LONGEST_DEFAULT));
    settings.config(OptionalInt.of(wanted));
    Map<String, String> run = new LinkedHashMap<>();
    settings
        .keys(OptionalInt.of(wanted))
        .forEach((key, value) -> run.put("model." + key, String.valueOf(value)));
    Path tokenizer = folder.resolve(HuggingFaceModel.TOKENIZER);
    if (Files.isRegularFile(tokenizer)) {
      run.put(ModelImport.TOKENIZER, tokenizer.toString());
    }
    return run;
  }

  /** Rows of the embedding. */
  int rows() {
    return (Integer) model.get(Family.ROWS);
  }

  /** The model section, by its keys. */
  Map<String, Object> keys(OptionalInt wanted) {
    Map<String, Object> keys = new LinkedHashMap<>(model);
    Object window = keys.remove(WindowKeys.WINDOW);
    int longest = (Integer) model.get("context");
    int context = wanted.orElse(longest);
    if (context > longest) {
      throw InputException.badValue(
          "model.context", context, "at most %s, the context of %s".formatted(longest, path));
    }
    if (window != null && context > (Integer) window) {
      throw new InputException(
          "%s: sliding_window is %s, shorter than the context of %s; give a model.context of at most %s"
              .formatted(path, window, context, window));
    }
    keys.put("context", context);
    return keys;
  }

  ModelConfig config(OptionalInt context) {
    Map<String, Object> values = new LinkedHashMap<>();
    keys(context).forEach((key, value) -> values.put("model." + key, value));
    try {
      return RunConfig.defaults().with(values).model();
    } catch (InputException e) {
      throw new InputException(path + ": " + e.getMessage().replace("configuration: ", ""), e);
    }
  }
}
