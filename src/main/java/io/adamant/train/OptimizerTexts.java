package io.adamant.train;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.UserPath;
import io.adamant.config.GroupConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.optim.OptimizerContract;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The text files that define optimizers of a run: known by their content, wherever they lie, and
 * kept beside its {@code run.yaml}, so that what it trained with can be read and gone on with.
 */
final class OptimizerTexts {

  private static final int DIGITS = 12; // of the hash, in a copy's name

  private OptimizerTexts() {}

  /** The run with the files' paths written out. */
  static RunConfig absolute(RunConfig config) {
    return absolute(config, Path.of(""));
  }

  /** The same for paths that begin in a folder. */
  static RunConfig absolute(RunConfig config, Path folder) {
    return replaced(
        config, type -> folder.resolve(UserPath.of(type)).toAbsolutePath().normalize().toString());
  }

  /** Refuses files that no run could go by; for this they are compiled and take some steps. */
  static void requireSound(RunConfig config) {
    OptimizerConfig optimizer = config.optimizer();
    requireSound(optimizer.type(), optimizer.settings());
    config.groups().values().stream()
        .map(group -> group.inheriting(optimizer))
        .forEach(group -> requireSound(group.optimizer(), group.settings()));
  }

  private static void requireSound(String type, Map<String, Object> settings) {
    if (OptimizerConfig.isFile(type)) {
      OptimizerDefinition definition = Optimizers.definition(type);
      OptimizerContract.requireSound(definition, definition.resolve(settings, "optimizer"));
    }
  }

  /**
   * The run with files named by their content, for its identity.
   *
   * @param folder that relative paths begin in
   */
  static RunConfig byContent(RunConfig config, Path folder) {
    return replaced(config, type -> "text_" + sha256(folder.resolve(type)));
  }

  /**
   * Copies the files into a run's folder.
   *
   * @param config with paths written out
   * @param folder of the run
   * @return the run by the copies' paths
   * @throws InputException if a copy that is there is no longer what the run began with
   */
  static RunConfig keep(RunConfig config, Path folder) {
    return replaced(
        config,
        type -> {
          OptimizerDefinition definition = Optimizers.definition(type);
          Path copy = folder.resolve(copyName(type)).toAbsolutePath();
          if (!Files.exists(copy)) {
            DurableFiles.write(copy, definition.text());
          } else if (!Optimizers.definition(copy.toString()).text().equals(definition.text())) {
            throw new InputException(
                copy + " was changed after the run began; expected: the text of " + type);
          }
          return copy.toString();
        });
  }

  /** The run by the copies' names, relative to its folder, as {@code run.yaml} has it. */
  static RunConfig recorded(RunConfig config) {
    return replaced(config, type -> "./" + copyName(type));
  }

  private static String copyName(String type) {
    return OptimizerConfig.nameOf(type)
        .replaceFirst("\\.py$", "-" + sha256(Path.of(type)).substring(0, DIGITS) + ".py");
  }

  private static String sha256(Path file) {
    return Optimizers.sha256(Optimizers.definition(file.toString()));
  }

  private static RunConfig replaced(RunConfig config, UnaryOperator<String> file) {
    UnaryOperator<String> type = text -> OptimizerConfig.isFile(text) ? file.apply(text) : text;
    OptimizerConfig optimizer = config.optimizer();
    Map<String, GroupConfig> groups = new LinkedHashMap<>();
    config
        .groups()
        .forEach(
            (name, group) -> groups.put(name, group.withOptimizer(type.apply(group.optimizer()))));
    return config.with(optimizer.withType(type.apply(optimizer.type()))).withGroups(groups);
  }
}
