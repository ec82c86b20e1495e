package io.adamant.rules;

import io.adamant.base.Resources;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Makes rules by the type names and settings that a run's configuration uses. A class of this
 * package that is called as its type, such as {@code CautiousLionRule}, and is made from settings
 * and a shape, needs no entry here.
 *
 * <p>A setting that is missing takes its default; {@link #defaults} lists them. Numbers may be any
 * {@link Number}, words are strings, switches booleans.
 */
public final class Rules {
  @FunctionalInterface
  private interface Maker {
    Rule make(Settings settings, int[] shape);
  }

  @FunctionalInterface
  private interface ElementWise {
    Rule make(Settings settings, int size);
  }

  private static final Map<String, Maker> MAKERS = makers();

  private Rules() {}

  /**
   * The types: those of theory.md §1 in its order, then the others by name.
   *
   * @return names that {@link #create} takes
   */
  public static List<String> types() {
    return List.copyOf(MAKERS.keySet());
  }

  /**
   * The settings of a type with their defaults.
   *
   * @param type one of {@link #types()}
   * @return an unmodifiable map, in reading order
   * @throws IllegalArgumentException if the type is unknown
   */
  public static Map<String, Object> defaults(String type) {
    Settings settings = new Settings(type, Map.of());
    maker(type).make(settings, new int[] {1, 1}); // a rule may take matrices only
    return Collections.unmodifiableMap(settings.defaults());
  }

  /**
   * Makes a rule for one parameter.
   *
   * @param type one of {@link #types()}
   * @param settings some of the keys of {@link #defaults}; the rest take their defaults
   * @param shape the parameter's shape, at least one dimension; arrays are row-major. Few rules
   *     look at more than the product of the dimensions
   * @return a rule in its initial state
   * @throws IllegalArgumentException if the type or a setting is unknown, a value is out of range,
   *     or the shape is empty, has a dimension below 1 or holds too many coordinates for an array
   */
  public static Rule create(String type, Map<String, Object> settings, int... shape) {
    size(shape); // a bad shape first: it has the clearer message
    Settings reader = new Settings(type, settings);
    Rule rule = maker(type).make(reader, shape);
    Multipliers multipliers = Multipliers.read(reader, shape.length > 1);
    reader.rejectUnknown();
    return rule instanceof GuardedRule guarded ? guarded.with(multipliers) : rule;
  }

  private static Map<String, Maker> makers() {
    Map<String, Maker> makers = new LinkedHashMap<>();
    makers.put("sgd", elementWise(SgdRule::new));
    makers.put("sgdm", elementWise(SgdmRule::new));
    makers.put("signsgd", elementWise(SignSgdRule::new));
    makers.put("signum", elementWise(SignumRule::new));
    makers.put("emasign", elementWise(EmaSignRule::new));
    makers.put("rmsprop", elementWise(RmsPropRule::new));
    makers.put("adamw", elementWise(AdamWRule::new));
    makers.put("softsign_sgd", elementWise(SoftSignSgdRule::new));
    makers.put("softsign_adam", elementWise(SoftSignAdamRule::new));
    makers.put("adavar", elementWise(AdaVarRule::new));
    makers.put("lion", elementWise(LionRule::new));
    makers.put("muon", Rules::muon);
    Resources.list("io/adamant/rules/", "Rules.class", "", "Rule.class")
        .forEach(name -> byName(name).ifPresent(rule -> makers.put(type(name), rule)));
    return Collections.unmodifiableMap(makers);
  }

  /** The rule of a class file, if it is made from settings and a shape. */
  private static Optional<Maker> byName(String file) {
    try {
      Constructor<?> rule =
          Class.forName(Rules.class.getPackageName() + "." + file.replaceFirst("\\.class$", ""))
              .getDeclaredConstructor(Settings.class, int[].class);
      return Optional.of((settings, shape) -> made(rule, settings, shape));
    } catch (NoSuchMethodException e) {
      return Optional.empty();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(file + " is in the program, but cannot be loaded", e);
    }
  }

  private static Rule made(Constructor<?> rule, Settings settings, int[] shape) {
    try {
      return (Rule) rule.newInstance(settings, shape);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code cautious_lion} for {@code CautiousLionRule.class}. */
  private static String type(String file) {
    return file.replaceFirst("Rule\\.class$", "")
        .replaceAll("(?<=.)([A-Z])", "_$1")
        .toLowerCase(Locale.ROOT);
  }

  private static Maker elementWise(ElementWise rule) {
    return (settings, shape) -> rule.make(settings, size(shape));
  }

  /** Muon for a matrix, AdamW for everything else. */
  private static Rule muon(Settings settings, int[] shape) {
    MuonRule.MuonSettings muon = MuonRule.MuonSettings.read(settings);
    if (shape.length == 2) {
      return new MuonRule(muon, shape[0], shape[1]);
    }
    Map<String, Object> adam =
        Map.of(
            "beta1", muon.adam().beta1(), "beta2", muon.adam().beta2(), "eps", muon.adam().eps());
    return new AdamWRule(new Settings("adamw", adam), size(shape));
  }

  private static Maker maker(String type) {
    Maker maker = MAKERS.get(type);
    if (maker == null) {
      throw new IllegalArgumentException("unknown optimizer " + type + "; there are " + types());
    }
    return maker;
  }

  /** Coordinates of a shape. */
  static int size(int... shape) {
    long size = shape.length == 0 ? 0 : 1;
    for (int dimension : shape) {
      size = dimension < 1 || size > Integer.MAX_VALUE ? 0 : size * dimension;
    }
    if (size < 1 || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "shape is "
              + Arrays.toString(shape)
              + "; it needs dimensions >= 1 and at most 2^31 - 1 coordinates");
    }
    return (int) size;
  }
}
