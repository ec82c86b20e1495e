package io.adamant.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Paths in a configuration file: those that are not absolute are relative to the file's folder. */
final class FilePaths {

  /** Keys that take paths, and the words there that are none. */
  private static final Map<String, List<String>> KEYS =
      Map.of(
          "data.corpus", List.of(DataConfig.WORDNET),
          "data.corpus.path", List.of(DataConfig.WORDNET),
          "data.validation_corpus", List.of(DataConfig.WORDNET),
          "data.validation_corpus.path", List.of(DataConfig.WORDNET),
          "data.tokenizer", DataConfig.TOKENIZERS,
          "training.init_from", List.of(),
          "training.branch_from", List.of(),
          "measure.evaluate_task", List.of());

  /** Keys that take the name of an optimizer, or the path of a text file that defines one. */
  private static final Pattern OPTIMIZERS =
      Pattern.compile(".*\\.(optimizer\\.type|groups\\.[^.]+\\.optimizer)");

  private FilePaths() {}

  /**
   * The same keys with paths written out.
   *
   * @param root of a run's or a study's file
   * @param folder that the file lies in, absolute
   */
  static YamlNode.Mapping absolute(YamlNode.Mapping root, Path folder) {
    return (YamlNode.Mapping) absolute("", root, folder);
  }

  private static YamlNode absolute(String key, YamlNode node, Path folder) {
    if (node instanceof YamlNode.Mapping mapping) {
      Map<String, YamlNode> entries = new LinkedHashMap<>();
      mapping
          .entries()
          .forEach((name, value) -> entries.put(name, absolute(key + "." + name, value, folder)));
      return new YamlNode.Mapping(entries, mapping.origin());
    }
    Optional<Predicate<String>> names = names(key);
    if (names.isPresent() && node instanceof YamlNode.Scalar scalar) {
      return absolute(scalar, names.get(), folder);
    } else if (names.isPresent() && node instanceof YamlNode.Sequence list) {
      List<YamlNode> items =
          list.items().stream().map(item -> absolute(key, item, folder)).toList();
      return new YamlNode.Sequence(items, list.origin());
    }
    return node;
  }

  /** Which texts of a key are no paths; empty for a key that takes none. */
  private static Optional<Predicate<String>> names(String key) {
    if (OPTIMIZERS.matcher(key).matches()) {
      return Optional.of(text -> !OptimizerConfig.isFile(text));
    }
    // A study has runs' keys below base, arms and grid.
    return KEYS.entrySet().stream()
        .filter(path -> key.endsWith("." + path.getKey()))
        .findFirst()
        .map(path -> text -> path.getValue().contains(text) || text.startsWith(DataConfig.DJL));
  }

  private static YamlNode absolute(YamlNode.Scalar scalar, Predicate<String> isName, Path folder) {
    String text = scalar.text();
    boolean ofHome = text.equals("~") || text.startsWith("~/");
    if (scalar.absent() || text.isBlank() || ofHome || isName.test(text)) {
      return scalar;
    }
    try {
      Path path = Path.of(text);
      return path.isAbsolute()
          ? scalar
          : new YamlNode.Scalar(
              folder.resolve(path).normalize().toString(), false, scalar.origin());
    } catch (InvalidPathException e) {
      return scalar; // refused where it is used, with its key
    }
  }
}
