package io.adamant.results;

import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.stats.Curve;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    RunSummary summary,
    Map<String, Double> lastMeasured) {

  /** Takes copies. */
  public RunData {
    lastMeasured = Map.copyOf(lastMeasured);
  }

  /**
   * Reads a run directory. Of its files only {@code run.yaml} must be there.
   *
   * @param directory the run directory
   * @return the run
   * @throws InputException if the directory holds no run or a file cannot be understood
   */
  public static RunData read(Path directory) {
    if (!RunDirectory.isRun(directory)) {
      throw new InputException(directory + ": no run here; expected: a directory with run.yaml");
    }
    RunConfig config = RunDirectory.config(directory);
    ArmNames names = ArmNames.read(directory, config);
    Path file = directory.resolve(RunDirectory.METRICS);
    Optional<RunSummary> ended = RunDirectory.summary(directory);
    Metrics metrics = ended.isPresent() ? Metrics.readLastMeasured(file) : Metrics.read(file);
    return new RunData(
        directory,
        names.study().isEmpty() ? studyFolder(directory) : names.study(),
        names.arm(),
        names.label(),
        names.seed(),
        config,
        RunDirectory.manifest(directory),
        ended.orElseGet(() -> RunSummary.unfinished(metrics)),
        lastMeasured(metrics));
  }

  /**
   * The same as a run of a study of another name.
   *
   * @param newStudy the name
   * @return the run
   */
  public RunData ofStudy(String newStudy) {
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
    return RunDirectory.metrics(directory);
  }

  /**
   * The training loss of each step, without the rest of the file.
   *
   * @return its curve
   * @throws InputException if a line of the file cannot be understood
   */
  public Curve trainLoss() {
    return Metrics.readCurve(directory.resolve(RunDirectory.METRICS), Metrics.TRAIN_LOSS);
  }

  /**
   * A measurement of the last measured step over all parameters.
   *
   * @param quantity for example {@code update_rms_predicted}
   * @return its value, NaN where absent
   */
  public double measured(String quantity) {
    return lastMeasured.getOrDefault(Metrics.group(Metrics.ALL, quantity), Double.NaN);
  }

  /**
   * What decides which runs are seeds of one another: the configuration without its seed and
   * without what does not change a trajectory.
   *
   * @return settings by dotted key
   */
  public Map<String, String> setting() {
    Map<String, String> flat = new LinkedHashMap<>(Configs.flatten(config));
    flat.keySet().removeAll(List.of("training.seed", "training.threads", "training.device"));
    return flat;
  }

  private static Map<String, Double> lastMeasured(Metrics metrics) {
    double step =
        metrics.keys().stream()
            .filter(key -> key.startsWith(Metrics.GROUPS + "."))
            .map(metrics::curve)
            .filter(curve -> curve.size() > 0)
            .mapToDouble(curve -> curve.x(curve.size() - 1))
            .max()
            .orElse(0);
    return metrics.keys().stream()
        .filter(key -> key.startsWith(Metrics.GROUPS + "."))
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
}
