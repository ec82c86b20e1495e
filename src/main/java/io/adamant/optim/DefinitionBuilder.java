package io.adamant.optim;

import io.adamant.base.PublicApi;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the parts of an {@link OptimizerDefinition}. */
@PublicApi
public final class DefinitionBuilder {
  private final String type;
  private final String title;
  private String formula = "";
  private String source = "";
  private final List<OptimizerSetting> hyperparameters = new ArrayList<>();
  private OptimizerDefinition.Consistency consistency = (given, resolved, where) -> {};
  private final List<String> states = new ArrayList<>();
  private final List<String> vectorStates = new ArrayList<>();
  private final Map<String, String> scalars = new LinkedHashMap<>();
  private String advance = "";
  private String direction = "";
  private String prelude = "";
  private OptimizerDefinition.MomentumClip momentumClip = OptimizerDefinition.MomentumClip.NONE;
  private String fusedStep = "";
  private boolean elementwise = true;

  DefinitionBuilder(String type, String title) {
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
  public DefinitionBuilder formula(String text, String from) {
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
  public DefinitionBuilder beta(String name, double value, String meaning) {
    hyperparameters.add(new OptimizerSetting.Real(name, value, 0, 1, false, meaning));
    return this;
  }

  /**
   * Adds a number in [min, max).
   *
   * @param name key
   * @param value default
   * @param min smallest
   * @param max upper bound, not allowed itself
   * @param meaning one line
   * @return this
   */
  public DefinitionBuilder real(String name, double value, double min, double max, String meaning) {
    hyperparameters.add(new OptimizerSetting.Real(name, value, min, max, false, meaning));
    return this;
  }

  /**
   * Adds a whole number.
   *
   * @param name key
   * @param value default
   * @param min smallest
   * @param max largest
   * @param meaning one line
   * @return this
   */
  public DefinitionBuilder whole(String name, long value, long min, long max, String meaning) {
    hyperparameters.add(new OptimizerSetting.Whole(name, value, min, max, meaning));
    return this;
  }

  /**
   * Adds a number in [0, 1] or a word, which is the default; in the kernel {@code
   * self.name_is_word} is whether it is the word, and {@code self.name} is then 0.
   *
   * @param name key
   * @param word the word
   * @param meaning one line
   * @return this
   */
  public DefinitionBuilder fractionOr(String name, String word, String meaning) {
    hyperparameters.add(new OptimizerSetting.FractionOr(name, word, meaning));
    return this;
  }

  /**
   * Sets what settings must hold together.
   *
   * @param check the check
   * @return this
   */
  public DefinitionBuilder consistency(OptimizerDefinition.Consistency check) {
    consistency = check;
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
  public DefinitionBuilder nonNegative(String name, double value, String meaning) {
    hyperparameters.add(
        new OptimizerSetting.Real(name, value, 0, Double.POSITIVE_INFINITY, false, meaning));
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
  public DefinitionBuilder flag(String name, boolean value, String meaning) {
    hyperparameters.add(new OptimizerSetting.Flag(name, value, meaning));
    return this;
  }

  /**
   * Adds a choice; in the kernel {@code self.name_is_option} is a flag for each option.
   *
   * @param name key
   * @param meaning one line
   * @param options words, the default first
   * @return this
   */
  public DefinitionBuilder choice(String name, String meaning, String... options) {
    hyperparameters.add(new OptimizerSetting.Choice(name, List.of(options), meaning));
    return this;
  }

  /**
   * Adds state tensors of the parameter's shape, zero at first.
   *
   * @param names such as {@code m}
   * @return this
   */
  public DefinitionBuilder state(String... names) {
    states.addAll(List.of(names));
    return this;
  }

  /**
   * Adds a state tensor that matrices have no use for; theirs holds one zero.
   *
   * @param name such as {@code v}
   * @return this
   */
  public DefinitionBuilder vectorState(String name) {
    vectorStates.add(name);
    return state(name);
  }

  /**
   * Adds a 0-d tensor that is computed once a step.
   *
   * @param name its name
   * @param expression of {@code t}, {@code gate} and {@code self}
   * @return this
   */
  public DefinitionBuilder scalar(String name, String expression) {
    scalars.put(name, expression);
    return this;
  }

  /**
   * Sets the statements that update the state in place.
   *
   * @param statements TorchScript
   * @return this
   */
  public DefinitionBuilder advance(String statements) {
    advance = statements;
    return this;
  }

  /**
   * Sets the direction.
   *
   * @param expression TorchScript
   * @return this
   */
  public DefinitionBuilder direction(String expression) {
    direction = expression;
    return this;
  }

  /**
   * Sets helper functions.
   *
   * @param functions TorchScript
   * @return this
   */
  public DefinitionBuilder prelude(String functions) {
    prelude = functions;
    return this;
  }

  /**
   * Says which coordinates the direction's own clip cuts, so that their share can be logged.
   *
   * @param setting the setting that switches the clip on by a value above 0
   * @param cut TorchScript, a tensor of booleans
   * @return this
   */
  public DefinitionBuilder momentumClip(String setting, String cut) {
    momentumClip = new OptimizerDefinition.MomentumClip(setting, cut);
    return this;
  }

  /**
   * Sets a fused operator over all parameters.
   *
   * @param statements TorchScript that reads {@code params, grads}, the lists of states by the
   *     state's name with {@code s} appended, {@code t, gate, lr, decay}
   * @return this
   */
  public DefinitionBuilder fusedStep(String statements) {
    fusedStep = statements;
    return this;
  }

  /**
   * Marks a rule that needs whole matrices.
   *
   * @return this
   */
  public DefinitionBuilder wholeTensors() {
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
        consistency,
        states,
        vectorStates,
        scalars,
        advance,
        direction,
        prelude,
        momentumClip,
        fusedStep,
        elementwise);
  }
}
