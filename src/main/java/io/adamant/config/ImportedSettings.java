package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.Services;
import io.adamant.base.UserPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Settings of a run that starts from a folder of another program's layout, see ModelImport. */
final class ImportedSettings {
  private static final String INIT_FROM = "training.init_from";
  private static final String CONTEXT = "model.context";
  private static final String TOKENIZER = ModelImport.TOKENIZER;

  private ImportedSettings() {}

  /**
   * The settings completed by those of the folder that the run starts from, if it does.
   *
   * @throws InputException if a setting contradicts the folder, naming the place where it was
   *     written
   */
  static WrittenSettings complete(WrittenSettings written) {
    Optional<YamlNode.Scalar> from =
        written.get(INIT_FROM).filter(scalar -> !scalar.absent() && !scalar.text().isBlank());
    if (from.isEmpty()) {
      return written;
    }
    return model(from.get(), written)
        .map(model -> merged(Presets.resolved(written), model, from.get().text()))
        .orElse(written);
  }

  private static Optional<Map<String, String>> model(
      YamlNode.Scalar from, WrittenSettings written) {
    try {
      Path folder = UserPath.of(from.text());
      return Services.load(ModelImport.class).stream()
          .flatMap(layout -> layout.settings(folder, context(written)).stream())
          .findFirst();
    } catch (InputException e) {
      throw e.key()
          .flatMap(written::get)
          .map(own -> e.at(own.origin()))
          .orElseGet(() -> e.at(from.origin() + ": " + INIT_FROM));
    }
  }

  /** The context that is written; what is no number is refused with all other values. */
  private static OptionalInt context(WrittenSettings written) {
    OptionalLong value =
        written
            .get(CONTEXT)
            .map(scalar -> Numbers.parseWhole(scalar.text()))
            .orElse(OptionalLong.empty());
    return value.isPresent() && value.getAsLong() > 0 && value.getAsLong() < Integer.MAX_VALUE
        ? OptionalInt.of((int) value.getAsLong())
        : OptionalInt.empty();
  }

  private static WrittenSettings merged(
      WrittenSettings written, Map<String, String> model, String folder) {
    Map<String, YamlNode.Scalar> values = new LinkedHashMap<>();
    model.forEach((key, text) -> values.put(key, new YamlNode.Scalar(text, false, folder)));
    WrittenSettings whole = new WrittenSettings(values);
    Map<String, String> expected = flat(whole);
    for (String key : model.keySet()) {
      Optional<YamlNode.Scalar> own = written.get(key);
      if (own.isPresent() && !agrees(key, own.get(), whole, expected)) {
        throw new InputException(
            "%s: %s is %s; %s has %s"
                .formatted(own.get().origin(), key, own.get().shown(), folder, model.get(key)));
      }
    }
    if (written.get(TOKENIZER).isEmpty() && !model.containsKey(TOKENIZER)) {
      throw new InputException(
          folder + " has no tokenizer.json; name its tokenizer as " + TOKENIZER);
    }
    return whole.overlaid(written);
  }

  private static boolean agrees(
      String key, YamlNode.Scalar own, WrittenSettings model, Map<String, String> expected) {
    if (key.equals(TOKENIZER)) {
      return isSameFile(own.text(), expected.get(key));
    }
    String found;
    try {
      found = flat(model.overlaid(new WrittenSettings(Map.of(key, own)))).get(key);
    } catch (InputException e) {
      return false; // not even a value that it can have
    }
    return found.equals(expected.get(key));
  }

  private static Map<String, String> flat(WrittenSettings settings) {
    return Configs.flatten(RunCodec.decode(settings, "", ""));
  }

  private static boolean isSameFile(String own, String other) {
    try {
      Path path = UserPath.of(own);
      return Files.isRegularFile(path) && Files.mismatch(path, Path.of(other)) < 0;
    } catch (IOException e) {
      return false;
    }
  }
}
