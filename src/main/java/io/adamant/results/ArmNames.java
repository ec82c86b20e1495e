package io.adamant.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a study names one of its runs; the content of {@code arm.json} in the run's folder.
 *
 * @param study name of the study's folder; empty where unknown
 * @param arm name of the arm
 * @param label the arm and whatever varies within it
 * @param seed of the run
 */
public record ArmNames(String study, String arm, String label, long seed) {

  static final String ARM = "arm";
  static final String LABEL = "label";
  static final String SEED = "seed";
  private static final String STUDY = "study";
  static final String FILE = "arm.json";

  /**
   * Writes the file.
   *
   * @param run the run's folder
   */
  public void write(Path run) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(STUDY, study);
    map.put(ARM, arm);
    map.put(LABEL, label);
    map.put(SEED, seed);
    DurableFiles.write(run.resolve(FILE), Json.pretty(map));
  }

  /** What the file says; what it lacks, or all without a file, is taken from the configuration. */
  static ArmNames read(Path run, RunConfig config) {
    JsonNode json = Json.object(run.resolve(FILE));
    String arm = or(Json.text(json, ARM), config.optimizer().name());
    return new ArmNames(
        Json.text(json, STUDY),
        arm,
        or(Json.text(json, LABEL), arm),
        Json.whole(json, SEED).orElse(config.training().seed()));
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }
}
