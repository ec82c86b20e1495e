package io.adamant.optim;

import ai.djl.ndarray.types.Shape;
import io.adamant.base.PublicApi;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The shape and start of a state tensor, by the words between the parentheses of {@code state()}.
 * {@link #inputs} are no memory of the rule: whoever takes the step writes them before it.
 *
 * <p>What only a matrix (r, c) has a use for is one zero for every other parameter, and what only
 * the others have a use for is one zero for a matrix.
 */
@PublicApi
public enum StateKind {
  /** The parameter's shape, from zero. */
  LIKE_WEIGHT(""),
  /** The parameter's shape, from a copy of the weights. */
  WEIGHTS("weights"),
  /** The parameter's shape, from zero; a matrix has no use for it. */
  VECTORS("vectors"),
  /** One number, from zero; a parameter's own, or one for all where {@code numbers} advances it. */
  NUMBER("number"),
  /** (r, 1), from zero. */
  ROWS("rows"),
  /** (1, c), from zero. */
  COLUMNS("columns"),
  /** (r, r), from zero. */
  ROWS_ROWS("rows rows"),
  /** (c, c), from zero. */
  COLUMNS_COLUMNS("columns columns"),
  /**
   * &radic;B &#8711;L of a batch of B tokens whose labels the model itself has drawn, the
   * parameter's shape: its square estimates the diagonal of the Gauss-Newton matrix of the mean
   * loss.
   */
  SAMPLED_GRADIENT("sampled gradient"),
  /** Gaussian numbers, independent of each other, the parameter's shape. */
  PROBE_NOISE("probe noise"),
  /**
   * The gradient of the step's batch at the weights that the rule's own state of the kind {@link
   * #WEIGHTS} holds, clipped as a gradient is, the parameter's shape.
   */
  EARLIER_GRADIENT("earlier gradient"),
  /** One number: 1 in a step whose sampled gradient or noise is new and finite, else 0. */
  FRESH("fresh"),
  /** One number: the mean loss of the step's batch, before the step. */
  LOSS("loss");

  private final String words;

  StateKind(String words) {
    this.words = words;
  }

  static Optional<StateKind> of(String words) {
    return Arrays.stream(values()).filter(kind -> kind.words.equals(words)).findFirst();
  }

  static String allowed() {
    return Arrays.stream(values())
        .map(kind -> "state(%s)".formatted(kind == LIKE_WEIGHT ? "" : '"' + kind.words + '"'))
        .collect(Collectors.joining(", "));
  }

  /**
   * What a step is given beside its gradient, rather than remembers.
   *
   * @return the kinds that the step writes
   */
  public static Set<StateKind> inputs() {
    return EnumSet.of(SAMPLED_GRADIENT, PROBE_NOISE, EARLIER_GRADIENT, FRESH, LOSS);
  }

  /**
   * The words that stand for it in a file.
   *
   * @return such as {@code rows columns}
   */
  public String words() {
    return words;
  }

  /** The setting that says how many steps there are from one such input to the next, if any. */
  Optional<String> interval() {
    return switch (this) {
      case SAMPLED_GRADIENT -> Optional.of("hessian_interval");
      case PROBE_NOISE -> Optional.of("precondition_frequency");
      default -> Optional.empty();
    };
  }

  boolean isInput() {
    return inputs().contains(this);
  }

  /** Whether it is one number, whatever the parameter's shape. */
  boolean isNumber() {
    return this == NUMBER || this == FRESH || this == LOSS;
  }

  /** Whether a parameter may be cut into pieces together with such a state. */
  boolean elementwise() {
    return this == LIKE_WEIGHT || this == WEIGHTS || this == VECTORS || isInput();
  }

  /** Whether a parameter has a use for such a state. */
  boolean used(Shape parameter) {
    boolean matrix = parameter.dimension() == 2;
    return switch (this) {
      case LIKE_WEIGHT,
          WEIGHTS,
          NUMBER,
          SAMPLED_GRADIENT,
          PROBE_NOISE,
          EARLIER_GRADIENT,
          FRESH,
          LOSS ->
          true;
      case VECTORS -> !matrix;
      default -> matrix;
    };
  }

  /**
   * The shape that a parameter has a use for.
   *
   * @param longest side that gets a square state; that of a longer one is one zero
   */
  Shape shape(Shape parameter, long longest) {
    boolean left = this == ROWS_ROWS && used(parameter) && parameter.get(0) > longest;
    boolean right = this == COLUMNS_COLUMNS && used(parameter) && parameter.get(1) > longest;
    if (isNumber() || !used(parameter) || left || right) {
      return new Shape(1);
    }
    return switch (this) {
      case ROWS -> new Shape(parameter.get(0), 1);
      case COLUMNS -> new Shape(1, parameter.get(1));
      case ROWS_ROWS -> new Shape(parameter.get(0), parameter.get(0));
      case COLUMNS_COLUMNS -> new Shape(parameter.get(1), parameter.get(1));
      default -> parameter;
    };
  }
}
