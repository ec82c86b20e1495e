package io.adamant.optim;

import io.adamant.base.PublicApi;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an optimizer's file says of its direction; {@link OptimizerContract} finds out whether it is
 * so.
 *
 * @param odd gradients of the other sign give a direction of the other sign
 * @param scaleInvariant a positive factor on all gradients changes nothing
 * @param bound largest |u| of a coordinate; empty where the file names none
 */
@PublicApi
public record OptimizerClaims(boolean odd, boolean scaleInvariant, OptionalDouble bound) {

  static final String ALLOWED = "a list such as odd, scale invariant, |u| <= 1";
  private static final Pattern BOUND = Pattern.compile("\\|u\\| <= ([0-9.]+(?:e[-+]?[0-9]+)?)");

  /** Reads a list such as {@code odd, scale invariant, |u| <= 1}; empty if it is none. */
  static Optional<OptimizerClaims> parse(String text) {
    List<String> words = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    OptionalDouble bound = OptionalDouble.empty();
    for (String word : words) {
      Matcher limit = BOUND.matcher(word);
      if (limit.matches()) {
        try {
          bound = OptionalDouble.of(Double.parseDouble(limit.group(1)));
        } catch (NumberFormatException e) {
          return Optional.empty();
        }
      } else if (!List.of("odd", "scale invariant", "").contains(word)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new OptimizerClaims(words.contains("odd"), words.contains("scale invariant"), bound));
  }
}
