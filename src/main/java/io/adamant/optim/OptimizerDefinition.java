package io.adamant.optim;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
 * @param consistency what settings must hold together
 * @param states names of state tensors, each of its parameter's shape
 * @param vectorStates those states that matrices have no use for: theirs hold one zero
 * @param scalars name to expression
 * @param advance statements
 * @param direction expression
 * @param prelude functions that the kernel calls as {@code name}
 * @param momentumClip the clip that the rule itself puts on what it made of the gradients
 * @param fusedStep statements that replace the loop over parameters with one fused operator, or ""
 * @param elementwise whether each coordinate goes its own way, so that tensors may be cut into
 *     pieces that fit a cache; false for rules on whole matrices
 */
@PublicApi
public record OptimizerDefinition(
    String type,
    String title,
    String formula,
    String source,
    List<OptimizerSetting> hyperparameters,
    Consistency consistency,
    List<String> states,
    List<String> vectorStates,
    Map<String, String> scalars,
    String advance,
    String direction,
    String prelude,
    MomentumClip momentumClip,
    String fusedStep,
    boolean elementwise) {

  /**
   * A clip within the rule, after any averaging.
   *
   * @param setting the setting that switches it on by a value above 0; "" for a rule without
   * @param cut TorchScript of {@code g}, state and scalars: which coordinates are cut, a tensor of
   *     booleans
   */
  public record MomentumClip(String setting, String cut) {
    /** No clip. */
    public static final MomentumClip NONE = new MomentumClip("", "");

    boolean exists() {
      return !setting.isEmpty();
    }
  }

  /** What settings must hold together, beyond what each one allows. */
  @FunctionalInterface
  public interface Consistency {
    /**
     * Checks, and sets what follows from other settings.
     *
     * @param given the settings that a configuration names
     * @param resolved all settings, to be changed where one follows from others
     * @param where the section for messages, such as {@code optimizer}
     * @throws InputException if settings exclude each other
     */
    void settle(Map<String, Object> given, Map<String, Object> resolved, String where);
  }

  /** What the kernel's text calls its own; a list of states is the state's name with an s. */
  private static final Set<String> RESERVED =
      Set.of("self", "g", "t", "gate", "lr", "decay", "param", "grad", "torch");

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if a state or scalar has a name that the kernel cannot give it
   */
  public OptimizerDefinition {
    hyperparameters = List.copyOf(hyperparameters);
    states = List.copyOf(states);
    vectorStates = List.copyOf(vectorStates);
    scalars = new LinkedHashMap<>(scalars);
    Set<String> names = new HashSet<>();
    Stream.concat(states.stream(), scalars.keySet().stream())
        .filter(
            name ->
                !name.matches("[a-z]([a-z0-9_]*[a-z0-9])?")
                    || RESERVED.contains(name)
                    || !names.add(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  type
                      + ": no state or scalar can be named "
                      + name
                      + "; allowed: names that differ, of small letters, digits and _ between them,"
                      + " but not "
                      + String.join(", ", new TreeSet<>(RESERVED)));
            });
  }

  /**
   * Fills in defaults and checks every setting.
   *
   * @param settings values from a configuration
   * @param where the section for messages, such as {@code optimizer}
   * @return every setting, sorted by name
   * @throws InputException if a setting is unknown or its value not allowed
   */
  public Map<String, Object> resolve(Map<String, Object> settings, String where) {
    Map<String, Object> resolved = new TreeMap<>();
    for (OptimizerSetting parameter : hyperparameters) {
      Object value = settings.getOrDefault(parameter.name(), parameter.defaultValue());
      resolved.put(
          parameter.name(),
          parameter
              .accept(value)
              .orElseThrow(
                  () ->
                      new InputException(
                          String.format(
                              "%s.%s: %s is not allowed for %s; allowed: %s",
                              where, parameter.name(), quoted(value), type, parameter.allowed()))));
    }
    for (String key : settings.keySet()) {
      if (!resolved.containsKey(key)) {
        throw new InputException(
            String.format(
                "%s.%s: unknown setting of %s; it has: %s",
                where, key, type, String.join(", ", settingNames())));
      }
    }
    consistency.settle(settings, resolved, where);
    return resolved;
  }

  /** A value in a message; a text that looks like a number or a switch says that it is a text. */
  static String quoted(Object value) {
    boolean deceptive =
        value instanceof String text && text.matches("[-+]?[0-9.]+(e[-+]?[0-9]+)?|true|false");
    return deceptive ? "the text \"" + value + "\"" : String.valueOf(value);
  }

  /**
   * The settings' names, in the order of listings.
   *
   * @return names
   */
  public List<String> settingNames() {
    return hyperparameters.stream().map(OptimizerSetting::name).collect(Collectors.toList());
  }

  /**
   * Starts a definition.
   *
   * @param type name in configurations
   * @param title one line
   * @return a builder
   */
  public static DefinitionBuilder of(String type, String title) {
    return new DefinitionBuilder(type, title);
  }
}
