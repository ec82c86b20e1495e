package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Suggestion;
import io.adamant.base.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A configuration file: its name for messages, and its content.
 *
 * @param source name of the file as the user gave it
 * @param root its keys
 */
record ConfigFile(String source, YamlNode.Mapping root) {
  /** Somebody who passes a corpus for a configuration should hear so, not wait. */
  private static final int MAX_BYTES = 1 << 20;

  private static final List<String> STUDY_KEYS =
      List.of("name", "title", "base", "arms", "grid", "seeds", "confirm", "stop");
  private static final List<String> STUDY_SIGNS =
      List.of("base", "arms", "grid", "seeds", "confirm", "stop");

  static ConfigFile read(Path path) {
    return of(text(path), path.toString());
  }

  static ConfigFile of(String text, String source) {
    YamlNode root = YamlText.parseFile(text, source);
    if (root instanceof YamlNode.Mapping mapping) {
      return new ConfigFile(source, mapping);
    }
    boolean empty = root instanceof YamlNode.Scalar scalar && scalar.absent();
    throw new InputException(
        "%s: %s; expected: a mapping of keys to values"
            .formatted(source, empty ? "the file is empty" : "the file holds " + kind(root)));
  }

  /** Whether the file has keys of a study. */
  boolean isStudy() {
    // In a run's file a lone name or title is an unknown key, not the sign of a study.
    return root.entries().keySet().stream()
        .anyMatch(hasRunSection() ? STUDY_SIGNS::contains : STUDY_KEYS::contains);
  }

  /** The file's keys, which must be those of a single run. */
  YamlNode.Mapping run() {
    if (isStudy()) {
      throw new InputException(
          "%s: this is a study, not a single run. Use: adamant study %s".formatted(source, source));
    }
    return root;
  }

  /** The file's keys, which must be those of a study. */
  YamlNode.Mapping study() {
    if (root.entries().keySet().stream().noneMatch(STUDY_KEYS::contains) && hasRunSection()) {
      throw new InputException(
          "%s: this is a single run, not a study. Use: adamant train %s".formatted(source, source));
    }
    root.entries().forEach((key, node) -> checkStudyKey(key, node.origin()));
    return root;
  }

  /** The same file with some keys replaced. */
  ConfigFile with(Map<String, YamlNode> replaced) {
    Map<String, YamlNode> entries = new LinkedHashMap<>(root.entries());
    entries.putAll(replaced);
    return new ConfigFile(source, new YamlNode.Mapping(entries, root.origin()));
  }

  /** The same file with its paths relative to the folder that it lies in. */
  ConfigFile withAbsolutePaths(Path file) {
    return new ConfigFile(source, FilePaths.absolute(root, file.toAbsolutePath().getParent()));
  }

  private boolean hasRunSection() {
    return root.entries().keySet().stream()
        .anyMatch(key -> RunKeys.sections().contains(key.replaceFirst("\\..*", "")));
  }

  private static void checkStudyKey(String key, String origin) {
    if (STUDY_KEYS.contains(key)) {
      return;
    }
    String hint =
        RunKeys.sections().contains(key)
            ? "a study has its run under base: write base." + key
            : Suggestion.hint(key, STUDY_KEYS);
    throw new InputException(origin + ": unknown key " + key + "; " + hint);
  }

  private static String text(Path path) {
    if (Files.isDirectory(path)) {
      throw new InputException(path + ": this is a directory; expected: a YAML file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InputException(path + ": over 1 MiB; expected: a YAML file with a configuration");
      }
      return TextFile.text(bytes);
    } catch (NoSuchFileException e) {
      String tried = path.isAbsolute() ? "" : " (looked for " + path.toAbsolutePath() + ")";
      throw new InputException(path + ": no such file" + tried + similar(path), e);
    } catch (AccessDeniedException e) {
      throw new InputException(path + ": permission denied", e);
    } catch (CharacterCodingException e) {
      throw new InputException(path + ": not UTF-8 text; expected: a YAML file", e);
    } catch (IOException e) {
      throw new InputException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** An aside that names a YAML file of a similar name, in the same folder or below configs. */
  private static String similar(Path path) {
    Map<String, Path> files = new TreeMap<>();
    Path folder = path.resolveSibling("");
    find(folder, 1).forEach(file -> files.put(file.getFileName().toString(), file));
    find(Path.of("configs"), 2)
        .forEach(file -> files.putIfAbsent(file.getFileName().toString(), file));
    String name = path.getFileName() + (path.toString().matches(".*\\.ya?ml") ? "" : ".yaml");
    return Suggestion.nearest(name, files.keySet())
        .map(near -> "; did you mean " + files.get(near) + "?")
        .orElse("");
  }

  private static List<Path> find(Path folder, int depth) {
    try (Stream<Path> files =
        Files.find(folder, depth, (file, kind) -> file.toString().matches(".*\\.ya?ml"))) {
      return files.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // no help, then
    }
  }

  private static String kind(YamlNode node) {
    return node instanceof YamlNode.Sequence ? "a list" : "a single value";
  }
}
