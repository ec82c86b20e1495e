package io.adamant.config;

import io.adamant.base.InputException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads runs and studies from YAML and writes resolved runs.
 *
 * <p>Every reader takes the {@code --set KEY=VALUE} options of the command line as {@code
 * KEY=VALUE} texts, whose values are YAML scalars or flow lists; a later option wins over an
 * earlier one. Every complaint is a {@link InputException} whose message names the file and line or
 * the option, the key, the value found and what is allowed.
 */
public final class Configs {

  private Configs() {}

  /**
   * Reads a single run.
   *
   * @param file a YAML file with sections of a run; a missing section or key has its default. Paths
   *     of data in it are relative to its folder
   * @param overrides settings laid over the file, such as {@code training.steps=10}
   * @return the resolved run
   * @throws InputException if the file or an override cannot be used
   */
  public static RunConfig readRun(Path file, List<String> overrides) {
    return run(ConfigFile.read(file).withAbsolutePaths(file), overrides);
  }

  /**
   * Reads a run that was written by {@link #toYaml}: its paths are as they were then.
   *
   * @param file such as {@code run.yaml} of a run's folder
   * @return the run
   * @throws InputException if the file cannot be used
   */
  public static RunConfig readRecorded(Path file) {
    return recorded(ConfigFile.read(file));
  }

  /**
   * A run that {@link #toMap} took apart.
   *
   * @param sections values by section and key
   * @return the run
   * @throws InputException if a key or value cannot be used
   */
  public static RunConfig ofMap(Map<String, Object> sections) {
    YamlNode.Mapping node = (YamlNode.Mapping) YamlNode.of(sections, "configuration");
    return RunCodec.decode(WrittenSettings.of(node), node.origin(), "");
  }

  /** The folder that such a run started from may be gone: all that it said is written out. */
  private static RunConfig recorded(ConfigFile file) {
    return RunCodec.decode(WrittenSettings.of(file.run()), file.source(), "");
  }

  /**
   * Reads a single run from YAML in memory.
   *
   * @param yaml the text
   * @param overrides settings laid over it
   * @return the resolved run
   * @throws InputException if the text or an override cannot be used
   */
  public static RunConfig parseRun(String yaml, List<String> overrides) {
    return run(ConfigFile.of(yaml, "configuration"), overrides);
  }

  /**
   * Reads the runs of a file, a single one or those of a study.
   *
   * @param file as for {@link #readRun} or {@link #readStudy}
   * @param overrides as for these
   * @return at least one; a single run is named after its optimizer and its file
   * @throws InputException if the file or an override cannot be used
   */
  public static List<PlannedRun> readRuns(Path file, List<String> overrides) {
    ConfigFile read = ConfigFile.read(file);
    if (read.isStudy()) {
      return readStudy(file, overrides).plan();
    }
    RunConfig run = readRun(file, overrides);
    return List.of(new PlannedRun(run.optimizer().type(), file.toString(), run));
  }

  /**
   * The key of a run that somebody may mean who knows its last part only.
   *
   * @param name such as {@code steps}
   * @return such as {@code training.steps}, or empty if no key ends so
   */
  public static Optional<String> keyNamed(String name) {
    return RunKeys.named(name);
  }

  /**
   * Reads a study.
   *
   * @param file a YAML file with {@code name}, {@code base} and {@code arms}, {@code grid} or
   *     {@code seeds}
   * @param overrides {@code name}, {@code title} or {@code seeds} of the study, or settings laid
   *     over its base run before the arms are
   * @return the study, every arm expanded
   * @throws InputException if the file or an override cannot be used, or an override has no effect
   *     since every arm sets its key itself
   */
  public static StudyConfig readStudy(Path file, List<String> overrides) {
    return StudyReader.read(
        ConfigFile.read(file).withAbsolutePaths(file), SetOption.parse(overrides));
  }

  /**
   * Reads a study from YAML in memory.
   *
   * @param yaml the text
   * @param overrides as for {@link #readStudy}
   * @return the study, every arm expanded
   * @throws InputException as for {@link #readStudy}
   */
  public static StudyConfig parseStudy(String yaml, List<String> overrides) {
    return StudyReader.read(ConfigFile.of(yaml, "configuration"), SetOption.parse(overrides));
  }

  /**
   * The run as YAML, every key written out, in a fixed order, numbers as the shortest decimals that
   * read back exactly. Reading it gives an equal run.
   *
   * @param run the run
   * @return YAML text
   */
  public static String toYaml(RunConfig run) {
    return YamlWriter.write(RunCodec.encode(run), SourceList.KEYS);
  }

  /**
   * The run as sections of values, in the order of {@link #toYaml}.
   *
   * @param run the run
   * @return by section, by key: {@link Integer}, {@link Long}, {@link Double}, {@link Boolean} or
   *     {@link String}
   */
  public static Map<String, Map<String, Object>> toMap(RunConfig run) {
    Map<String, Map<String, Object>> sections = RunCodec.encode(run);
    sections.replaceAll((section, map) -> Collections.unmodifiableMap(map));
    return Collections.unmodifiableMap(sections);
  }

  /**
   * The run as one flat list of settings, for a row of a table or the differences of two runs.
   *
   * @param run the run
   * @return texts by dotted key, in the order of {@link #toYaml}
   */
  public static Map<String, String> flatten(RunConfig run) {
    Map<String, String> flat = new LinkedHashMap<>();
    RunCodec.encode(run)
        .forEach(
            (section, map) ->
                map.forEach((key, value) -> flat.put(section + "." + key, KeySpec.text(value))));
    return Collections.unmodifiableMap(flat);
  }

  private static RunConfig run(ConfigFile file, List<String> overrides) {
    WrittenSettings settings = WrittenSettings.of(file.run());
    for (SetOption option : SetOption.parse(overrides)) {
      settings = settings.overlaid(WrittenSettings.of(option.key(), option.value()));
    }
    return RunCodec.decode(ImportedSettings.complete(settings), file.source(), "");
  }
}
