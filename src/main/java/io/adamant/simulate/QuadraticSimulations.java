package io.adamant.simulate;

import static io.adamant.theory.Parameter.choice;
import static io.adamant.theory.Parameter.number;

import io.adamant.theory.CoordinateLearningRate;
import io.adamant.theory.DirectionMoments;
import io.adamant.theory.Formula;
import io.adamant.theory.LearningRateCatalogue;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.StepCatalogue;
import io.adamant.theory.Unit;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Simulations of one step on a random quadratic, whose sums the formulas are evaluated at. */
final class QuadraticSimulations {

  private static final Parameter BATCH =
      number("batch", "batch size B (samples)", Domain.POSITIVE, 32);
  private static final Parameter BETA1 = number("beta1", "momentum coefficient", Domain.BETA, 0.9);
  private static final Parameter BETA2 =
      number("beta2", "second-moment coefficient of Adam", Domain.BETA, 0.99);
  private static final Parameter EPSILON =
      number("epsilon", "ε of the soft sign", Domain.POSITIVE, 1);
  private static final Parameter PROPORTIONAL =
      choice("noise", "σ ∝ |g| or one σ", "proportional", "isotropic");

  private QuadraticSimulations() {}

  static List<Simulation> all() {
    return List.of(noiseScale(), optimalRate(), surge(), softSignRate());
  }

  /** Inputs of a simulation: its own, the quadratic's, and a count of repetitions. */
  private static List<Parameter> parameters(
      Parameter hessian, Parameter noise, long repetitions, Parameter... own) {
    List<Parameter> all = new ArrayList<>(List.of(own));
    all.add(hessian);
    all.add(noise);
    all.add(number("dimension", "coordinates", Domain.COUNT, 30));
    all.add(number("noise-scale", "B_simple at the point", Domain.POSITIVE, 16));
    all.add(number("problem", "seed of the quadratic", Domain.WHOLE, 0));
    all.add(QuantitySimulations.repetitions(repetitions));
    return all;
  }

  private static Parameter hessian(String... spectra) {
    return choice("hessian", "spectrum of H", spectra);
  }

  private static Simulation noiseScale() {
    return new Simulation(
        "noise-scale",
        "noise scales of a random quadratic, and what they say of a batch size",
        parameters(hessian("diagonal", "moderate", "power-law"), PROPORTIONAL, 400, BATCH),
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
    Map<String, String> against = new LinkedHashMap<>();
    for (String key : List.of("sgd", "sgdm", "sign_sgd", "signum", "adam", "soft_sign")) {
      against.put(key, key);
    }
    against.put("sign_sgd_erf", "sign_sgd");
    against.put("signum_erf", "signum");
    against.put("adam_long_momentum", "adam");
    against.put("signum_coordinates", "signum");
    against.put("adam_coordinates", "adam");
    against.put("soft_sign_coordinates", "soft_sign");
    return new Simulation(
        "optimal-lr",
        "best learning rate of one step on a random quadratic, by method",
        parameters(
            hessian("diagonal", "moderate", "power-law"),
            PROPORTIONAL,
            400,
            BETA1,
            BETA2,
            EPSILON,
            BATCH),
        QuadraticSimulations::optimalFormulas,
        against,
        v -> 6 * v.whole("repetitions"),
        StepExperiments::optimalRate);
  }

  private static Simulation surge() {
    return new Simulation(
        "surge",
        "batch size of the largest best rate of one step on a random quadratic, and its fall",
        parameters(hessian("power-law", "moderate", "diagonal"), PROPORTIONAL, 200, BETA1, BETA2),
        v -> LearningRateCatalogue.surge(RandomQuadratic.of(v).geometry(), v.number("beta1")),
        Map.of(
            "sign_sgd", "sign_sgd",
            "sign_sgd_erf", "sign_sgd",
            "signum", "signum",
            "signum_erf", "signum",
            "adam", "adam",
            "adam_diagonal", "adam",
            "adam_diagonal_fall", "adam_fall"),
        v -> 3L * RatePeak.count() * v.whole("repetitions"),
        SurgeExperiments::surge);
  }

  private static Simulation softSignRate() {
    Map<String, String> against = new LinkedHashMap<>();
    for (String key : List.of("strength", "soft_sign", "surge", "large_epsilon")) {
      against.put(key, key);
    }
    against.put("large_epsilon_as_printed", "large_epsilon");
    against.put("soft_sign_coordinates", "soft_sign");
    return new Simulation(
        "softsign-lr",
        "best rate of one SoftSign step on a random quadratic, its surge and its limit ε → ∞",
        parameters(hessian("power-law", "moderate", "diagonal"), PROPORTIONAL, 400, EPSILON, BATCH),
        QuadraticSimulations::softSignFormulas,
        against,
        v -> (3L + RatePeak.count()) * v.whole("repetitions"),
        SurgeExperiments::softSign);
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
    formulas.add(softSignCoordinates(v, problem));
    softSign(v, problem).stream().filter(f -> f.key().equals("soft_sign")).forEach(formulas::add);
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
        Unit.LEARNING_RATE,
        error,
        "one step, noise independent over coordinates",
        "theory.md §2");
  }

  private static List<Formula> softSignFormulas(Values v) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    List<Formula> formulas = new ArrayList<>(softSign(v, problem));
    formulas.add(softSignCoordinates(v, problem));
    return formulas;
  }

  private static Formula softSignCoordinates(Values v, RandomQuadratic problem) {
    return coordinates(
        "soft_sign_coordinates",
        "SoftSignSGD with exact moments a coordinate",
        problem,
        DirectionMoments.softSign(v.number("epsilon")),
        v.number("batch"),
        "exact");
  }

  private static List<Formula> softSign(Values v, RandomQuadratic problem) {
    double epsilon = v.number("epsilon");
    double[] g = problem.gradient();
    double[] nu = problem.softSigns(epsilon);
    double kappaSquare = 0;
    double sigmaSquare = 0;
    for (int i = 0; i < g.length; i++) {
      double square = problem.sigma()[i] * problem.sigma()[i];
      kappaSquare += square / (g[i] * g[i] + epsilon * epsilon) / g.length;
      sigmaSquare += square / g.length;
    }
    return StepCatalogue.softSignLearningRate(
        problem.geometry(),
        RandomQuadratic.dot(nu, g),
        problem.curvature(nu),
        kappaSquare,
        sigmaSquare,
        v.number("batch"));
  }
}
