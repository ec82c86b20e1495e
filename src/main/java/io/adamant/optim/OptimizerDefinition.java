package io.adamant.optim;

import io.adamant.config.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Everything that defines an optimizer: name, formula, settings, state and kernel.
 *
 * <p>The kernel is TorchScript in three parts, each in the words of the formula. Gradients are
 * {@code g}, the step about to be taken is {@code t} = 1, 2, ... (0-d), settings are {@code
 * self.name}, state tensors and scalars go by their names.
 *
 * <ul>
 *   <li><b>scalars</b>: 0-d tensors computed once a step, such as {@code c1 = 1 - self.beta1 ** t}.
 *       {@code gate} is 1, or 0 for a step that must leave no trace; every change of state carries
 *       it as a factor, so that the host need not ask whether the step was good.
 *   <li><b>advance</b>: statements that update the state in place.
 *   <li><b>direction</b>: an expression, the direction u of w &larr; w &minus; &eta;u. It reads
 *       only state and gradient, so hooks can compute it again after the step.
 * </ul>
 *
 * @param type name in configurations
 * @param title one line
 * @param formula the update in plain characters
 * @param source where the definition comes from
 * @param hyperparameters settings in the order of listings
 * @param states names of state tensors, each of its parameter's shape
 * @param scalars name to expression
 * @param advance statements
 * @param direction expression
 * @param prelude functions that the kernel calls as {@code __torch__.name}
 * @param fusedStep statements that replace the loop over parameters with one fused operator, or ""
 * @param elementwise whether each coordinate goes its own way, so that tensors may be cut into
 *     pieces that fit a cache; false for rules on whole matrices
 */
public record OptimizerDefinition(
    String type,
    String title,
    String formula,
    String source,
    List<Hyperparameter> hyperparameters,
    List<String> states,
    Map<String, String> scalars,
    String advance,
    String direction,
    String prelude,
    String fusedStep,
    boolean elementwise) {

  /** Copies the collections. */
  public OptimizerDefinition {
    hyperparameters = List.copyOf(hyperparameters);
    states = List.copyOf(states);
    scalars = new LinkedHashMap<>(scalars);
  }

  /**
   * Fills in defaults and checks every setting.
   *
   * @param settings values from a configuration
   * @param where the section for messages, such as {@code optimizer}
   * @return every setting, sorted by name
   * @throws ConfigException if a setting is unknown or its value not allowed
   */
  public Map<String, Object> resolve(Map<String, Object> settings, String where) {
    Map<String, Object> resolved = new TreeMap<>();
    for (Hyperparameter parameter : hyperparameters) {
      Object value = settings.getOrDefault(parameter.name(), parameter.defaultValue());
      resolved.put(
          parameter.name(),
          parameter
              .accept(value)
              .orElseThrow(
                  () ->
                      new ConfigException(
                          String.format(
                              "%s.%s: %s is not allowed for %s; allowed: %s",
                              where, parameter.name(), value, type, parameter.allowed()))));
    }
    for (String key : settings.keySet()) {
      if (!resolved.containsKey(key)) {
        throw new ConfigException(
            String.format(
                "%s.%s: unknown setting of %s; it has: %s",
                where, key, type, String.join(", ", settingNames())));
      }
    }
    return resolved;
  }

  /**
   * The settings' names, in the order of listings.
   *
   * @return names
   */
  public List<String> settingNames() {
    return hyperparameters.stream().map(Hyperparameter::name).collect(Collectors.toList());
  }

  /**
   * Starts a definition.
   *
   * @param type name in configurations
   * @param title one line
   * @return a builder
   */
  public static Builder of(String type, String title) {
    return new Builder(type, title);
  }

  /** Collects the parts of a definition. */
  public static final class Builder {
    private final String type;
    private final String title;
    private String formula = "";
    private String source = "";
    private final List<Hyperparameter> hyperparameters = new ArrayList<>();
    private final List<String> states = new ArrayList<>();
    private final Map<String, String> scalars = new LinkedHashMap<>();
    private String advance = "";
    private String direction = "";
    private String prelude = "";
    private String fusedStep = "";
    private boolean elementwise = true;

    private Builder(String type, String title) {
      this.type = type;
      this.title = title;
    }

    /**
     * Sets formula and source.
     *
     * @param text the update in plain characters
     * @param from where it comes from
     * @return this
     */
    public Builder formula(String text, String from) {
      formula = text;
      source = from;
      return this;
    }

    /**
     * Adds a decay rate of a moving average, in [0, 1).
     *
     * @param name key
     * @param value default
     * @param meaning one line
     * @return this
     */
    public Builder beta(String name, double value, String meaning) {
      hyperparameters.add(new Hyperparameter.Real(name, value, 0, 1, false, meaning));
      return this;
    }

    /**
     * Adds a number that is not negative.
     *
     * @param name key
     * @param value default
     * @param meaning one line
     * @return this
     */
    public Builder nonNegative(String name, double value, String meaning) {
      hyperparameters.add(
          new Hyperparameter.Real(name, value, 0, Double.POSITIVE_INFINITY, false, meaning));
      return this;
    }

    /**
     * Adds a switch, {@code self.name} in the kernel.
     *
     * @param name key
     * @param value default
     * @param meaning one line
     * @return this
     */
    public Builder flag(String name, boolean value, String meaning) {
      hyperparameters.add(new Hyperparameter.Flag(name, value, meaning));
      return this;
    }

    /**
     * Adds a choice; in the kernel {@code self.name_is_option} tells for each option.
     *
     * @param name key
     * @param meaning one line
     * @param options words, the default first
     * @return this
     */
    public Builder choice(String name, String meaning, String... options) {
      hyperparameters.add(new Hyperparameter.Choice(name, List.of(options), meaning));
      return this;
    }

    /**
     * Adds state tensors of the parameter's shape, zero at first.
     *
     * @param names such as {@code m}
     * @return this
     */
    public Builder state(String... names) {
      states.addAll(List.of(names));
      return this;
    }

    /**
     * Adds a 0-d tensor that is computed once a step.
     *
     * @param name its name
     * @param expression of {@code t}, {@code gate} and {@code self}
     * @return this
     */
    public Builder scalar(String name, String expression) {
      scalars.put(name, expression);
      return this;
    }

    /**
     * Sets the statements that update the state in place.
     *
     * @param statements TorchScript
     * @return this
     */
    public Builder advance(String statements) {
      advance = statements;
      return this;
    }

    /**
     * Sets the direction.
     *
     * @param expression TorchScript
     * @return this
     */
    public Builder direction(String expression) {
      direction = expression;
      return this;
    }

    /**
     * Sets helper functions.
     *
     * @param functions TorchScript
     * @return this
     */
    public Builder prelude(String functions) {
      prelude = functions;
      return this;
    }

    /**
     * Sets a fused operator over all parameters.
     *
     * @param statements TorchScript that reads {@code params, grads}, the lists of states by the
     *     state's name with {@code s} appended, {@code t, gate, lr, decay}
     * @return this
     */
    public Builder fusedStep(String statements) {
      fusedStep = statements;
      return this;
    }

    /**
     * Marks a rule that needs whole matrices.
     *
     * @return this
     */
    public Builder wholeTensors() {
      elementwise = false;
      return this;
    }

    /**
     * The definition.
     *
     * @return it
     */
    public OptimizerDefinition build() {
      return new OptimizerDefinition(
          type,
          title,
          formula,
          source,
          hyperparameters,
          states,
          scalars,
          advance,
          direction,
          prelude,
          fusedStep,
          elementwise);
    }
  }
}
