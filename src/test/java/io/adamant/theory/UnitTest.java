package io.adamant.theory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Units are what their names say: formulas scale with their inputs' units. */
class UnitTest {

  private static final double FACTOR = 7;
  private static final List<String> POINT =
      List.of(
          "gradient-square",
          "gradient-curvature",
          "noise-trace",
          "noise-curvature",
          "gradient-l1",
          "curvature-trace",
          "sign-curvature");

  /** A sign's rate grows as a weight does, SGD's as its square over the loss. */
  private static final Set<String> SIGNS =
      Set.of("sign_sgd", "sign_sgd_erf", "signum", "signum_erf", "adam", "adam_long_momentum");

  private static List<Formula> scaled(String name, Map<String, Double> factors) {
    Quantity quantity = Quantities.named(name);
    Map<String, String> given = new HashMap<>();
    for (Parameter parameter : quantity.parameters()) {
      if (factors.containsKey(parameter.name())) {
        double value = Double.parseDouble(parameter.fallback()) * factors.get(parameter.name());
        given.put(parameter.name(), Double.toString(value));
      }
    }
    assertThat(given).isNotEmpty();
    return quantity.at(given);
  }

  private static void assertFactor(
      List<Formula> before, List<Formula> after, int i, double factor) {
    assertThat(after.get(i).value())
        .as("%s in %s", before.get(i).key(), before.get(i).unit())
        .isCloseTo(
            before.get(i).value() * factor, org.assertj.core.data.Percentage.withPercentage(1e-7));
  }

  /** Samples twice as small: twice as many of them, each with twice the noise. */
  @ParameterizedTest
  @ValueSource(
      strings = {"noise-scale", "batch-magnification", "optimal-lr", "surge", "softsign-lr"})
  void whatIsInSamplesAndNothingElseScalesWithThem(String name) {
    // sign-curvature above twice the trace, so that thresholds are finite
    Map<String, Double> surging = Map.of("sign-curvature", 3.0, "soft-curvature", 10.0);
    List<Formula> before =
        name.equals("batch-magnification")
            ? Quantities.named(name).at(Map.of())
            : scaled(name, surging);
    Map<String, Double> factors = new HashMap<>(surging);
    for (String input :
        List.of("batch", "noise-trace", "noise-curvature", "kappa-square", "sigma-square")) {
      factors.put(input, FACTOR);
    }
    List<Formula> after = scaled(name, factors);
    for (int i = 0; i < before.size(); i++) {
      assertThat(before.get(i).value()).as(before.get(i).key()).isFinite();
      assertFactor(before, after, i, before.get(i).unit() == Unit.SAMPLES ? FACTOR : 1);
    }
  }

  /** Another unit of the loss, such as bits for nats. */
  @ParameterizedTest
  @ValueSource(strings = {"noise-scale", "optimal-lr", "surge"})
  void whatIsALossOrTheRateOfSgdScalesWithTheLoss(String name) {
    Map<String, Double> factors = new HashMap<>();
    POINT.forEach(input -> factors.put(input, FACTOR));
    List.of("gradient-square", "noise-trace").forEach(i -> factors.put(i, Math.pow(FACTOR, 2)));
    List.of("gradient-curvature", "noise-curvature")
        .forEach(i -> factors.put(i, Math.pow(FACTOR, 3)));
    List<Formula> before = Quantities.named(name).at(Map.of());
    List<Formula> after = scaled(name, factors);
    for (int i = 0; i < before.size(); i++) {
      boolean rate = before.get(i).unit() == Unit.LEARNING_RATE;
      double loss = before.get(i).unit() == Unit.LOSS ? FACTOR : 1;
      assertFactor(
          before, after, i, rate && !SIGNS.contains(before.get(i).key()) ? 1 / FACTOR : loss);
    }
  }

  /** A number times larger: a gradient's moments follow, what is a pure number stays. */
  @ParameterizedTest
  @CsvSource({
    "equal-betas,mean:1;gradient:1;variance:2",
    "softsign,gradient:1;sigma:1;epsilon:1",
    "sgdm-variance,noise-variance:2",
  })
  void momentsOfGradientsScaleWithThem(String name, String powers) {
    Map<String, Double> factors = new HashMap<>();
    for (String power : powers.split(";", -1)) {
      String[] parts = power.split(":", -1);
      factors.put(parts[0], Math.pow(FACTOR, Double.parseDouble(parts[1])));
    }
    List<Formula> before = Quantities.named(name).at(Map.of());
    List<Formula> after = scaled(name, factors);
    for (int i = 0; i < before.size(); i++) {
      double factor =
          switch (before.get(i).unit()) {
            case GRADIENT -> FACTOR;
            case GRADIENT_SQUARE, WEIGHT_SQUARE -> FACTOR * FACTOR;
            default -> 1;
          };
      assertFactor(before, after, i, factor);
    }
  }

  /** Weights, and what they were at the start, grow with the rate at one rate times decay. */
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "signum"})
  void weightsScaleWithTheRate(String optimizer) {
    Quantity quantity = Quantities.named("weight-rms");
    List<Formula> before =
        quantity.at(
            Map.of("optimizer", optimizer, "lr", "0.01", "weight-decay", "0.5", "steps", "200"));
    List<Formula> after =
        quantity.at(
            Map.of(
                "optimizer",
                optimizer,
                "lr",
                "0.07",
                "weight-decay",
                Double.toString(0.5 / FACTOR),
                "steps",
                "200",
                "initial-rms",
                "0.7"));
    for (int i = 0; i < before.size(); i++) {
      assertThat(before.get(i).unit()).isEqualTo(Unit.WEIGHT);
      // As printed, the square was taken for the RMS: its unit is wrong too.
      boolean printed = before.get(i).key().equals("as_printed");
      assertFactor(before, after, i, printed ? Math.sqrt(FACTOR) : FACTOR);
    }
  }
}
