package io.adamant.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param ids of the runs that are part of the study's grids; empty where unknown
 * @param choices what {@code confirmation.yaml} says of runs on fresh seeds
 */
record StudyNames(
    String name, String title, List<String> arms, Set<String> ids, List<Choice> choices) {

  /**
   * A point of a grid on fresh seeds.
   *
   * @param arm its arm
   * @param role {@code winner}, {@code lower} or {@code higher}
   * @param label of the point
   * @param ids of its runs
   */
  record Choice(String arm, String role, String label, Set<String> ids) {}

  /** Whether a run belongs to the study's grids; all do where the file does not say. */
  boolean has(String id) {
    return (ids.isEmpty() && !confirms(id)) || ids.contains(id);
  }

  /** Whether a run is one on fresh seeds. */
  boolean confirms(String id) {
    return choices.stream().anyMatch(choice -> choice.ids().contains(id));
  }

  /** How many runs on fresh seeds the study has. */
  long fresh() {
    return choices.stream().flatMap(choice -> choice.ids().stream()).distinct().count();
  }

  /** Whether a run was read from this study's folder. */
  boolean owns(RunData run) {
    return name.isEmpty() || name.equals(run.study());
  }

  StudyNames named(String newName) {
    return new StudyNames(newName, title, arms, ids, choices);
  }

  static StudyNames read(Path directory) {
    Path file = directory.resolve("study.yaml");
    if (!Files.isRegularFile(file)) {
      return new StudyNames("", "", List.of(), Set.of(), List.of());
    }
    try {
      JsonNode root = Json.YAML.readTree(Files.readString(file));
      Set<String> arms = new LinkedHashSet<>();
      Set<String> ids = new LinkedHashSet<>();
      for (JsonNode run : root.path("runs")) {
        arms.add(Json.text(run, "arm"));
        if (run.has("id")) {
          ids.add(Json.text(run, "id"));
        }
      }
      String name = Json.text(root, "name");
      return new StudyNames(
          name,
          Json.text(root, "title"),
          List.copyOf(arms),
          Set.copyOf(ids),
          choices(directory.resolve("confirmation.yaml")));
    } catch (JsonProcessingException e) {
      throw new InputException(file + ": not readable as YAML: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static List<Choice> choices(Path file) throws IOException {
    List<Choice> choices = new ArrayList<>();
    if (Files.isRegularFile(file)) {
      for (JsonNode choice : Json.YAML.readTree(Files.readString(file)).path("choices")) {
        Set<String> ids = new LinkedHashSet<>();
        choice.path("ids").forEach(id -> ids.add(id.asText()));
        choices.add(
            new Choice(
                Json.text(choice, "arm"),
                Json.text(choice, "role"),
                Json.text(choice, "label"),
                ids));
      }
    }
    return List.copyOf(choices);
  }
}
