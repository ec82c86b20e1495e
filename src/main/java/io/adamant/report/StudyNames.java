package io.adamant.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.adamant.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a report takes from {@code study.yaml}: names and their order. The runs themselves tell the
 * rest, so a study of a newer version, or a single run without such a file, is read as well.
 *
 * @param name of the study, empty where unknown
 * @param title of the study, empty where it has none
 * @param arms in order
 */
record StudyNames(String name, String title, List<String> arms) {
  private static final YAMLMapper MAPPER = new YAMLMapper();

  static StudyNames read(Path directory) {
    Path file = directory.resolve("study.yaml");
    if (!Files.isRegularFile(file)) {
      return new StudyNames("", "", List.of());
    }
    try {
      JsonNode root = MAPPER.readTree(Files.readString(file));
      List<String> arms = new ArrayList<>();
      JsonNode node = root.path("arms");
      if (node.isArray()) {
        node.forEach(arm -> arms.add(JsonFiles.text(arm, "name")));
      } else {
        node.fieldNames().forEachRemaining(arms::add);
      }
      return new StudyNames(JsonFiles.text(root, "name"), JsonFiles.text(root, "title"), arms);
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + ": not readable as YAML: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
