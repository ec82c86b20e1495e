package io.adamant.theory;

import io.adamant.base.InputException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An input of a {@link Quantity}: what a command takes as an option of the same name.
 *
 * @param name lower case with hyphens, such as {@code weight-decay}
 * @param meaning in a few words
 * @param domain which values it takes
 * @param choices the words of {@link Domain#CHOICE}, else empty
 * @param fallback its value where none is given
 */
public record Parameter(
    String name, String meaning, Domain domain, List<String> choices, String fallback) {

  /** The largest count of steps: a recursion takes seconds for as many. */
  public static final long MOST_STEPS = 100_000_000;

  /** What stands for a number that depends on other inputs. */
  public static final String DEFAULT = "default";

  /** Which values a parameter takes. */
  public enum Domain {
    /** Coefficient of a moving average. */
    BETA("a number in [0, 1)"),
    /** At least zero. */
    NON_NEGATIVE("a finite number that is at least 0"),
    /** Above zero. */
    POSITIVE("a finite number above 0"),
    /** Any finite number. */
    FINITE("a finite number"),
    /** A number of steps or samples, at least 1. */
    COUNT("a whole number from 1 to " + MOST_STEPS),
    /** A number of steps that may be 0, or a seed. */
    WHOLE("a whole number from 0 to " + MOST_STEPS),
    /** At least zero, or the word {@link #DEFAULT}. */
    OPTIONAL("a finite number that is at least 0, or " + DEFAULT),
    /** One of some words. */
    CHOICE("one of its words");

    final String allowed;

    Domain(String allowed) {
      this.allowed = allowed;
    }

    boolean holds(double x) {
      return Double.isFinite(x)
          && switch (this) {
            case BETA -> x >= 0 && x < 1;
            case NON_NEGATIVE, OPTIONAL -> x >= 0;
            case POSITIVE -> x > 0;
            case COUNT -> x >= 1 && x <= MOST_STEPS && x == Math.rint(x);
            case WHOLE -> x >= 0 && x <= MOST_STEPS && x == Math.rint(x);
            case FINITE -> true;
            case CHOICE -> false;
          };
    }
  }

  /** Takes a copy and checks the default. */
  public Parameter {
    choices = List.copyOf(choices);
    check(name, domain, choices, fallback);
  }

  /**
   * A parameter that is a number.
   *
   * @param name lower case with hyphens
   * @param meaning in a few words
   * @param domain which numbers it takes
   * @param fallback its value where none is given
   */
  public static Parameter number(String name, String meaning, Domain domain, double fallback) {
    boolean whole = domain == Domain.COUNT || domain == Domain.WHOLE;
    String text = whole ? Long.toString((long) fallback) : Double.toString(fallback);
    return new Parameter(name, meaning, domain, List.of(), text);
  }

  /**
   * A parameter that is a number, or by default what other inputs say.
   *
   * @param name lower case with hyphens
   * @param meaning in a few words
   */
  public static Parameter optional(String name, String meaning) {
    return new Parameter(name, meaning, Domain.OPTIONAL, List.of(), DEFAULT);
  }

  /**
   * A parameter that is one of some words; the first is the default.
   *
   * @param name lower case with hyphens
   * @param meaning in a few words
   * @param choices the words, at least one
   */
  public static Parameter choice(String name, String meaning, String... choices) {
    return new Parameter(name, meaning, Domain.CHOICE, List.of(choices), choices[0]);
  }

  /**
   * The same number with another default.
   *
   * @param other its value where none is given
   */
  public Parameter or(double other) {
    return number(name, meaning, domain, other);
  }

  /**
   * The meanings of parameters, by name.
   *
   * @param parameters of different names
   */
  public static Map<String, String> meanings(Collection<Parameter> parameters) {
    return parameters.stream().collect(Collectors.toMap(Parameter::name, Parameter::meaning));
  }

  /** What it takes, for a reader. */
  public String allowed() {
    return allowed(domain, choices);
  }

  /**
   * Turns away what it does not take.
   *
   * @param text a value as it was written
   * @throws InputException with one line that names the option, the value and what is allowed
   */
  public void check(String text) {
    check(name, domain, choices, text);
  }

  private static void check(String name, Domain domain, List<String> choices, String text) {
    if (!holds(domain, choices, text)) {
      throw new InputException(
          "--%s %s: allowed: %s".formatted(name, text, allowed(domain, choices)));
    }
  }

  private static String allowed(Domain domain, List<String> choices) {
    return domain == Domain.CHOICE ? String.join(", ", choices) : domain.allowed;
  }

  private static boolean holds(Domain domain, List<String> choices, String text) {
    if (domain == Domain.CHOICE) {
      return choices.contains(text);
    }
    if (domain == Domain.OPTIONAL && text.equals(DEFAULT)) {
      return true;
    }
    try {
      return domain.holds(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
