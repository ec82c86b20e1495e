package io.adamant.study;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.ConfirmConfig;
import io.adamant.config.RunConfig;
import io.adamant.train.RunDirectory;
import io.adamant.train.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of a study: {@code study.yaml}; {@code confirmation.yaml} once winners are known;
 * {@code runs/ID/} for each run that has a result, which never changes again; {@code work/ID/} for
 * each that is being trained, see {@link ClaimFiles}.
 */
public final class StudyDirectory {

  private static final String PLAN = "study.yaml";
  private static final String CONFIRMATION = "confirmation.yaml";
  private static final String WORK = "work";
  // Texts are quoted: 12e345678901 may be the identity of a run, and is a number without quotes.

  private final Path root;

  /**
   * Names a folder; nothing is made yet.
   *
   * @param root the study's folder, such as {@code results/quickstart}
   */
  public StudyDirectory(Path root) {
    this.root = root;
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
   * @throws InputException naming a run that the plan lacks
   */
  public void check(StudyPlan plan) {
    Path file = root.resolve(PLAN);
    if (!Files.exists(file)) {
      if (Files.isRegularFile(root)) {
        throw new InputException(root + " is a file; a study needs a folder there");
      }
      return;
    }
    List<String> wanted = plan.items().stream().map(StudyPlan.Item::id).toList();
    try {
      for (JsonNode run : Json.YAML.readTree(file.toFile()).path("runs")) {
        if (run.path("id").isTextual() && !wanted.contains(run.path("id").asText())) {
          throw new InputException(
              root
                  + " holds a different study: its run '"
                  + run.path("label").asText()
                  + "' is not part of this one; use --results DIR, --set name=NEW, or --replace to"
                  + " let this study take the folder over (finished runs stay)");
        }
      }
    } catch (IOException e) {
      throw new InputException(file + " is not a study's record: " + e.getMessage(), e);
    }
  }

  /**
   * Writes the plan and makes the folder.
   *
   * @param plan about to be run
   */
  public void write(StudyPlan plan) {
    List<Map<String, Object>> runs = new ArrayList<>();
    for (StudyPlan.Ask ask : plan.asks()) {
      Map<String, Object> run = new LinkedHashMap<>();
      run.put("arm", ask.arm());
      run.put("label", ask.label());
      run.put("id", ask.item().id());
      run.put("config", Configs.toMap(ask.item().config()));
      runs.add(run);
    }
    Map<String, Object> study = new LinkedHashMap<>();
    study.put("name", plan.name());
    study.put("title", plan.title());
    plan.confirm().ifPresent(confirm -> study.put("confirm", confirmed(confirm)));
    study.put("runs", runs);
    try {
      Files.createDirectories(root);
      DurableFiles.write(root.resolve(PLAN), yaml(study));
      if (Confirmation.of(plan, this).isEmpty()) {
        Files.deleteIfExists(root.resolve(CONFIRMATION)); // of a smaller grid
      }
    } catch (IOException e) {
      throw new InputException("the folder " + root + " cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * What {@code study.yaml} records.
   *
   * @param name of the study
   * @param title may be empty
   * @param confirm what follows the grids
   * @param runs as the study asks for them, in its order
   */
  record Recorded(
      String name, String title, Optional<ConfirmConfig> confirm, List<RecordedRun> runs) {}

  /**
   * One of them.
   *
   * @param arm name of its arm
   * @param label arm and whatever else varies
   * @param id name of its folder
   * @param config resolved on the machine that recorded it
   */
  record RecordedRun(String arm, String label, String id, RunConfig config) {}

  /**
   * Reads {@code study.yaml}.
   *
   * @return the study
   * @throws InputException if there is none, or it cannot be understood
   */
  Recorded read() {
    Path file = root.resolve(PLAN);
    if (!Files.exists(file)) {
      throw new InputException(root + " holds no study; allowed: a folder with study.yaml");
    }
    try {
      JsonNode study = Json.YAML.readTree(file.toFile());
      List<RecordedRun> runs = new ArrayList<>();
      for (JsonNode run : study.path("runs")) {
        RunConfig config =
            Configs.parseRun(Json.YAML.writeValueAsString(run.path("config")), List.of());
        runs.add(
            new RecordedRun(
                run.path("arm").asText(),
                run.path("label").asText(),
                run.path("id").asText(),
                config));
      }
      return new Recorded(
          study.path("name").asText(),
          study.path("title").asText(),
          confirm(study.path("confirm")),
          runs);
    } catch (IOException e) {
      throw new InputException(file + " is not a study's record: " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> confirmed(ConfirmConfig confirm) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("seeds", confirm.seeds());
    map.put("neighbours", confirm.neighbours());
    map.put("arms", confirm.arms());
    return map;
  }

  private static Optional<ConfirmConfig> confirm(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    List<Long> seeds = new ArrayList<>();
    node.path("seeds").forEach(seed -> seeds.add(seed.asLong()));
    List<String> arms = new ArrayList<>();
    node.path("arms").forEach(arm -> arms.add(arm.asText()));
    return Optional.of(new ConfirmConfig(seeds, node.path("neighbours").asBoolean(), arms));
  }

  /**
   * Writes {@code confirmation.yaml}, from which a report knows the runs on fresh seeds. Whoever
   * writes it writes the same.
   *
   * @param plan of the study
   * @param confirmation what follows from its results
   */
  void writeConfirmation(StudyPlan plan, Confirmation confirmation) {
    List<Map<String, Object>> choices = new ArrayList<>();
    for (Confirmation.Choice choice : confirmation.choices()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("arm", choice.arm());
      map.put("role", choice.role().name().toLowerCase(Locale.ROOT));
      map.put("label", choice.label());
      map.put("ids", choice.items().stream().map(StudyPlan.Item::id).toList());
      choices.add(map);
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("seeds", plan.confirm().orElseThrow().seeds());
    content.put("choices", choices);
    content.put("without", confirmation.without());
    try {
      DurableFiles.write(root.resolve(CONFIRMATION), yaml(content));
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + root.resolve(CONFIRMATION) + " failed", e);
    }
  }

  static String yaml(Object value) throws IOException {
    return Json.YAML.writeValueAsString(value);
  }

  /** Notes in a run's folder how this study names it. */
  void writeArm(StudyPlan.Item item, Path folder) {
    Map<String, Object> arm = new LinkedHashMap<>();
    arm.put("study", root.toAbsolutePath().normalize().getFileName().toString());
    arm.put("arm", item.arm());
    arm.put("label", item.label());
    arm.put("seed", item.config().training().seed());
    RunDirectory.writeJson(folder.resolve("arm.json"), arm);
  }

  /** Where a run is trained until it has a result. */
  Path work(String id) {
    return root.resolve(WORK).resolve(id);
  }

  /** A run's result, once there is one. */
  Optional<RunSummary> published(String id) {
    return RunDirectory.summary(run(id)).filter(RunSummary::isFinal);
  }

  /** Why nobody tries a run any more; empty while someone does. */
  Optional<String> givenUp(String id) {
    return new Attempts(work(id)).givenUp();
  }

  /**
   * Makes room where a result belongs: a folder without one, such as earlier versions left, is the
   * first attempt, from whose checkpoint the next one goes on.
   */
  void setAside(String id) {
    Path folder = run(id);
    try {
      if (Files.isDirectory(folder) && published(id).isEmpty()) {
        Files.createDirectories(work(id));
        DurableFiles.rename(folder, work(id).resolve("attempt-0000"));
      }
    } catch (NoSuchFileException e) {
      return; // another process did it
    } catch (IOException e) {
      throw new InputException("the folder " + folder + " cannot be set aside: " + e, e);
    }
  }

  /**
   * Lets a run that was given up be tried again.
   *
   * @param id its identity
   */
  public void retry(String id) {
    new ClaimFiles(work(id)).look().ifPresent(state -> new Attempts(work(id)).retry(state.epoch()));
  }

  /** Takes away what is left of a run's attempts after it has a result. */
  void discardWork(String id) {
    Folders.delete(work(id));
  }

  /**
   * Takes away what late workers left of runs that have a result, and the folder if it is empty.
   */
  void sweep() {
    Path work = root.resolve(WORK);
    try (Stream<Path> entries = Files.list(work)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (name.startsWith(".deleted-")) {
          Folders.deleteContent(entry);
        } else if (published(name).isPresent()) {
          Folders.delete(entry);
        }
      }
      Files.deleteIfExists(work);
    } catch (IOException | UncheckedIOException e) {
      return; // others are at work, or there was nothing
    }
  }
}
