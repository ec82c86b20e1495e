package io.adamant.cli;

import io.adamant.base.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Constants as words of the command line. */
final class Words {

  private Words() {}

  /** The constant of that name in lower case, or one line with those allowed. */
  static <T extends Enum<T>> T of(String option, Class<T> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> of(constant).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s %s: allowed: %s"
                        .formatted(
                            option,
                            word,
                            Arrays.stream(type.getEnumConstants())
                                .map(Words::of)
                                .collect(Collectors.joining(", ")))));
  }

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
