package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One key of a section, read from its component's annotations.
 *
 * @param dotted the key with its section, for complaints
 * @param name the key within its section
 * @param component of the section's record
 * @param key what it says
 */
record KeySpec(String dotted, String name, RecordComponent component, Key key) {

  static KeySpec of(String prefix, RecordComponent component) {
    String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    return new KeySpec(prefix + name, name, component, component.getAnnotation(Key.class));
  }

  private Class<?> type() {
    return component.getType();
  }

  private Optional<Key.Derived> derived() {
    return Optional.ofNullable(component.getAnnotation(Key.Derived.class));
  }

  /**
   * The default.
   *
   * @param earlier values of the components before it, by the component's name
   */
  Object otherwise(Map<String, Object> earlier) {
    return derived()
        .map(derived -> derive(derived, earlier))
        .orElseGet(() -> read(key.value(), earlier));
  }

  /** Whether the value is what would be derived now. */
  boolean follows(Map<String, Object> values) {
    return derived().isPresent() && otherwise(values).equals(values.get(component.getName()));
  }

  private Object derive(Key.Derived derived, Map<String, Object> earlier) {
    Class<?> record = component.getDeclaringRecord();
    return Arrays.stream(record.getDeclaredMethods())
        .filter(method -> method.getName().equals(derived.by()))
        .map(
            method ->
                Records.call(
                    method, null, Arrays.stream(derived.from()).map(earlier::get).toArray()))
        .findFirst()
        .orElseThrow();
  }

  /** A value as it was written in YAML or on the command line. */
  Object read(YamlNode.Scalar scalar, Map<String, Object> earlier) {
    if (scalar.absent()) {
      throw InputException.badValue(dotted, "empty", kind());
    }
    return read(scalar.text(), earlier);
  }

  private Object read(String text, Map<String, Object> earlier) {
    if (!key.word().isEmpty() && text.equals(key.word())) {
      return derived().isPresent() ? otherwise(earlier) : meaning();
    }
    if (type() == int.class || type() == long.class) {
      return whole(Numbers.parseWhole(text).orElseThrow(() -> bad(text, kind())), text);
    } else if (type() == double.class) {
      return real(Numbers.parse(text).orElseThrow(() -> bad(text, kind())));
    } else if (type() == OptionalDouble.class) {
      return OptionalDouble.of(real(Numbers.parse(text).orElseThrow(() -> bad(text, kind()))));
    } else if (type() == boolean.class) {
      return Numbers.bool(text).orElseThrow(() -> bad(text, kind()));
    } else if (type() == FinalRate.class) {
      return FinalRate.parse(text);
    } else if (type().isEnum()) {
      return Arrays.stream(type().getEnumConstants())
          .filter(constant -> text(constant).equals(text.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(() -> bad(text, kind()));
    }
    return check(text);
  }

  /** A value given from Java: of the key's type, or the text that YAML would have. */
  Object accept(Object value, Map<String, Object> earlier) {
    if (value instanceof Number number) {
      if (type() == double.class) {
        return real(number.doubleValue());
      } else if (type() == OptionalDouble.class) {
        return OptionalDouble.of(real(number.doubleValue()));
      } else if ((type() == int.class || type() == long.class)
          && number.longValue() == number.doubleValue()) {
        return whole(number.longValue(), text(number));
      }
    } else if ((type().isInstance(value) && !(value instanceof String))
        || (value instanceof Boolean && type() == boolean.class)) {
      return value;
    }
    return read(text(value), earlier);
  }

  /** The same value, if it is allowed; for a record that was built without this class. */
  Object check(Object value) {
    if (value instanceof Double number) {
      return real(number);
    } else if (value instanceof OptionalDouble maybe) {
      maybe.ifPresent(this::real);
    } else if (value instanceof Integer || value instanceof Long) {
      return whole(((Number) value).longValue(), value.toString());
    } else if (value instanceof String text) {
      Checks.text(dotted, text);
      if (!key.pattern().isEmpty() && !Pattern.matches(key.pattern(), text)) {
        throw bad(text, kind());
      }
    }
    return value;
  }

  private double real(double value) {
    boolean low = key.above() ? value <= key.min() : value < key.min();
    boolean high = key.below() ? value >= key.max() : value > key.max();
    if (!Double.isFinite(value) || low || high) {
      throw bad(value, range());
    }
    return value + 0.0; // makes a negative zero positive: equal settings get equal texts
  }

  private Object whole(long value, String written) {
    long most = type() == int.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
    if (value > most || value < -most) {
      throw bad(written, kind() + " of at most " + most);
    }
    if (value < key.min() || value > key.max()) {
      throw bad(value, range());
    }
    return type() == int.class ? (Object) (int) value : value;
  }

  private InputException bad(Object value, String allowed) {
    return InputException.badValue(dotted, value, allowed);
  }

  /** What kind of value the key takes, in words. */
  private String kind() {
    String word = key.word().isEmpty() ? "" : " or " + key.word();
    if (type() == int.class || type() == long.class) {
      return "a whole number" + word;
    } else if (type() == double.class || type() == OptionalDouble.class) {
      return "a finite number" + word;
    } else if (type() == boolean.class) {
      return "true or false";
    } else if (type() == FinalRate.class) {
      return FinalRate.ALLOWED;
    } else if (type().isEnum()) {
      return Arrays.stream(type().getEnumConstants())
          .map(KeySpec::text)
          .collect(Collectors.joining(", "));
    }
    return key.allowed() + (word.isEmpty() ? "" : "," + word);
  }

  /** The same with its bounds. */
  private String range() {
    boolean whole = type() == int.class || type() == long.class;
    String word = key.word().isEmpty() ? "" : ", or " + key.word();
    String min = Numbers.text(key.min()).replaceFirst("\\.0$", "");
    String max = whole ? Long.toString((long) key.max()) : Numbers.text(key.max());
    max = max.replaceFirst("\\.0$", "");
    if (Double.isInfinite(key.max())) {
      String bound = key.above() ? " above " : " of at least ";
      boolean bounded = Double.isFinite(key.min());
      return (whole ? "a whole number" : "a finite number") + (bounded ? bound + min : "") + word;
    }
    String number = whole ? "a whole number " : "a number ";
    if (key.above()) {
      return number + "above " + min + " and " + (key.below() ? "below " : "at most ") + max + word;
    }
    return number + "from " + min + " to " + (key.below() ? "below " : "") + max + word;
  }

  private Object meaning() {
    if (type() == OptionalDouble.class) {
      return OptionalDouble.empty();
    } else if (type() == int.class) {
      return Integer.parseInt(key.means());
    } else if (type() == double.class) {
      return Double.parseDouble(key.means());
    }
    return key.means();
  }

  /** The value as YAML has it: Integer, Long, Double, Boolean or String. */
  Object encode(Object value) {
    if (!key.word().isEmpty() && value.equals(meaning())) {
      return key.word();
    } else if (value instanceof OptionalDouble maybe) {
      return maybe.orElseThrow() + 0.0;
    } else if (value instanceof FinalRate rate) {
      return rate.encoded();
    }
    return value instanceof Double number ? (Object) (number + 0.0) : value;
  }

  /** A value as YAML and tables show it. */
  static String text(Object value) {
    if (value instanceof Double || value instanceof Float) {
      return Numbers.text(((Number) value).doubleValue());
    }
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : String.valueOf(value);
  }
}
