package io.adamant.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.adamant.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a report takes from {@code study.yaml}: names and their order. The runs themselves tell the
 * rest, so a study of a newer version, or a single run without such a file, is read as well.
 *
 * @param name of the study, empty where unknown
 * @param title of the study, empty where it has none
 * @param arms in order
 * @param ids of the runs that are part of the study; empty where unknown
 */
record StudyNames(String name, String title, List<String> arms, Set<String> ids) {
  private static final YAMLMapper MAPPER = new YAMLMapper();

  /** Whether a run belongs to the study; all do where the file does not say. */
  boolean has(String id) {
    return ids.isEmpty() || ids.contains(id);
  }

  static StudyNames read(Path directory) {
    Path file = directory.resolve("study.yaml");
    if (!Files.isRegularFile(file)) {
      return new StudyNames("", "", List.of(), Set.of());
    }
    try {
      JsonNode root = MAPPER.readTree(Files.readString(file));
      Set<String> arms = new LinkedHashSet<>();
      Set<String> ids = new LinkedHashSet<>();
      for (JsonNode run : root.path("runs")) {
        arms.add(JsonFiles.text(run, "arm"));
        if (run.has("id")) {
          ids.add(JsonFiles.text(run, "id"));
        }
      }
      String name = JsonFiles.text(root, "name");
      return new StudyNames(
          name, JsonFiles.text(root, "title"), List.copyOf(arms), Set.copyOf(ids));
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + ": not readable as YAML: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
