package io.adamant.theory;

import io.adamant.base.InputException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Points of a grid over some parameters.
 *
 * @param varied names of the parameters with more than one value, in the order of the parameters
 * @param points all combinations, the last parameter varying fastest
 */
public record ParameterGrid(List<String> varied, List<Values> points) {

  /** More points than anyone looks at; a range with a slip in it has as many. */
  public static final int MOST_POINTS = 10_000;

  /** Takes copies. */
  public ParameterGrid {
    varied = List.copyOf(varied);
    points = List.copyOf(points);
  }

  /**
   * Reads texts such as {@code 0.9}, {@code 0,0.5,0.9}, {@code 0:1:11} (evenly spaced, 11 values)
   * or {@code 1:1000:4log} (evenly spaced in the logarithm, 4 values).
   *
   * @param parameters which there are
   * @param given texts by name
   * @throws InputException with one line if a name is unknown, a value not allowed, or there are
   *     more than {@link #MOST_POINTS} points
   */
  public static ParameterGrid of(List<Parameter> parameters, Map<String, String> given) {
    Values.of(parameters, firstValues(given));
    List<Map<String, String>> points = List.of(Map.of());
    List<String> varied = new ArrayList<>();
    for (Parameter parameter : parameters) {
      String text = given.getOrDefault(parameter.name(), parameter.fallback());
      List<String> values = values(parameter.name(), text);
      if (values.size() > 1) {
        varied.add(parameter.name());
      }
      if ((long) points.size() * values.size() > MOST_POINTS) {
        throw new InputException(
            "--%s %s: the grid has too many points; allowed: at most %s"
                .formatted(parameter.name(), text, MOST_POINTS));
      }
      points = product(points, parameter.name(), values);
    }
    return new ParameterGrid(
        varied, points.stream().map(point -> Values.of(parameters, point)).toList());
  }

  private static List<Map<String, String>> product(
      List<Map<String, String>> points, String name, List<String> values) {
    List<Map<String, String>> product = new ArrayList<>();
    for (Map<String, String> point : points) {
      for (String value : values) {
        Map<String, String> extended = new LinkedHashMap<>(point);
        extended.put(name, value);
        product.add(extended);
      }
    }
    return product;
  }

  /** For the checks of names and, early, of the values that lists begin with. */
  private static Map<String, String> firstValues(Map<String, String> given) {
    Map<String, String> first = new LinkedHashMap<>();
    given.forEach((name, text) -> first.put(name, values(name, text).get(0)));
    return first;
  }

  private static List<String> values(String name, String text) {
    if (text.contains(":")) {
      return spaced(name, text);
    }
    List<String> values = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String value = part.strip();
      if (values.contains(value)) {
        throw new InputException(
            "--%s %s: %s is given twice; expected: different values".formatted(name, text, value));
      }
      values.add(value);
    }
    return values;
  }

  private static List<String> spaced(String name, String text) {
    String[] parts = text.split(":", -1);
    boolean log = parts.length == 3 && parts[2].endsWith("log");
    try {
      double from = Double.parseDouble(parts[0]);
      double to = Double.parseDouble(parts[1]);
      int count = Integer.parseInt(log ? parts[2].replace("log", "") : parts[2]);
      if (parts.length != 3 || count < 2 || count > MOST_POINTS || !(from < to)) {
        throw new NumberFormatException();
      }
      if (log && !(from > 0)) {
        throw new NumberFormatException();
      }
      List<String> values = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        double share = i / (count - 1.0);
        double x = log ? from * Math.pow(to / from, share) : from + (to - from) * share;
        values.add(written(i == count - 1 ? to : x));
      }
      return values;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new InputException(
          "--%s %s: allowed: A:B:N or, with A above 0, A:B:Nlog, with A < B and 2 or more values"
              .formatted(name, text),
          e);
    }
  }

  /** Six digits, so that 0.1 + 0.2 reads 0.3 and a geometric range stays readable. */
  private static String written(double x) {
    BigDecimal rounded = new BigDecimal(x).round(new MathContext(6)).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.toPlainString() : rounded.toString();
  }
}
