package io.adamant.optim;

import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.base.Suggestion;
import io.adamant.base.TextFile;
import io.adamant.config.OptimizerConfig;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that defines an optimizer: name, formula, settings, state and kernel, as its text file
 * says them ({@link #parse}; the form is described in adding-an-optimizer.md).
 *
 * <p>The kernel is TorchScript in the words of the formula. Gradients are {@code g}, the step about
 * to be taken is {@code t} = 1, 2, ... (0-d, float64), settings are {@code self.name}, state
 * tensors go by their names. {@code gate} is 1, or 0 for a step that must leave no trace, so that
 * the host need not ask whether the step was good.
 *
 * @param type name in configurations; of a text file of the user's its name, with {@code .py}
 * @param file where the text lies, the start of messages about it
 * @param text of the file, as it stands there
 * @param title one line
 * @param formula the update in plain characters
 * @param source where the definition comes from
 * @param hyperparameters settings in the order of listings
 * @param later names of those settings that came after runs were published: at its default such a
 *     setting is left out of the resolved ones, and so of a run's identity
 * @param implications settings that follow from others
 * @param kinds names of state tensors and what they are like, in the order of listings
 * @param conditions of those states that only some settings need
 * @param stillFirst whether the first step only fills the state and leaves the weights
 * @param helpers functions that the kernel calls
 * @param sums statements that return what is summed over all parameters of the rule after update,
 *     (k), or ""
 * @param numbers statements that advance the numbers, once for all parameters, or ""
 * @param update statements that advance the state in place
 * @param direction statements that return the direction u of w &larr; w &minus; &eta;u. They read
 *     only state and gradient, so hooks can compute it again after the step
 * @param moved statements that return the new weights where a rule moves them otherwise, or ""
 * @param averaged statements that return the weights to evaluate at, where those are others than
 *     the weights that are trained, or ""
 * @param momentumClip the clip that the rule itself puts on what it made of the gradients
 * @param fused statements that replace the loop over parameters by one fused operator, or ""
 * @param claims what the file says holds of the direction, for its check
 * @param tensors what the rule can be given
 * @param momentum the average gradient that the direction is made of
 * @param others the rule that a rule of matrices leaves everything else to, if nothing else is said
 */
@PublicApi
public record OptimizerDefinition(
    String type,
    String file,
    String text,
    String title,
    String formula,
    String source,
    List<OptimizerSetting> hyperparameters,
    Set<String> later,
    List<Implication> implications,
    Map<String, StateKind> kinds,
    Map<String, Condition> conditions,
    boolean stillFirst,
    String helpers,
    String sums,
    String numbers,
    String update,
    String direction,
    String moved,
    String averaged,
    MomentumClip momentumClip,
    String fused,
    OptimizerClaims claims,
    Tensors tensors,
    Momentum momentum,
    String others) {

  /** What a rule can be given. */
  public enum Tensors {
    /** Each coordinate goes its own way: tensors may be cut into pieces that fit a cache. */
    PIECES,
    /** Whole tensors. */
    WHOLE,
    /** Whole matrices of layers; everything else goes by another rule. */
    MATRICES
  }

  /**
   * A clip within the rule, after any averaging.
   *
   * @param setting the setting that switches it on by a value above 0; "" for a rule without
   * @param cut TorchScript: statements that return which coordinates are cut, a tensor of booleans
   */
  public record MomentumClip(String setting, String cut) {
    /** No clip. */
    public static final MomentumClip NONE = new MomentumClip("", "");

    boolean exists() {
      return !setting.isEmpty();
    }
  }

  /**
   * A setting that follows from another one, and cannot then be set to anything else.
   *
   * @param setting name of the other one
   * @param value its value that has a consequence
   * @param implied name of the setting that follows
   * @param then the value that it then has
   * @param reason why, for messages; continues the sentence "allowed: ..."
   */
  public record Implication(
      String setting, Object value, String implied, Object then, String reason) {}

  /**
   * What a state is there for.
   *
   * @param setting name of a setting
   * @param value the word that it has then
   */
  public record Condition(String setting, String value) {}

  /** What the kernel's text calls its own; a list of states is the state's name with an s. */
  private static final Set<String> RESERVED =
      Stream.of(
              Stream.of("self", "g", "w", "t", "gate", "lr", "param", "grad", "torch"),
              Multipliers.SETTINGS.stream().map(OptimizerSetting::name),
              OptimizerKernel.functions())
          .flatMap(names -> names)
          .collect(Collectors.toUnmodifiableSet());

  /** The setting for the longest side that gets a state of its square. */
  private static final String LONGEST = "max_precond_dim";

  /** Words of the language that a list of states would meet. */
  private static final Set<String> WORDS = Set.of("as", "is");

  /**
   * Copies the collections.
   *
   * @throws InputException if a state or setting has a name that the kernel cannot give it
   */
  public OptimizerDefinition {
    hyperparameters = List.copyOf(hyperparameters);
    later = Set.copyOf(later);
    conditions = Map.copyOf(conditions);
    kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
    implications = List.copyOf(implications);
    Set<String> states = kinds.keySet();
    Set<String> names = new HashSet<>();
    Stream.concat(kinds.keySet().stream(), hyperparameters.stream().map(OptimizerSetting::name))
        .filter(
            name ->
                !name.matches("[a-z]([a-z0-9_]*[a-z0-9])?")
                    || RESERVED.contains(name)
                    || (states.contains(name) && WORDS.contains(name + "s"))
                    || !names.add(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new InputException(
                  type
                      + ": no state or setting can be named "
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
   * @return every setting, sorted by name, but those that are left out at their default
   * @throws InputException if a setting is unknown or its value not allowed
   */
  public Map<String, Object> resolve(Map<String, Object> settings, String where) {
    Map<String, Object> resolved = new TreeMap<>();
    Set<String> known = new HashSet<>();
    kernelSettings()
        .forEach(
            setting -> {
              String name = setting.name();
              known.add(name);
              Object value = settings.getOrDefault(name, setting.defaultValue());
              Object accepted = accepted(setting, value, where);
              boolean left = later.contains(name) || !hyperparameters.contains(setting);
              if (!left || !accepted.equals(setting.defaultValue())) {
                resolved.put(name, accepted);
              }
            });
    if (tensors == Tensors.MATRICES) {
      Map<String, Object> given = new TreeMap<>(settings);
      given.putIfAbsent(Others.TYPE, others);
      resolved.putAll(Others.resolve(given, where));
      settings.keySet().stream().filter(Others::isFor).forEach(known::add);
    }
    for (String key : settings.keySet()) {
      if (!known.contains(key)) {
        throw unknown(key, where);
      }
    }
    new Multipliers(resolved).check(this, where);
    Momentum.check(resolved, where);
    for (Implication rule : implications) {
      if (rule.value().equals(resolved.get(rule.setting()))) {
        Object given = settings.getOrDefault(rule.implied(), rule.then());
        if (!given.equals(rule.then())) {
          throw InputException.badValue(
              where + "." + rule.implied(),
              given,
              "%s with %s: %s, %s"
                  .formatted(rule.then(), rule.setting(), rule.value(), rule.reason()));
        }
        resolved.put(rule.implied(), rule.then());
      }
    }
    return resolved;
  }

  private Object accepted(OptimizerSetting setting, Object value, String where) {
    return setting
        .accept(value)
        .orElseThrow(
            () ->
                new InputException(
                    String.format(
                        "%s.%s: %s is not allowed for %s; allowed: %s",
                        where, setting.name(), quoted(value), type, setting.allowed())));
  }

  private InputException unknown(String key, String where) {
    if (Momentum.SETTINGS.stream().anyMatch(setting -> setting.name().equals(key))) {
      return new InputException(
          "%s.%s: not for %s, whose file does not say momentum: m; it is for %s"
              .formatted(
                  where,
                  key,
                  type,
                  Optimizers.all().stream()
                      .filter(other -> other.momentum().exists())
                      .map(OptimizerDefinition::type)
                      .collect(Collectors.joining(", "))));
    }
    List<String> names = new ArrayList<>(settingNames());
    sharedSettings().forEach(setting -> names.add(setting.name()));
    if (!where.equals(type)) {
      names.addAll(0, List.of("lr", "weight_decay")); // keys of every optimizer's section
    }
    // beta1 of a file for AdamW is no slip of the pen for RMSprop's beta2.
    boolean another =
        Optimizers.all().stream().anyMatch(other -> other.settingNames().contains(key));
    String hint =
        another
            ? "it has: %s; take out of the file what belongs to another optimizer"
                .formatted(String.join(", ", names))
            : Suggestion.nearest(key, names)
                .map(near -> "did you mean " + where + "." + near + "?")
                .orElse("it has: " + String.join(", ", names));
    return new InputException("%s.%s: unknown setting of %s; %s".formatted(where, key, type, hint));
  }

  /** A value in a message; a text that looks like a number or a switch says that it is a text. */
  static String quoted(Object value) {
    boolean deceptive =
        value instanceof String text && text.matches("[-+]?[0-9.]+(e[-+]?[0-9]+)?|true|false");
    return deceptive ? "the text \"" + value + "\"" : String.valueOf(value);
  }

  /**
   * The settings that every optimizer has beside its own, one with an average gradient those of it,
   * and one of matrices those for the others.
   *
   * @return settings that are no part of the rule's own file
   */
  public List<OptimizerSetting> sharedSettings() {
    List<OptimizerSetting> shared = new ArrayList<>(Multipliers.SETTINGS);
    shared.addAll(momentum.settings());
    if (tensors == Tensors.MATRICES) {
      shared.addAll(Others.settings(others));
    }
    return shared;
  }

  /** The settings that its kernel depends on. */
  Stream<OptimizerSetting> kernelSettings() {
    return Stream.of(hyperparameters, Multipliers.SETTINGS, momentum.settings())
        .flatMap(List::stream);
  }

  /**
   * Whether a step with some settings is to be given an input.
   *
   * @param input one of {@link StateKind#inputs}
   * @param settings of the optimizer
   * @return whether a state of the kind is there
   */
  public boolean isGiven(StateKind input, Map<String, Object> settings) {
    return kinds.entrySet().stream()
        .anyMatch(state -> state.getValue() == input && isThere(state.getKey(), settings));
  }

  private boolean isThere(String state, Map<String, Object> settings) {
    Condition condition = conditions.get(state);
    return condition == null
        || hyperparameters.stream()
            .filter(setting -> setting.name().equals(condition.setting()))
            .map(setting -> settings.getOrDefault(setting.name(), setting.defaultValue()))
            .anyMatch(condition.value()::equals);
  }

  /**
   * How a state averages gradients, read from the rule's own statements, whether or not its file
   * declares it as {@code momentum}.
   *
   * @param state such as {@code m}
   * @return empty where the state is not there, or not the average of one thing with one decay
   */
  public Optional<Momentum> averageOf(String state) {
    return kinds.containsKey(state) ? Momentum.find(state, update, direction) : Optional.empty();
  }

  /**
   * The rule that some settings make of this one: without the states that they do not need, with a
   * slow average as one more, and a direction that is given other than the average.
   *
   * @param settings resolved
   */
  OptimizerDefinition with(Map<String, Object> settings) {
    Map<String, StateKind> states = new LinkedHashMap<>(kinds);
    String advanced = update;
    for (String state : conditions.keySet()) {
      if (!isThere(state, settings)) { // the kernel compiles what is not run too
        states.remove(state);
        advanced =
            advanced
                .replaceAll("(?m)^ *%s\\.copy_\\(.*\\R?".formatted(state), "")
                .replaceAll("\\b%s\\b".formatted(state), "g");
      }
    }
    if (states.size() == kinds.size() && !Momentum.acts(settings)) {
      return this;
    }
    if (Momentum.slow(settings)) {
      states.put(Momentum.SLOW, StateKind.LIKE_WEIGHT);
      advanced += momentum.onUpdate(settings);
    }
    String given = Momentum.acts(settings) ? momentum.onDirection(settings) : "";
    return new OptimizerDefinition(
        type,
        file,
        text,
        title,
        formula,
        source,
        hyperparameters,
        later,
        implications,
        states,
        Map.of(),
        stillFirst,
        helpers,
        sums,
        numbers,
        advanced,
        given + direction,
        moved,
        averaged,
        new MomentumClip(momentumClip.setting(), given + momentumClip.cut()),
        Momentum.acts(settings) ? "" : fused,
        claims,
        tensors,
        Momentum.NONE,
        others);
  }

  /**
   * Names of the state tensors.
   *
   * @return names, in the order of listings
   */
  public List<String> states() {
    return List.copyOf(kinds.keySet());
  }

  /**
   * The shape of a state tensor.
   *
   * @param state its name
   * @param parameter shape of the parameter
   * @param settings of the optimizer: {@code max_precond_dim} is the longest side whose square is
   *     held
   * @return the tensor's shape; (1) where the parameter has no use for it
   */
  public Shape stateShape(String state, Shape parameter, Map<String, Object> settings) {
    boolean limited = settings.get(LONGEST) instanceof Number;
    long longest = limited ? ((Number) settings.get(LONGEST)).longValue() : Long.MAX_VALUE;
    return kinds.get(state).shape(parameter, longest);
  }

  /**
   * Whether each coordinate goes its own way.
   *
   * @return false for rules on whole tensors
   */
  public boolean elementwise() {
    return tensors == Tensors.PIECES;
  }

  /**
   * Whether the rule can step a parameter.
   *
   * @param parameter its shape
   * @return false for a vector under a rule of matrices
   */
  public boolean takes(Shape parameter) {
    return tensors != Tensors.MATRICES || parameter.dimension() == 2;
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
   * Reads a definition from a text file.
   *
   * @param file its name; without {@code .py} the optimizer's type, and the start of messages
   * @param text its content
   * @return the definition
   * @throws InputException if the text is not of the form, with file and line
   */
  public static OptimizerDefinition parse(String file, String text) {
    String type = file.replaceFirst(".*/", "").replaceFirst("\\.py$", "");
    return OptimizerFile.parse(type, file, text);
  }

  /**
   * Reads a definition from a text file of the user's. It is code, and runs as this process does.
   *
   * @param path of the file
   * @return the definition; its type is the file's name, so that none of the known ones is meant
   * @throws InputException if there is no such file, or its text is not of the form
   */
  public static OptimizerDefinition read(Path path) {
    try {
      String type = OptimizerConfig.nameOf(path.toString());
      return OptimizerFile.parse(type, path.toString(), TextFile.read(path));
    } catch (NoSuchFileException e) {
      throw new InputException("optimizer.type: %s: no such file".formatted(path), e);
    } catch (IOException e) {
      throw new InputException(
          "optimizer.type: %s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  /**
   * Whether this is a text file of the user's, of which no second implementation exists.
   *
   * @return false for one that is known by a name
   */
  public boolean isFile() {
    return OptimizerConfig.isFile(type);
  }
}
