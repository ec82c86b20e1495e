package io.adamant.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.adamant.config.ConfigException;
import io.adamant.config.Configs;
import io.adamant.train.RunDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The folder of a study: {@code study.yaml} and {@code runs/ID/}. */
public final class StudyDirectory {

  private static final String PLAN = "study.yaml";
  private static final ObjectMapper YAML =
      new ObjectMapper(
          new YAMLFactory()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES));

  private final Path root;

  /**
   * Names a folder; nothing is made yet.
   *
   * @param results root of all results
   * @param study the study's name
   */
  public StudyDirectory(Path results, String study) {
    this.root = results.resolve(study);
  }

  /**
   * The folder.
   *
   * @return its path
   */
  public Path root() {
    return root;
  }

  /**
   * The directory of a run.
   *
   * @param id its identity
   * @return the path
   */
  public Path run(String id) {
    return root.resolve("runs").resolve(id);
  }

  /**
   * Refuses a folder that belongs to another study: one whose recorded runs this plan does not ask
   * for. A plan that only adds runs goes on in the same folder.
   *
   * @param plan about to be run
   * @throws ConfigException naming a run that the plan lacks
   */
  public void check(StudyPlan plan) {
    Path file = root.resolve(PLAN);
    if (!Files.exists(file)) {
      if (Files.isRegularFile(root)) {
        throw new ConfigException(root + " is a file; a study needs a folder there");
      }
      return;
    }
    List<String> wanted = plan.items().stream().map(StudyPlan.Item::id).toList();
    try {
      for (JsonNode run : YAML.readTree(file.toFile()).path("runs")) {
        if (!wanted.contains(run.path("id").asText())) {
          throw new ConfigException(
              root
                  + " holds a different study: its run '"
                  + run.path("label").asText()
                  + "' is not part of this one; use --results DIR, --set name=NEW, or --replace to"
                  + " let this study take the folder over (finished runs stay)");
        }
      }
    } catch (IOException e) {
      throw new ConfigException(file + " is not a study's record: " + e.getMessage(), e);
    }
  }

  /**
   * Writes the plan and makes the folder.
   *
   * @param plan about to be run
   */
  public void write(StudyPlan plan) {
    List<Map<String, Object>> runs = new ArrayList<>();
    for (StudyPlan.Item item : plan.items()) {
      Map<String, Object> run = new LinkedHashMap<>();
      run.put("arm", item.arm());
      run.put("label", item.label());
      run.put("id", item.id());
      run.put("config", Configs.toMap(item.config()));
      runs.add(run);
    }
    Map<String, Object> study = new LinkedHashMap<>();
    study.put("name", plan.name());
    study.put("title", plan.title());
    study.put("runs", runs);
    try {
      Files.createDirectories(root);
      RunDirectory.writeAtomically(root.resolve(PLAN), YAML.writeValueAsString(study));
    } catch (IOException e) {
      throw new ConfigException("the folder " + root + " cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Notes how this study names a run.
   *
   * @param plan the study
   * @param item the run
   */
  public void writeArm(StudyPlan plan, StudyPlan.Item item) {
    Map<String, Object> arm = new LinkedHashMap<>();
    arm.put("study", plan.name());
    arm.put("arm", item.arm());
    arm.put("label", item.label());
    arm.put("seed", item.config().training().seed());
    try {
      Files.createDirectories(run(item.id()));
    } catch (IOException e) {
      throw new UncheckedIOException("making " + run(item.id()) + " failed", e);
    }
    RunDirectory.writeJson(run(item.id()).resolve("arm.json"), arm);
  }
}
