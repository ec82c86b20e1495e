package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.PublicApi;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The optimizer: its type, the two settings that all types share, and the type's own settings.
 *
 * <p>Which own settings exist is known to the optimizers, not here: they are kept as they are and
 * checked by the optimizers' registry. A setting is a number, a truth value or a text, and a text
 * that reads as one of the first two is one, so that {@code "0.9"} and {@code 0.9} never differ.
 *
 * @param type name of the optimizer, such as {@code adamw}, or path of a text file that defines one
 * @param lr peak learning rate η, finite, at least 0
 * @param weightDecay decoupled weight decay λ, finite, at least 0
 * @param settings the type's own settings by YAML key, sorted: {@link Double}, {@link Boolean} or
 *     {@link String}; any {@link Number} given is kept as a double
 */
@PublicApi
public record OptimizerConfig(
    @Key(
            value = "adamw",
            pattern = "[a-z][a-z0-9_]*|.+\\.py",
            allowed =
                "the name of an optimizer: lower-case letters, digits and _; or a text file"
                    + " NAME.py")
        String type,
    @Key(value = "4.0e-3", min = 0) double lr,
    @Key(value = "0.1", min = 0) double weightDecay,
    Map<String, Object> settings) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
  private static final String NAME_RULE = "lower-case letters, digits and _";
  private static final Pattern CONTENT = Pattern.compile("-[0-9a-f]{12}(?=\\.py$)");
  private static final Set<String> SHARED = Set.of("type", "lr", "weight_decay");

  /**
   * Validates and normalises.
   *
   * @throws InputException if a setting's name is malformed or its value no finite number, truth
   *     value or text
   */
  public OptimizerConfig {
    lr += 0.0; // makes a negative zero positive: equal settings get equal texts
    weightDecay += 0.0;
    SortedMap<String, Object> normal = new TreeMap<>();
    settings.forEach(
        (name, value) -> normal.put(checkedName(name), normalised("optimizer." + name, value)));
    settings = Collections.unmodifiableSortedMap(normal);
  }

  /**
   * AdamW at 4·10⁻³ with weight decay 0.1; everything else as the optimizer itself defaults.
   *
   * @return the defaults
   */
  public static OptimizerConfig defaults() {
    return ConfigSection.defaults("optimizer", OptimizerConfig.class);
  }

  /**
   * An optimizer without settings of its own.
   *
   * @param type name of the optimizer
   * @param lr peak learning rate
   * @param weightDecay decoupled weight decay
   * @return the configuration
   */
  public static OptimizerConfig of(String type, double lr, double weightDecay) {
    return new OptimizerConfig(type, lr, weightDecay, Map.of());
  }

  /**
   * The same with one setting changed.
   *
   * @param name YAML key, such as {@code lr} or, of the type's own, {@code beta1}
   * @param value a number, a truth value or a text
   * @return a copy
   * @throws InputException if the value is not allowed
   */
  public OptimizerConfig with(String name, Object value) {
    return ConfigSection.of("optimizer.", OptimizerConfig.class).with(this, Map.of(name, value));
  }

  /**
   * The same with all of the type's own settings replaced, for instance by a registry that fills in
   * what was left to default.
   *
   * @param newSettings the settings by YAML key
   * @return a copy
   */
  public OptimizerConfig withSettings(Map<String, Object> newSettings) {
    return new OptimizerConfig(type, lr, weightDecay, newSettings);
  }

  /**
   * The same with another name or path.
   *
   * @param newType of an optimizer with these settings
   * @return a copy
   */
  public OptimizerConfig withType(String newType) {
    return new OptimizerConfig(newType, lr, weightDecay, settings);
  }

  /**
   * The share of the weights that decays in a step.
   *
   * @param rate &eta; of the step
   * @return &eta;&lambda;, or what the setting {@code decay} makes of it
   */
  public double decayed(double rate) {
    return rate * DecayKind.of(settings.get("decay")).perRate(weightDecay, rate, lr);
  }

  /**
   * Whether a type is a text file of the user's.
   *
   * @param type of an optimizer
   * @return false for the name of one that is known
   */
  public static boolean isFile(String type) {
    return type.endsWith(".py");
  }

  /**
   * The name that people read.
   *
   * @return the type; of a text file its name without folders
   */
  public String name() {
    return nameOf(type);
  }

  /**
   * The name that people read.
   *
   * @param type of an optimizer
   * @return the type; of a text file its name without folders, and without the digits of its
   *     content that a copy's name has
   */
  public static String nameOf(String type) {
    return isFile(type)
        ? CONTENT.matcher(type.substring(type.lastIndexOf('/') + 1)).replaceFirst("")
        : type;
  }

  private static String checkedName(String name) {
    if (!NAME.matcher(name).matches() || SHARED.contains(name)) {
      throw new InputException(
          "optimizer setting '%s' has no valid name; allowed: %s, other than type, lr, weight_decay"
              .formatted(name, NAME_RULE));
    }
    return name;
  }

  /** A setting as numbers, truth values and texts are kept. */
  static Object normalised(String key, Object value) {
    Object typed = value instanceof String text ? Numbers.typed(text) : value;
    if (typed instanceof Boolean) {
      return typed;
    }
    if (typed instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue() + 0.0;
    }
    if (typed instanceof String text && !Numbers.isNotFinite(text)) {
      return Checks.text(key, text);
    }
    throw InputException.badValue(key, value, "a finite number, true, false or a text");
  }
}
