package io.adamant.simulate;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.theory.Formula;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.Quantities;
import io.adamant.theory.Quantity;
import io.adamant.theory.Unit;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Simulations at the inputs of the theory's quantity of the same name, and a few of their own. */
final class QuantitySimulations {

  private QuantitySimulations() {}

  static List<Simulation> all() {
    return List.of(
        of(
            "update-rms",
            500,
            Map.of(
                "mean_field", "adam",
                "second_order", "adam",
                "parameter_free", "adam",
                "sign_type", "signum",
                "ema_sign", "ema_sign",
                "sgdm", "sgdm"),
            UpdateExperiments::updateRms),
        snr(),
        of(
            "sup-update",
            1000,
            Map.of(
                "after", "worst",
                "after_bias_corrected", "worst_corrected",
                "constant_gradient", "constant"),
            CourseExperiments::supUpdate),
        weightRms(),
        of(
            "total-update",
            500,
            Map.of("mean_field", "total_update", "second_order", "total_update"),
            UpdateExperiments::totalUpdate),
        of(
            "angle",
            40,
            Map.of("mean_field", "angle", "second_order", "angle", "law_of_cosines", "angle"),
            EquilibriumExperiments::angle,
            number("coordinates", "weights of a vector", Domain.COUNT, 500),
            number("steps", "steps to settle", Domain.COUNT, 10_000)),
        of(
            "decay-sums",
            20_000,
            Map.of(
                "mean_of_m", "mean_of_m",
                "mean_of_v", "mean_of_v",
                "variance_of_m", "variance_of_m",
                "variance_approximate", "variance_of_m"),
            CourseExperiments::decaySums),
        of(
            "sign-correlation",
            2000,
            Map.of(
                "mean", "mean",
                "covariance", "covariance",
                "random_walk_factor", "random_walk_factor",
                "long_momentum", "random_walk_factor"),
            CourseExperiments::signCorrelation,
            number("walk", "steps of a walk", Domain.COUNT, 2000)),
        of(
            "batch-magnification",
            2000,
            Map.of(
                "noise_ratio", "noise_ratio",
                "magnification", "magnification",
                "effective_batch", "effective_batch",
                "noise_ratio_after", "noise_ratio_after",
                "mean_after", "mean_after",
                "long_run_signum_rate_ratio", "long_run_signum_rate_ratio"),
            CourseExperiments::batchMagnification),
        of("softsign", 5000, softSign(), StepExperiments::softSign),
        of(
            "sgdm-variance",
            2000,
            Map.of("stationary", "variance", "small_rate", "variance"),
            CourseExperiments::sgdmVariance,
            number("steps", "steps to settle, and again to average", Domain.COUNT, 1000)),
        of(
            "equal-betas",
            1,
            Map.of("mean", "mean", "variance", "variance", "direction", "direction"),
            CourseExperiments::equalBetas),
        signal());
  }

  private static Map<String, String> softSign() {
    Map<String, String> against = new LinkedHashMap<>();
    for (String form : List.of("mean", "mean_slope", "mean_approximate", "mean_mean_field")) {
      against.put(form, "mean");
    }
    for (String form : List.of("second", "second_approximate", "second_mean_field")) {
      against.put(form, "second");
    }
    for (String form :
        List.of("mean_clip", "second_clip", "mean_outside", "second_outside", "scaled_variance")) {
      against.put(form, form);
    }
    return against;
  }

  private static Simulation of(
      String name,
      long repetitions,
      Map<String, String> against,
      BiFunction<Values, Blocks, List<Measurement>> run,
      Parameter... more) {
    Quantity quantity = Quantities.named(name);
    List<Parameter> parameters = new ArrayList<>(quantity.parameters());
    parameters.addAll(List.of(more));
    parameters.add(repetitions(repetitions));
    return new Simulation(
        name,
        quantity.summary(),
        parameters,
        v -> quantity.at(only(v, quantity.parameters())),
        against,
        v -> v.whole("repetitions"),
        run);
  }

  private static Simulation signal() {
    Simulation plain =
        of(
            "signal",
            400,
            Map.of(
                "transient_factor", "transient_factor",
                "largest_beta", "largest_beta",
                "reach_from_zero", "from_zero",
                "reach_from_first", "from_first"),
            SignalExperiments::signal);
    return new Simulation(
        plain.name(),
        plain.summary(),
        plain.parameters(),
        v -> {
          SignalExperiments.decay(v); // refused before the work begins
          return plain.formulas().apply(v);
        },
        plain.against(),
        plain.units(),
        plain.run());
  }

  static Parameter repetitions(long fallback) {
    return number("repetitions", "independent repetitions", Domain.COUNT, (double) fallback);
  }

  /** Those values that a quantity takes. */
  private static Values only(Values v, List<Parameter> parameters) {
    Map<String, String> texts = new LinkedHashMap<>();
    parameters.forEach(p -> texts.put(p.name(), v.text(p.name())));
    return Values.of(parameters, texts);
  }

  private static Simulation snr() {
    return new Simulation(
        "snr",
        "signal-to-noise ratio, recovered from simulated updates and momentum",
        List.of(
            number("beta1", "momentum coefficient", Domain.BETA, 0.9),
            number("beta2", "second-moment coefficient", Domain.BETA, 0.95),
            number("snr", "the ratio that is simulated", Domain.NON_NEGATIVE, 0.1),
            repetitions(500)),
        v -> List.of(truth("from_update_rms", v), truth("from_momentum_ratio", v)),
        Map.of("from_update_rms", "from_update_rms", "from_momentum_ratio", "from_momentum_ratio"),
        v -> v.whole("repetitions"),
        UpdateExperiments::snr);
  }

  private static Formula truth(String key, Values v) {
    return new Formula(
        key,
        "the ratio that was simulated",
        v.number("snr"),
        Unit.RATIO,
        "the inversion's error is what is measured here",
        "independent Gaussian gradients, epsilon = 0, t large",
        "kexue.fm 11267; theory.md §4");
  }

  private static Simulation weightRms() {
    Quantity quantity = Quantities.named("weight-rms");
    List<Parameter> parameters = new ArrayList<>(quantity.parameters());
    parameters.add(number("coordinates", "weights simulated", Domain.COUNT, 10_000));
    parameters.add(choice("bias-correction", "of AdamW's averages", "yes", "no"));
    List<String> keys =
        List.of(
            "mean_field",
            "signal_dominated",
            "quick_estimate",
            "stationary_mean_field",
            "exact_stationary",
            "second_order_stationary",
            "zero_mean",
            "without_decay",
            "exact_finite",
            "recursion",
            "as_printed",
            "slow_decay");
    return new Simulation(
        "weight-rms",
        quantity.summary(),
        parameters,
        v -> quantity.at(only(v, quantity.parameters())),
        keys.stream().collect(Collectors.toMap(key -> key, key -> "weight_rms")),
        WeightRun::units,
        (v, blocks) -> List.of(WeightRun.end(v, blocks)));
  }
}
