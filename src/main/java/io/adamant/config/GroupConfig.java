package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Parameters that are trained otherwise than the rest, chosen by name.
 *
 * <p>Parameters that no group matches form the rest, with the run's optimizer, rate and decay. A
 * parameter that two groups match is an error.
 *
 * @param match regular expression that the whole name of a parameter has to match
 * @param lrScale factor on the run's learning rate, finite, at least 0; parameters of a group with
 *     0 are frozen: they take neither gradient nor optimizer state
 * @param weightDecay decoupled weight decay of the group's matrices; empty: the run's. As
 *     everywhere, vectors do not decay
 * @param optimizer type of the group's optimizer; empty: the run's
 * @param settings the optimizer's own settings. With the run's type they are laid over the run's
 *     settings, with another type over that type's defaults
 */
@PublicApi
public record GroupConfig(
    @Key(allowed = "a regular expression for names of parameters") String match,
    @Key(value = "1", min = 0) double lrScale,
    @Key(value = "inherit", word = "inherit", min = 0) OptionalDouble weightDecay,
    @Key(value = "inherit", word = "inherit", means = "") String optimizer,
    Map<String, Object> settings) {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  /**
   * Validates and normalises.
   *
   * @throws InputException if {@code match} is no regular expression
   */
  public GroupConfig {
    requireExpression(match);
    SortedMap<String, Object> normal = new TreeMap<>();
    settings.forEach((name, value) -> normal.put(name, OptimizerConfig.normalised(name, value)));
    settings = Collections.unmodifiableSortedMap(normal);
  }

  /**
   * A group that differs from the rest by its learning rate.
   *
   * @param match regular expression that the whole name of a parameter has to match
   * @param lrScale factor on the run's learning rate
   * @return the group
   */
  public static GroupConfig scaled(String match, double lrScale) {
    return new GroupConfig(match, lrScale, OptionalDouble.empty(), "", Map.of());
  }

  /** The name of a group, if it can be one. */
  static String checkedName(String name) {
    return Checks.matching(
        "groups." + name, name, NAME, "a name of lower-case letters, digits and _");
  }

  /**
   * The group with what it left to the run written out.
   *
   * @param run the run's optimizer with all settings
   * @return a group whose decay and optimizer are given; its settings may still lack defaults
   */
  public GroupConfig inheriting(OptimizerConfig run) {
    String type = optimizer.isEmpty() ? run.type() : optimizer;
    Map<String, Object> merged = new TreeMap<>(type.equals(run.type()) ? run.settings() : Map.of());
    merged.putAll(settings);
    double decay = weightDecay.orElse(run.weightDecay());
    return new GroupConfig(match, lrScale, OptionalDouble.of(decay), type, merged);
  }

  /**
   * The same with all of the optimizer's settings replaced.
   *
   * @param newSettings by YAML key
   * @return a copy
   */
  public GroupConfig withSettings(Map<String, Object> newSettings) {
    return new GroupConfig(match, lrScale, weightDecay, optimizer, newSettings);
  }

  /**
   * The same with another name or path of its optimizer.
   *
   * @param type of an optimizer with these settings; empty: the run's
   * @return a copy
   */
  public GroupConfig withOptimizer(String type) {
    return new GroupConfig(match, lrScale, weightDecay, type, settings);
  }

  /**
   * Whether the group's parameters stay what they are.
   *
   * @return true if its factor on the learning rate is 0
   */
  public boolean isFrozen() {
    return lrScale == 0;
  }

  /**
   * Whether a parameter belongs to the group.
   *
   * @param parameter its stable name
   * @return true if the expression matches all of it
   */
  public boolean matches(String parameter) {
    return Pattern.matches(match, parameter);
  }

  private static void requireExpression(String match) {
    try {
      if (!match.isEmpty()) {
        Pattern.compile(Checks.text("match", match));
        return;
      }
    } catch (PatternSyntaxException e) {
      throw InputException.badValue(
          "match", match, "a regular expression for names of parameters: " + e.getDescription());
    }
    throw InputException.badValue("match", "empty", "a regular expression for names of parameters");
  }
}
