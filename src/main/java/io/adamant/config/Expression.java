package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values of a grid's key as a formula, such as {@code 1 - {4,2,1,.5,.25}*(1-beta1)}.
 *
 * <pre>
 * sum      = product (("+" | "-") product)*
 * product  = factor (("*" | "/") factor)*
 * factor   = "-" factor | number | "(" sum ")" | key | "sqrt" "(" sum ")"
 *          | "{" sum ("," sum)* "}"                    one value each
 *          | "log" "(" sum "," sum "," count ")"       from, to, equal ratios between neighbours
 *          | "lin" "(" sum "," sum "," count ")"       from, to, equal distances
 * </pre>
 *
 * <p>At most one list of values may stand in a formula. Values are rounded to 12 significant
 * digits, so that {@code 1 - 2*(1-0.95)} is 0.9 and not its neighbour.
 */
final class Expression {
  private static final Pattern TOKEN =
      Pattern.compile("\\s*(?:(\\.?\\d[\\d.]*(?:[eE][-+]?\\d+)?)|([A-Za-z_][A-Za-z0-9_.]*)|(.))");
  private static final MathContext DIGITS = new MathContext(12);
  private static final int MAX_VALUES = 1000;

  /** A part of a formula: its value for the i-th of the listed values. */
  private interface Part {
    double value(int index, ToDoubleFunction<String> keys);
  }

  private final String text;
  private final List<String> tokens = new ArrayList<>();
  private int at;
  private int count;
  private final Part root;

  private Expression(String text) {
    this.text = text;
    Matcher token = TOKEN.matcher(text.strip());
    while (token.lookingAt()) {
      tokens.add(token.group().strip());
      token.region(token.end(), token.regionEnd());
    }
    root = sum();
    if (at < tokens.size()) {
      throw wrong("an operator before " + tokens.get(at));
    }
  }

  /**
   * Reads a formula.
   *
   * @throws InputException if it is not one; the message does not yet name key and place
   */
  static Expression parse(String text) {
    return new Expression(text);
  }

  /** Number of values. */
  int size() {
    return Math.max(1, count);
  }

  /**
   * One value.
   *
   * @param index 0 for the first
   * @param keys the values of the keys that the formula names
   */
  double value(int index, ToDoubleFunction<String> keys) {
    double value = root.value(index, keys);
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
  }

  private Part sum() {
    Part left = product();
    while (next("+") || next("-")) {
      boolean plus = tokens.get(at++).equals("+");
      Part first = left;
      Part second = product();
      left = (i, keys) -> first.value(i, keys) + (plus ? 1 : -1) * second.value(i, keys);
    }
    return left;
  }

  private Part product() {
    Part left = factor();
    while (next("*") || next("/")) {
      boolean times = tokens.get(at++).equals("*");
      Part first = left;
      Part second = factor();
      left =
          times
              ? (i, keys) -> first.value(i, keys) * second.value(i, keys)
              : (i, keys) -> first.value(i, keys) / second.value(i, keys);
    }
    return left;
  }

  private Part factor() {
    if (at == tokens.size()) {
      throw wrong("a number, a key or (");
    }
    String token = tokens.get(at++);
    return switch (token) {
      case "-" -> {
        Part negated = factor();
        yield (i, keys) -> -negated.value(i, keys);
      }
      case "(" -> {
        Part inner = sum();
        expect(")");
        yield inner;
      }
      case "{" -> braces();
      case "log", "lin" -> spaced(token.equals("log"));
      case "sqrt" -> {
        expect("(");
        Part argument = sum();
        expect(")");
        yield (i, keys) -> Math.sqrt(argument.value(i, keys));
      }
      default -> numberOrKey(token);
    };
  }

  private Part numberOrKey(String token) {
    if (Character.isLetter(token.charAt(0))) {
      return (i, keys) -> keys.applyAsDouble(token);
    }
    double number = Numbers.parse(token).orElseThrow(() -> wrong("a number in place of " + token));
    return (i, keys) -> number;
  }

  private Part braces() {
    List<Part> values = new ArrayList<>();
    do {
      values.add(sum());
    } while (accept(","));
    expect("}");
    list(values.size());
    return (i, keys) -> values.get(i).value(i, keys);
  }

  private Part spaced(boolean ratios) {
    expect("(");
    Part from = sum();
    expect(",");
    Part to = sum();
    expect(",");
    String number = at < tokens.size() ? tokens.get(at++) : "";
    long values = Numbers.parseWhole(number).orElse(0);
    if (values < 2 || values > MAX_VALUES) {
      throw wrong("a count from 2 to " + MAX_VALUES + " in place of " + number);
    }
    expect(")");
    list((int) values);
    return (i, keys) -> {
      double share = (double) i / (values - 1);
      double first = from.value(i, keys);
      double last = to.value(i, keys);
      return ratios ? first * Math.pow(last / first, share) : first + (last - first) * share;
    };
  }

  private void list(int values) {
    if (count > 0) {
      throw wrong("one list of values only");
    }
    count = values;
  }

  private boolean next(String token) {
    return at < tokens.size() && tokens.get(at).equals(token);
  }

  private boolean accept(String token) {
    boolean there = next(token);
    if (there) {
      at++;
    }
    return there;
  }

  private void expect(String token) {
    if (!accept(token)) {
      throw wrong(token + (at < tokens.size() ? " before " + tokens.get(at) : " at the end"));
    }
  }

  private InputException wrong(String expected) {
    return new InputException("the formula " + text + " is not complete; expected: " + expected);
  }
}
