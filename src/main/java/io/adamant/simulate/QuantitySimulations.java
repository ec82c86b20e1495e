package io.adamant.simulate;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.theory.Formula;
import io.adamant.theory.Inputs;
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
import java.util.function.ToLongFunction;

/** Simulations at the inputs of the theory's quantity of the same name, and a few of their own. */
final class QuantitySimulations {

  private QuantitySimulations() {}

  static List<Simulation> all() {
    return List.of(
        of(
            "update-rms",
            "mean_field=adam second_order=adam exact=adam parameter_free=adam sign_type=signum"
                + " ema_sign sgdm",
            UpdateExperiments::updateRms,
            repetitions(500)),
        snr(),
        of(
            "scale-drift",
            "factor first_order=factor",
            UpdateExperiments::scaleDrift,
            repetitions(500)),
        of(
            "sup-update",
            "after=worst after_bias_corrected=worst_corrected constant_gradient=constant",
            CourseExperiments::supUpdate,
            repetitions(1000)),
        weightRms(),
        of(
            "total-update",
            "mean_field=total_update second_order=total_update",
            UpdateExperiments::totalUpdate,
            repetitions(500)),
        of(
            "angle",
            "mean_field=angle second_order=angle law_of_cosines=angle",
            EquilibriumExperiments::angle,
            number("coordinates", "weights of a vector", Domain.COUNT, 500),
            number("steps", "steps to settle", Domain.COUNT, 10_000),
            repetitions(40)),
        of(
            "equilibrium",
            "update_rms spread weight_rms angle fixed_norm_angle matching_step",
            EquilibriumExperiments::anyRule,
            number("coordinates", "weights of a vector", Domain.COUNT, 1000),
            number("steps", "steps to settle", Domain.COUNT, 10_000),
            repetitions(20)),
        of(
            "decay-sums",
            "mean_of_m mean_of_v variance_of_m variance_approximate=variance_of_m",
            CourseExperiments::decaySums,
            repetitions(20_000)),
        of(
            "sign-correlation",
            "mean covariance random_walk_factor long_momentum=random_walk_factor",
            CourseExperiments::signCorrelation,
            number("walk", "steps of a walk", Domain.COUNT, 2000),
            repetitions(2000)),
        of(
            "batch-magnification",
            "noise_ratio magnification effective_batch noise_ratio_after mean_after"
                + " long_run_signum_rate_ratio",
            CourseExperiments::batchMagnification,
            repetitions(2000)),
        of(
            "softsign",
            "mean mean_slope=mean mean_approximate=mean mean_mean_field=mean"
                + " second second_approximate=second second_mean_field=second"
                + " mean_clip second_clip mean_outside second_outside scaled_variance",
            StepExperiments::softSign,
            repetitions(5000)),
        of(
            "sgdm-variance",
            "stationary=variance small_rate=variance",
            CourseExperiments::sgdmVariance,
            number("steps", "steps to settle, and again to average", Domain.COUNT, 1000),
            repetitions(2000)),
        of("equal-betas", "mean variance direction", CourseExperiments::equalBetas, repetitions(1)),
        of(
                "signal",
                "transient_factor largest_beta reach_from_zero=from_zero"
                    + " reach_from_first=from_first",
                SignalExperiments::signal,
                repetitions(400))
            .after(SignalExperiments::decay));
  }

  private static Simulation of(
      String name,
      String against,
      BiFunction<Values, Blocks, List<Measurement>> run,
      Parameter... more) {
    return of(name, Simulation.against(against), v -> v.whole("repetitions"), run, List.of(more));
  }

  private static Simulation of(
      String name,
      Map<String, String> against,
      ToLongFunction<Values> units,
      BiFunction<Values, Blocks, List<Measurement>> run,
      List<Parameter> more) {
    Quantity quantity = Quantities.named(name);
    List<Parameter> parameters = new ArrayList<>(quantity.parameters());
    parameters.addAll(more);
    return new Simulation(name, quantity.summary(), parameters, quantity::at, against, units, run);
  }

  static Parameter repetitions(long fallback) {
    return number("repetitions", "independent repetitions", Domain.COUNT, (double) fallback);
  }

  private static Simulation snr() {
    return new Simulation(
        "snr",
        "signal-to-noise ratio, recovered from simulated updates and momentum",
        List.of(
            Inputs.BETA1,
            Inputs.BETA2,
            number("snr", "the ratio that is simulated", Domain.NON_NEGATIVE, 0.1),
            repetitions(500)),
        v -> List.of(truth("from_update_rms", v), truth("from_momentum_ratio", v)),
        Simulation.against("from_update_rms from_momentum_ratio"),
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
    Map<String, String> against = new LinkedHashMap<>();
    Quantities.named("weight-rms").laws().forEach(law -> against.put(law.key(), "weight_rms"));
    return of(
        "weight-rms",
        against,
        WeightRun::units,
        (v, blocks) -> List.of(WeightRun.end(v, blocks)),
        List.of(
            number("coordinates", "weights simulated", Domain.COUNT, 10_000),
            choice("bias-correction", "of AdamW's averages", "yes", "no")));
  }
}
