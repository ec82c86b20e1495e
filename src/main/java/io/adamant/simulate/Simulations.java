package io.adamant.simulate;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.theory.CoordinateLearningRate;
import io.adamant.theory.DirectionMoments;
import io.adamant.theory.Formula;
import io.adamant.theory.LearningRateCatalogue;
import io.adamant.theory.OptimalLearningRate;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.Quantities;
import io.adamant.theory.Quantity;
import io.adamant.theory.SoftSign;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** All simulations: one entry makes one {@code simulate NAME}. */
public final class Simulations {

  private static final List<Parameter> QUADRATIC =
      List.of(
          choice("hessian", "spectrum of H", "diagonal", "moderate", "power-law"),
          choice("noise", "σ ∝ |g| or one σ", "proportional", "isotropic"),
          number("dimension", "coordinates", Domain.COUNT, 30),
          number("noise-scale", "B_simple at the point", Domain.POSITIVE, 16),
          number("problem", "seed of the quadratic", Domain.WHOLE, 0));

  private Simulations() {}

  /** All of them. */
  public static List<Simulation> all() {
    List<Simulation> all = new ArrayList<>();
    all.add(
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
            UpdateExperiments::updateRms));
    all.add(snr());
    all.add(
        of(
            "sup-update",
            1000,
            Map.of(
                "after", "worst",
                "after_bias_corrected", "worst_corrected",
                "constant_gradient", "constant"),
            CourseExperiments::supUpdate));
    all.add(weightRms());
    all.add(
        of(
            "total-update",
            500,
            Map.of("mean_field", "total_update", "second_order", "total_update"),
            UpdateExperiments::totalUpdate));
    all.add(
        of(
            "decay-sums",
            20_000,
            Map.of(
                "mean_of_m", "mean_of_m",
                "mean_of_v", "mean_of_v",
                "variance_of_m", "variance_of_m",
                "variance_approximate", "variance_of_m"),
            CourseExperiments::decaySums));
    all.add(
        of(
            "sign-correlation",
            2000,
            Map.of(
                "mean", "mean",
                "covariance", "covariance",
                "random_walk_factor", "random_walk_factor",
                "long_momentum", "random_walk_factor"),
            CourseExperiments::signCorrelation,
            number("walk", "steps of a walk", Domain.COUNT, 2000)));
    all.add(noiseScale());
    all.add(
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
            CourseExperiments::batchMagnification));
    all.add(optimalRate());
    Map<String, String> soft = new LinkedHashMap<>();
    for (String form :
        List.of("mean", "mean_clip", "mean_slope", "mean_approximate", "mean_mean_field")) {
      soft.put(form, form.equals("mean_clip") ? "mean_clip" : "mean");
    }
    for (String form :
        List.of("second", "second_clip", "second_approximate", "second_mean_field")) {
      soft.put(form, form.equals("second_clip") ? "second_clip" : "second");
    }
    for (String form : List.of("mean_outside", "second_outside", "scaled_variance")) {
      soft.put(form, form);
    }
    all.add(of("softsign", 5000, soft, StepExperiments::softSign));
    all.add(
        of(
            "sgdm-variance",
            2000,
            Map.of("stationary", "variance", "small_rate", "variance"),
            CourseExperiments::sgdmVariance,
            number("steps", "steps to settle, and again to average", Domain.COUNT, 1000)));
    all.add(
        of(
            "equal-betas",
            1,
            Map.of("mean", "mean", "variance", "variance", "direction", "direction"),
            CourseExperiments::equalBetas));
    return List.copyOf(all);
  }

  /**
   * One by its name.
   *
   * @throws IllegalArgumentException with one line that names them all
   */
  public static Simulation named(String name) {
    return all().stream()
        .filter(simulation -> simulation.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no simulation named %s; allowed: %s"
                        .formatted(
                            name,
                            all().stream()
                                .map(Simulation::name)
                                .collect(Collectors.joining(", ")))));
  }

  private static Simulation of(
      String name,
      long repetitions,
      Map<String, String> against,
      BiFunction<Values, Blocks, List<Measurement>> run,
      Parameter... more) {
    Quantity quantity = Quantities.named(name);
    List<Parameter> own = new ArrayList<>(List.of(more));
    own.add(repetitions(repetitions));
    List<Parameter> parameters = new ArrayList<>(quantity.parameters());
    parameters.addAll(own);
    return new Simulation(
        name,
        quantity.summary(),
        parameters,
        v -> quantity.at(only(v, quantity.parameters())),
        against,
        v -> v.whole("repetitions"),
        run);
  }

  private static Parameter repetitions(long fallback) {
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

  private static Simulation noiseScale() {
    List<Parameter> parameters =
        new ArrayList<>(List.of(number("batch", "batch size B", Domain.POSITIVE, 32)));
    parameters.addAll(QUADRATIC);
    parameters.add(repetitions(400));
    return new Simulation(
        "noise-scale",
        "noise scales of a random quadratic, and what they say of a batch size",
        parameters,
        v -> LearningRateCatalogue.noiseScale(RandomQuadratic.of(v).geometry(), v.number("batch")),
        Map.of(
            "simple", "simple",
            "curved", "curved",
            "efficiency", "efficiency",
            "relative_steps", "relative_steps"),
        v -> v.whole("repetitions"),
        StepExperiments::noiseScale);
  }

  private static Simulation optimalRate() {
    List<Parameter> parameters =
        new ArrayList<>(
            List.of(
                number("beta1", "momentum coefficient", Domain.BETA, 0.9),
                number("beta2", "second-moment coefficient of Adam", Domain.BETA, 0.99),
                number("epsilon", "ε of the soft sign", Domain.POSITIVE, 1),
                number("batch", "batch size B", Domain.POSITIVE, 32)));
    parameters.addAll(QUADRATIC);
    parameters.add(repetitions(400));
    Map<String, String> against = new LinkedHashMap<>();
    for (String key : List.of("sgd", "sgdm", "sign_sgd", "signum", "adam")) {
      against.put(key, key);
    }
    against.put("sign_sgd_erf", "sign_sgd");
    against.put("signum_erf", "signum");
    against.put("adam_long_momentum", "adam");
    against.put("signum_coordinates", "signum");
    against.put("adam_coordinates", "adam");
    against.put("soft_sign", "soft_sign");
    against.put("soft_sign_coordinates", "soft_sign");
    ToLongFunction<Values> units = v -> 6 * v.whole("repetitions");
    return new Simulation(
        "optimal-lr",
        "best learning rate of one step on a random quadratic, by method",
        parameters,
        Simulations::optimalFormulas,
        against,
        units,
        StepExperiments::optimalRate);
  }

  private static List<Formula> optimalFormulas(Values v) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    double batch = v.number("batch");
    double beta1 = v.number("beta1");
    List<Formula> formulas =
        new ArrayList<>(
            LearningRateCatalogue.optimalLearningRate(problem.geometry(), beta1, batch));
    formulas.add(
        coordinates(
            "signum_coordinates",
            "Signum with erf moments a coordinate",
            problem,
            DirectionMoments.signum(beta1),
            batch,
            "median at most 0.3 %"));
    formulas.add(
        coordinates(
            "adam_coordinates",
            "Adam with mean-field moments a coordinate",
            problem,
            DirectionMoments.adam(beta1),
            batch,
            "median 0.1–0.4 %, at most 3 % (beta2 = 0.99)"));
    formulas.add(
        coordinates(
            "soft_sign_coordinates",
            "SoftSignSGD with exact moments a coordinate",
            problem,
            DirectionMoments.softSign(v.number("epsilon")),
            batch,
            "exact"));
    formulas.add(softSign(v, problem));
    return formulas;
  }

  private static Formula coordinates(
      String key,
      String title,
      RandomQuadratic problem,
      DirectionMoments moments,
      double batch,
      String error) {
    return new Formula(
        key,
        title,
        CoordinateLearningRate.optimal(
            moments, problem.gradient(), problem.sigma(), problem.hessian(), batch),
        error,
        "one step, noise independent over coordinates",
        "theory.md §2");
  }

  private static Formula softSign(Values v, RandomQuadratic problem) {
    double epsilon = v.number("epsilon");
    double[] g = problem.gradient();
    double[] nu = new double[g.length];
    double kappaSquare = 0;
    for (int i = 0; i < g.length; i++) {
      nu[i] = SoftSign.value(g[i], epsilon);
      double sigma = problem.sigma()[i];
      kappaSquare += sigma * sigma / (g[i] * g[i] + epsilon * epsilon) / g.length;
    }
    return new Formula(
        "soft_sign",
        "βΣν_i·g_i/(β²νᵀHν + (1 − β²)·tr H)",
        OptimalLearningRate.softSign(
            RandomQuadratic.dot(nu, g),
            problem.curvature(nu),
            problem.geometry().curvatureTrace(),
            SoftSign.strength(kappaSquare, v.number("batch"))),
        "exact given (10) and (13); (13) is 0…+80 % high",
        "one step, noise independent over coordinates",
        "kexue.fm 10563 (14); theory.md §3");
  }
}
