package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Interprets settings by the type that their key has; complaints do not yet name the place. */
record SettingsReader(Settings settings) {

  Optional<String> text(String key, String allowed) {
    Optional<YamlNode.Scalar> found = settings.get(key);
    if (found.isPresent() && found.get().absent()) {
      throw InputException.badValue(key, "empty", allowed);
    }
    return found.map(YamlNode.Scalar::text);
  }

  String text(String key, String allowed, String otherwise) {
    return text(key, allowed).orElse(otherwise);
  }

  double number(String key, double otherwise) {
    Optional<String> text = text(key, "a number");
    return text.isEmpty() ? otherwise : number(key, text.get(), "a finite number");
  }

  /** A number for which a word may stand, such as {@code none} for 0. */
  double numberOr(String word, double meaning, String key, double otherwise) {
    String allowed = "a finite number or " + word;
    Optional<String> text = text(key, allowed);
    if (text.isEmpty()) {
      return otherwise;
    }
    return text.get().equals(word) ? meaning : number(key, text.get(), allowed);
  }

  int whole(String key, int otherwise) {
    return (int) whole(key, otherwise, Integer.MAX_VALUE);
  }

  long wholeLong(String key, long otherwise) {
    return whole(key, otherwise, Long.MAX_VALUE);
  }

  /** A whole number for which a word may stand, such as {@code auto} for what the model needs. */
  int wholeOr(String word, int meaning, String key, int otherwise) {
    Optional<String> text = text(key, "a whole number or " + word);
    if (text.isPresent() && text.get().equals(word)) {
      return meaning;
    }
    return text.isEmpty()
        ? otherwise
        : (int) whole(key, text.get(), Integer.MAX_VALUE, "a whole number or " + word);
  }

  <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
    String allowed =
        Arrays.stream(type.getEnumConstants())
            .map(RunCodec::word)
            .collect(Collectors.joining(", "));
    Optional<String> text = text(key, allowed);
    if (text.isEmpty()) {
      return otherwise;
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> RunCodec.word(constant).equals(text.get().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> InputException.badValue(key, text.get(), allowed));
  }

  boolean flag(String key, boolean otherwise) {
    String allowed = "true or false";
    Optional<String> text = text(key, allowed);
    if (text.isEmpty()) {
      return otherwise;
    }
    if (!text.get().equals("true") && !text.get().equals("false")) {
      throw InputException.badValue(key, text.get(), allowed);
    }
    return text.get().equals("true");
  }

  private long whole(String key, long otherwise, long most) {
    Optional<String> text = text(key, "a whole number");
    return text.isEmpty() ? otherwise : whole(key, text.get(), most, "a whole number");
  }

  private static double number(String key, String text, String allowed) {
    return Numbers.parse(text).orElseThrow(() -> InputException.badValue(key, text, allowed));
  }

  private static long whole(String key, String text, long most, String allowed) {
    long value =
        Numbers.parseWhole(text).orElseThrow(() -> InputException.badValue(key, text, allowed));
    if (value > most || value < -most) {
      throw InputException.badValue(key, text, allowed + " of at most " + most);
    }
    return value;
  }
}
