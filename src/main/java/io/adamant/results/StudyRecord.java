package io.adamant.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.ConfirmConfig;
import io.adamant.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a study asks for; the content of {@code study.yaml}. A file of a newer version is read as
 * well, as long as nobody asks for a configuration that this version does not know.
 *
 * @param name of the study, empty where unknown
 * @param title of the study, empty where it has none
 * @param configCommit Git commit that the study's file comes from, empty where unknown
 * @param confirm what follows the grids
 * @param runs as the study asks for them, in its order
 */
public record StudyRecord(
    String name,
    String title,
    String configCommit,
    Optional<ConfirmConfig> confirm,
    List<Run> runs) {

  private static final String FILE = "study.yaml";
  private static final String CONFIRMATION = "confirmation.yaml";
  private static final String NAME = "name";
  private static final String TITLE = "title";
  private static final String CONFIG_COMMIT = Manifest.Key.CONFIG_COMMIT.path();
  private static final String CONFIRM = "confirm";
  private static final String SEEDS = "seeds";
  private static final String NEIGHBOURS = "neighbours";
  private static final String ARMS = "arms";
  private static final String BASE = "base";
  private static final String RUNS = "runs";
  private static final String ID = "id";
  private static final String CONFIG = "config";
  private static final String CHOICES = "choices";
  private static final String ROLE = "role";
  private static final String IDS = "ids";
  private static final String WITHOUT = "without";

  /** Copies the list. */
  public StudyRecord {
    runs = List.copyOf(runs);
  }

  /**
   * A run that a study asks for.
   *
   * @param arm name of its arm
   * @param label arm and whatever else varies
   * @param id name of its folder, empty where unknown
   * @param settings its configuration, resolved on the machine that recorded it
   */
  public record Run(String arm, String label, String id, Map<String, Object> settings) {

    /** Copies the map. */
    public Run {
      settings = new LinkedHashMap<>(settings);
    }

    /**
     * A run.
     *
     * @param arm name of its arm
     * @param label arm and whatever else varies
     * @param id name of its folder
     * @param config resolved
     * @return its entry
     */
    public static Run of(String arm, String label, String id, RunConfig config) {
      return new Run(arm, label, id, new LinkedHashMap<>(Configs.toMap(config)));
    }

    /**
     * The configuration.
     *
     * @return what the settings mean
     * @throws InputException if this version does not understand them
     */
    public RunConfig config() {
      return Configs.ofMap(settings);
    }

    private Map<String, Object> toMap(Map<String, Object> base) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put(ArmNames.ARM, arm);
      map.put(ArmNames.LABEL, label);
      map.put(ID, id);
      Map<String, Object> own = new LinkedHashMap<>();
      settings.forEach(
          (name, keys) -> {
            Map<String, Object> rest = new LinkedHashMap<>(section(keys));
            rest.keySet().removeAll(section(base.get(name)).keySet());
            if (!rest.isEmpty()) {
              own.put(name, rest);
            }
          });
      map.put(CONFIG, own);
      return map;
    }
  }

  /** What all runs share is written once: thousands of them differ in little. */
  private static Map<String, Object> base(List<Run> runs) {
    Map<String, Object> base = new LinkedHashMap<>();
    runs.stream()
        .limit(1)
        .forEach(
            run ->
                run.settings()
                    .forEach((name, keys) -> base.put(name, new LinkedHashMap<>(section(keys)))));
    for (Run run : runs) {
      base.forEach(
          (name, keys) ->
              section(keys).entrySet().retainAll(section(run.settings().get(name)).entrySet()));
    }
    return base;
  }

  private static Map<String, Object> whole(Map<String, Object> base, Map<String, Object> own) {
    Map<String, Object> whole = new LinkedHashMap<>(base);
    own.forEach(
        (name, keys) -> {
          Map<String, Object> section = new LinkedHashMap<>(section(base.get(name)));
          section.putAll(section(keys));
          whole.put(name, section);
        });
    return whole;
  }

  @SuppressWarnings("unchecked") // as YAML has it
  private static Map<String, Object> section(Object keys) {
    return keys instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  private static Map<String, Object> map(JsonNode node) {
    return node.isObject() ? Json.MAPPER.convertValue(node, new TypeReference<>() {}) : Map.of();
  }

  /**
   * A point of a grid that was trained on fresh seeds; a part of {@code confirmation.yaml}.
   *
   * @param arm its arm
   * @param role {@code winner}, {@code lower} or {@code higher}
   * @param label of the point
   * @param ids of its runs
   */
  public record Choice(String arm, String role, String label, List<String> ids) {

    /** Copies the list. */
    public Choice {
      ids = List.copyOf(ids);
    }

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put(ArmNames.ARM, arm);
      map.put(ROLE, role);
      map.put(ArmNames.LABEL, label);
      map.put(IDS, ids);
      return map;
    }
  }

  /**
   * Whether a folder is a study's.
   *
   * @param study any folder
   * @return true if it has a {@code study.yaml}
   */
  public static boolean isStudy(Path study) {
    return Files.isRegularFile(study.resolve(FILE));
  }

  /** The files of a study's folder that say what it is. */
  static List<Path> files(Path study) {
    return Stream.of(FILE, CONFIRMATION).map(study::resolve).filter(Files::isRegularFile).toList();
  }

  /**
   * Reads {@code study.yaml}.
   *
   * @param study the study's folder
   * @return what it says; empty if there is none
   * @throws InputException if it cannot be understood
   */
  public static Optional<StudyRecord> read(Path study) {
    if (!isStudy(study)) {
      return Optional.empty();
    }
    JsonNode root = tree(study.resolve(FILE));
    Map<String, Object> base = map(root.path(BASE));
    List<Run> runs = new ArrayList<>();
    for (JsonNode run : root.path(RUNS)) {
      runs.add(
          new Run(
              Json.text(run, ArmNames.ARM),
              Json.text(run, ArmNames.LABEL),
              Json.text(run, ID),
              whole(base, map(run.path(CONFIG)))));
    }
    return Optional.of(
        new StudyRecord(
            Json.text(root, NAME),
            Json.text(root, TITLE),
            Json.text(root, CONFIG_COMMIT),
            confirm(root.path(CONFIRM)),
            runs));
  }

  private static Optional<ConfirmConfig> confirm(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    List<Long> seeds = new ArrayList<>();
    node.path(SEEDS).forEach(seed -> seeds.add(seed.asLong()));
    return Optional.of(
        new ConfirmConfig(seeds, node.path(NEIGHBOURS).asBoolean(), texts(node.path(ARMS))));
  }

  /**
   * Writes {@code study.yaml}.
   *
   * @param study the study's folder
   */
  public void write(Path study) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(NAME, name);
    map.put(TITLE, title);
    if (!configCommit.isEmpty()) {
      map.put(CONFIG_COMMIT, configCommit);
    }
    confirm.ifPresent(
        c -> {
          Map<String, Object> fresh = new LinkedHashMap<>();
          fresh.put(SEEDS, c.seeds());
          fresh.put(NEIGHBOURS, c.neighbours());
          fresh.put(ARMS, c.arms());
          map.put(CONFIRM, fresh);
        });
    Map<String, Object> base = base(runs);
    map.put(BASE, base);
    map.put(RUNS, runs.stream().map(run -> run.toMap(base)).toList());
    DurableFiles.write(study.resolve(FILE), yaml(map));
  }

  /**
   * Reads {@code confirmation.yaml}.
   *
   * @param study the study's folder
   * @return the points on fresh seeds; none while there is no such file
   * @throws InputException if it cannot be understood
   */
  public static List<Choice> confirmation(Path study) {
    List<Choice> choices = new ArrayList<>();
    Path file = study.resolve(CONFIRMATION);
    if (Files.isRegularFile(file)) {
      for (JsonNode choice : tree(file).path(CHOICES)) {
        choices.add(
            new Choice(
                Json.text(choice, ArmNames.ARM),
                Json.text(choice, ROLE),
                Json.text(choice, ArmNames.LABEL),
                texts(choice.path(IDS))));
      }
    }
    return List.copyOf(choices);
  }

  /**
   * Writes {@code confirmation.yaml}, from which a report knows the runs on fresh seeds. Whoever
   * writes it writes the same.
   *
   * @param study the study's folder
   * @param seeds the fresh ones
   * @param choices points of the grids
   * @param without arms that have no winner
   */
  public static void writeConfirmation(
      Path study, List<Long> seeds, List<Choice> choices, List<String> without) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(SEEDS, seeds);
    map.put(CHOICES, choices.stream().map(Choice::toMap).toList());
    map.put(WITHOUT, without);
    DurableFiles.write(study.resolve(CONFIRMATION), yaml(map));
  }

  /**
   * Removes {@code confirmation.yaml}, as of a smaller grid.
   *
   * @param study the study's folder
   * @throws IOException if that fails
   */
  public static void deleteConfirmation(Path study) throws IOException {
    Files.deleteIfExists(study.resolve(CONFIRMATION));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static JsonNode tree(Path file) {
    try {
      return Json.YAML.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new InputException(file + " is not a study's record: " + e.getMessage(), e);
    }
  }

  private static String yaml(Object value) {
    try {
      return Json.YAML.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a YAML value: " + value, e);
    }
  }
}
