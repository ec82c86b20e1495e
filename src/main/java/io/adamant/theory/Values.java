package io.adamant.theory;

import io.adamant.base.InputException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** A value for each of some parameters, checked one by one. Immutable. */
public final class Values {

  private final Map<String, String> texts;

  private Values(Map<String, String> texts) {
    this.texts = Collections.unmodifiableMap(texts);
  }

  /**
   * The given values, and the defaults of the parameters not given.
   *
   * @param parameters which there are
   * @param given texts by name
   * @throws InputException with one line if a name is unknown or a value not allowed
   */
  public static Values of(Collection<Parameter> parameters, Map<String, String> given) {
    List<String> names = parameters.stream().map(Parameter::name).toList();
    for (String name : given.keySet()) {
      if (!names.contains(name)) {
        String options = names.stream().map(n -> "--" + n).collect(Collectors.joining(" "));
        throw new InputException(
            "--%s: not used here; the inputs are: %s".formatted(name, options));
      }
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      String text = given.getOrDefault(parameter.name(), parameter.fallback()).strip();
      parameter.check(text);
      texts.put(parameter.name(), text);
    }
    return new Values(texts);
  }

  /**
   * The value of a numeric parameter.
   *
   * @param name of one of the parameters
   */
  public double number(String name) {
    return Double.parseDouble(text(name));
  }

  /**
   * The value of a count.
   *
   * @param name of one of the parameters
   */
  public long whole(String name) {
    return (long) number(name);
  }

  /**
   * The value of an optional parameter.
   *
   * @param name of one of the parameters
   * @return empty where it is {@link Parameter#DEFAULT}
   */
  public OptionalDouble optional(String name) {
    return text(name).equals(Parameter.DEFAULT)
        ? OptionalDouble.empty()
        : OptionalDouble.of(number(name));
  }

  double beta1() {
    return number("beta1");
  }

  double beta2() {
    return number("beta2");
  }

  double snr() {
    return number("snr");
  }

  double lr() {
    return number("lr");
  }

  double decay() {
    return number("weight-decay");
  }

  double initial() {
    return number("initial-rms");
  }

  double batch() {
    return number("batch");
  }

  long steps() {
    return whole("steps");
  }

  boolean noSignal() {
    return snr() == 0;
  }

  boolean adamw() {
    return text("optimizer").equals("adamw");
  }

  /** Whether the rate of a run with a schedule does not change. */
  boolean constantRate() {
    return text("schedule").equals("constant") && whole("warmup") == 0;
  }

  /**
   * The value as it was written.
   *
   * @param name of one of the parameters
   * @throws IllegalStateException if there is no such parameter
   */
  public String text(String name) {
    String text = texts.get(name);
    if (text == null) {
      throw new IllegalStateException("there is no parameter " + name + " among " + texts.keySet());
    }
    return text;
  }

  /** All values as they were written, in the order of the parameters. */
  public Map<String, String> texts() {
    return texts;
  }

  @Override
  public String toString() {
    return texts.toString();
  }
}
