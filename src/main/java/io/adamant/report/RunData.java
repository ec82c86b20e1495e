package io.adamant.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One run as its directory records it, finished or not.
 *
 * @param directory the run directory
 * @param study name of the study that it belongs to
 * @param arm name of its arm
 * @param label the arm and whatever varies within it
 * @param seed its seed
 * @param config resolved configuration
 * @param manifest versions, machine, data and model; empty where there is none yet
 * @param summary how it ended, or how far it is
 * @param lastMeasured by dotted key, such as {@code groups.all.update_rms}, the values of the last
 *     measured step; empty where nothing was measured
 */
public record RunData(
    Path directory,
    String study,
    String arm,
    String label,
    long seed,
    RunConfig config,
    Manifest manifest,
    Summary summary,
    Map<String, Double> lastMeasured) {

  /** Takes copies. */
  public RunData {
    lastMeasured = Map.copyOf(lastMeasured);
  }

  /**
   * Whether a directory holds a run.
   *
   * @param directory any path
   * @return true if it has a {@code run.yaml}
   */
  public static boolean isRun(Path directory) {
    return Files.isRegularFile(directory.resolve("run.yaml"));
  }

  /**
   * Reads a run directory. Of its files only {@code run.yaml} must be there.
   *
   * @param directory the run directory
   * @return the run
   * @throws InputException if the directory holds no run or a file cannot be understood
   */
  public static RunData read(Path directory) {
    if (!isRun(directory)) {
      throw new InputException(directory + ": no run here; allowed: a directory with run.yaml");
    }
    RunConfig config = Configs.readRun(directory.resolve("run.yaml"), List.of());
    JsonNode names = Json.object(directory.resolve("arm.json"));
    String arm = or(Json.text(names, "arm"), config.optimizer().type());
    Metrics metrics = Metrics.read(directory.resolve("metrics.jsonl"));
    Path summaryFile = directory.resolve("summary.json");
    Summary summary =
        Files.isRegularFile(summaryFile)
            ? Summary.of(Json.object(summaryFile), summaryFile.toString())
            : Summary.unfinished(metrics);
    return new RunData(
        directory,
        or(Json.text(names, "study"), studyFolder(directory)),
        arm,
        or(Json.text(names, "label"), arm),
        Json.whole(names, "seed").orElse(config.training().seed()),
        config,
        Manifest.read(directory.resolve("manifest.json")),
        summary,
        lastMeasured(metrics));
  }

  /** The same as a run of a study of another name. */
  RunData ofStudy(String newStudy) {
    return new RunData(
        directory, newStudy, arm, label, seed, config, manifest, summary, lastMeasured);
  }

  /**
   * The run's identity.
   *
   * @return name of its directory in {@code runs/} or {@code work/}
   */
  public String id() {
    return RunFolders.id(directory);
  }

  /**
   * All that was recorded while training. Reads the file at each call, since a study's curves
   * together need not fit in memory.
   *
   * @return the metrics
   * @throws InputException if a line of the file cannot be understood
   */
  public Metrics metrics() {
    return Metrics.read(directory.resolve("metrics.jsonl"));
  }

  /**
   * A measurement of the last measured step over all parameters.
   *
   * @param quantity for example {@code update_rms_predicted}
   * @return its value, NaN where absent
   */
  public double measured(String quantity) {
    return lastMeasured.getOrDefault(Metrics.group("all", quantity), Double.NaN);
  }

  /**
   * What decides which runs are seeds of one another: the configuration without its seed and
   * without what does not change a trajectory.
   *
   * @return settings by dotted key
   */
  Map<String, String> setting() {
    Map<String, String> flat = new LinkedHashMap<>(Configs.flatten(config));
    flat.keySet().removeAll(List.of("training.seed", "training.threads", "training.device"));
    return flat;
  }

  private static Map<String, Double> lastMeasured(Metrics metrics) {
    double step =
        metrics.keys().stream()
            .filter(key -> key.startsWith("groups."))
            .map(metrics::curve)
            .filter(curve -> curve.size() > 0)
            .mapToDouble(curve -> curve.x(curve.size() - 1))
            .max()
            .orElse(0);
    return metrics.keys().stream()
        .filter(key -> key.startsWith("groups."))
        .filter(key -> !Double.isNaN(metrics.curve(key).valueAt(step)))
        .collect(Collectors.toMap(key -> key, key -> metrics.curve(key).valueAt(step)));
  }

  /** The folder around {@code runs/}, for a run without {@code arm.json}. */
  private static String studyFolder(Path directory) {
    Path runs = directory.toAbsolutePath().normalize().getParent();
    boolean inStudy = runs != null && runs.endsWith("runs") && runs.getParent() != null;
    return inStudy && runs.getParent().getFileName() != null
        ? runs.getParent().getFileName().toString()
        : "";
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }
}
