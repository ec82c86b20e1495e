package io.adamant.optim;

import io.adamant.base.PublicApi;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One setting of an optimizer: its name, default and what it allows. */
@PublicApi
public sealed interface OptimizerSetting {

  /**
   * The key in a configuration.
   *
   * @return such as {@code beta1}
   */
  String name();

  /**
   * The value when a configuration does not say.
   *
   * @return a {@code Double}, {@code Long}, {@code Boolean} or {@code String}
   */
  Object defaultValue();

  /**
   * What is allowed, for messages and listings.
   *
   * @return such as {@code a number in [0, 1)}
   */
  String allowed();

  /**
   * What the setting does, in one line.
   *
   * @return the text
   */
  String meaning();

  /**
   * The value in the form that the kernel takes, if it is allowed.
   *
   * @param value a {@code Double}, {@code Boolean} or {@code String} from a configuration
   * @return the value, or empty if it is not allowed
   */
  Optional<Object> accept(Object value);

  /**
   * A real number in an interval that contains its lower bound.
   *
   * @param name key
   * @param defaultValue default
   * @param min lower bound, allowed itself
   * @param max upper bound
   * @param maxAllowed whether the upper bound is allowed itself
   * @param meaning one line
   */
  record Real(
      String name, Double defaultValue, double min, double max, boolean maxAllowed, String meaning)
      implements OptimizerSetting {
    @Override
    public String allowed() {
      return Double.isInfinite(max)
          ? String.format(Locale.ROOT, "a number >= %s", plain(min))
          : String.format(
              Locale.ROOT, "a number in [%s, %s%s", plain(min), plain(max), maxAllowed ? "]" : ")");
    }

    @Override
    public Optional<Object> accept(Object value) {
      boolean inside =
          value instanceof Double x
              && Double.isFinite(x)
              && x >= min
              && (maxAllowed ? x <= max : x < max);
      return inside ? Optional.of(value) : Optional.empty();
    }

    private static String plain(double x) {
      return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(x);
    }
  }

  /**
   * A switch.
   *
   * @param name key
   * @param defaultValue default
   * @param meaning one line
   */
  record Flag(String name, Boolean defaultValue, String meaning) implements OptimizerSetting {
    @Override
    public String allowed() {
      return "true or false";
    }

    @Override
    public Optional<Object> accept(Object value) {
      return value instanceof Boolean ? Optional.of(value) : Optional.empty();
    }
  }

  /**
   * One of several words; the first is the default.
   *
   * @param name key
   * @param options the words
   * @param meaning one line
   */
  record Choice(String name, List<String> options, String meaning) implements OptimizerSetting {
    /** Copies the words. */
    public Choice {
      options = List.copyOf(options);
    }

    @Override
    public String defaultValue() {
      return options.get(0);
    }

    @Override
    public String allowed() {
      return "one of " + String.join(", ", options);
    }

    @Override
    public Optional<Object> accept(Object value) {
      return value instanceof String word && options.contains(word)
          ? Optional.of(word)
          : Optional.empty();
    }
  }

  /**
   * A whole number; the kernel takes it as an {@code int}.
   *
   * @param name key
   * @param defaultValue default
   * @param min smallest
   * @param max largest
   * @param meaning one line
   */
  record Whole(String name, Long defaultValue, long min, long max, String meaning)
      implements OptimizerSetting {
    @Override
    public String allowed() {
      return String.format(Locale.ROOT, "a whole number from %d to %d", min, max);
    }

    @Override
    public Optional<Object> accept(Object value) {
      boolean inside =
          value instanceof Number x
              && x.doubleValue() == Math.rint(x.doubleValue())
              && x.doubleValue() >= min
              && x.doubleValue() <= max;
      return inside ? Optional.of(((Number) value).longValue()) : Optional.empty();
    }
  }

  /**
   * A number in [0, 1], or a word for what no number says; the word is the default.
   *
   * @param name key
   * @param word the word
   * @param meaning one line
   */
  record FractionOr(String name, String word, String meaning) implements OptimizerSetting {
    @Override
    public String defaultValue() {
      return word;
    }

    @Override
    public String allowed() {
      return word + " or a number in [0, 1]";
    }

    @Override
    public Optional<Object> accept(Object value) {
      boolean allowed = word.equals(value) || (value instanceof Double x && x >= 0 && x <= 1);
      return allowed ? Optional.of(value) : Optional.empty();
    }
  }

  /**
   * The name of an optimizer.
   *
   * @param name key
   * @param defaultValue default
   * @param meaning one line
   */
  record Name(String name, String defaultValue, String meaning) implements OptimizerSetting {
    @Override
    public String allowed() {
      return "the name of an optimizer";
    }

    @Override
    public Optional<Object> accept(Object value) {
      return value instanceof String word && word.matches("[a-z][a-z0-9_]*")
          ? Optional.of(word)
          : Optional.empty();
    }
  }
}
