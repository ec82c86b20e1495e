package io.adamant.theory;

import static io.adamant.theory.Parameter.number;

import io.adamant.theory.Parameter.Domain;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The inputs that several quantities or simulations share. */
public final class Inputs {

  /** Of the momentum. */
  public static final Parameter BETA1 = number("beta1", "momentum coefficient", Domain.BETA, 0.9);

  /** Of the second moment. */
  public static final Parameter BETA2 =
      number("beta2", "second-moment coefficient", Domain.BETA, 0.95);

  /** B. */
  public static final Parameter BATCH =
      number("batch", "batch size B (samples)", Domain.POSITIVE, 32);

  static final Parameter SNR =
      number("snr", "squared ratio ‖μ‖²/‖σ‖² of gradients", Domain.NON_NEGATIVE, 0);
  static final Parameter LR = number("lr", "learning rate", Domain.POSITIVE, 0.001);
  static final Parameter DECAY = number("weight-decay", "decoupled decay", Domain.POSITIVE, 0.1);
  static final Parameter STEPS = number("steps", "steps t", Domain.COUNT, 1000);
  static final Parameter GRADIENT =
      number("gradient", "mean gradient of a coordinate", Domain.FINITE, 0.5);

  /** A point at which 30 coordinates have |g| = 1, H = 2I and B_simple = B_noise = 16. */
  private static final Map<Parameter, ToDoubleFunction<LocalGeometry>> POINT =
      new LinkedHashMap<>();

  static {
    point("gradient-square", "gᵀg", 30, LocalGeometry::gradientSquare);
    point("gradient-curvature", "gᵀHg", 60, LocalGeometry::gradientCurvature);
    point("noise-trace", "tr Σ of one sample's gradient", 480, LocalGeometry::noiseTrace);
    point("noise-curvature", "tr(ΣH)", 960, LocalGeometry::noiseCurvature);
    point("gradient-l1", "Σ|g_i|", 30, LocalGeometry::gradientL1);
    point("curvature-trace", "T = tr H", 60, LocalGeometry::curvatureTrace);
    point("sign-curvature", "P = Σ H_ij·sign(g_i·g_j)", 60, LocalGeometry::signCurvature);
  }

  private Inputs() {}

  private static void point(
      String name, String meaning, double fallback, ToDoubleFunction<LocalGeometry> component) {
    POINT.put(number(name, meaning, Domain.POSITIVE, fallback), component);
  }

  /** The given inputs, then those of a point. */
  static List<Parameter> andPoint(Parameter... first) {
    return Stream.concat(Stream.of(first), POINT.keySet().stream()).toList();
  }

  /** The point that the inputs of {@link #andPoint} describe. */
  static LocalGeometry point(Values v) {
    double[] x = POINT.keySet().stream().mapToDouble(p -> v.number(p.name())).toArray();
    return new LocalGeometry(x[0], x[1], x[2], x[3], x[4], x[5], x[6]);
  }

  /**
   * The inputs that describe a point, to the last bit.
   *
   * @param at the point
   * @return texts by name, to which others can be added
   */
  public static Map<String, String> of(LocalGeometry at) {
    Map<String, String> texts = new LinkedHashMap<>();
    POINT.forEach(
        (input, component) ->
            texts.put(input.name(), Double.toString(component.applyAsDouble(at))));
    return texts;
  }
}
