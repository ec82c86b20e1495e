package io.adamant.theory;

/** What a formula's value is measured in: only values of one unit may share an axis. */
public enum Unit {
  /** An update per learning rate: a pure number, ±1 for a sign. */
  UPDATE("update", ""),
  /** A second moment of updates. */
  UPDATE_SQUARE("squared update", ""),
  /** An update of a method without normaliser, over the gradient's standard deviation. */
  DEVIATIONS("update", "σ"),
  /** A variance, over the gradient's. */
  VARIANCES("variance", "σ²"),
  /** A gradient. */
  GRADIENT("gradient", ""),
  /** A variance of gradients. */
  GRADIENT_SQUARE("squared gradient", ""),
  /** A weight. */
  WEIGHT("weight", ""),
  /** A variance of weights. */
  WEIGHT_SQUARE("squared weight", ""),
  /** An angle. */
  ANGLE("angle", "rad"),
  /** A batch size. */
  SAMPLES("batch size", "samples"),
  /** A learning rate, of whichever method. */
  LEARNING_RATE("learning rate", ""),
  /** A weight decay. */
  DECAY("weight decay", ""),
  /** A learning rate over the ε that it grows with. */
  RATE_PER_EPSILON("learning rate over ε", ""),
  /** A difference of losses. */
  LOSS("loss", ""),
  /** A coefficient of a moving average. */
  COEFFICIENT("coefficient", ""),
  /** A part of a whole, from 0 to 1. */
  SHARE("share", ""),
  /** One number over another of its kind. */
  RATIO("ratio", "");

  private final String label;
  private final String symbol;

  Unit(String label, String symbol) {
    this.label = label;
    this.symbol = symbol;
  }

  /** What is measured, for an axis: {@code batch size}. */
  public String label() {
    return label;
  }

  /** What it is counted in, such as {@code samples}; empty for a pure number. */
  public String symbol() {
    return symbol;
  }

  /** Both, for a title: {@code batch size (samples)}. */
  public String caption() {
    return symbol.isEmpty() ? label : label + " (" + symbol + ")";
  }

  /** The symbol, or what is measured where there is none: {@code samples}, {@code share}. */
  public String word() {
    return symbol.isEmpty() ? label : symbol;
  }
}
