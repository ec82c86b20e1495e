package io.adamant.simulate;

import static io.adamant.theory.Parameter.number;

import io.adamant.theory.CoordinateLearningRate;
import io.adamant.theory.DirectionMoments;
import io.adamant.theory.Formula;
import io.adamant.theory.Inputs;
import io.adamant.theory.Parameter;
import io.adamant.theory.Parameter.Domain;
import io.adamant.theory.Quantities;
import io.adamant.theory.Unit;
import io.adamant.theory.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Simulations of one step on a random quadratic, whose sums the formulas are evaluated at. */
final class QuadraticSimulations {

  private static final Parameter BETA2 =
      number("beta2", "second-moment coefficient of Adam", Domain.BETA, 0.99);
  private static final Parameter EPSILON =
      number("epsilon", "ε of the soft sign", Domain.POSITIVE, 1);
  private static final List<Parameter> DIAGONAL_FIRST =
      RandomQuadratic.inputs("point", "diagonal", "moderate", "power-law");
  private static final List<Parameter> POWER_LAW_FIRST =
      RandomQuadratic.inputs("point", "power-law", "moderate", "diagonal");

  private QuadraticSimulations() {}

  static List<Simulation> all() {
    return List.of(
        new Simulation(
            "noise-scale",
            "noise scales of a random quadratic, and what they say of a batch size",
            parameters(DIAGONAL_FIRST, 400, Inputs.BATCH),
            v -> formulas("noise-scale", RandomQuadratic.of(v), Map.of("batch", v.text("batch"))),
            Simulation.against("simple curved efficiency relative_steps"),
            v -> v.whole("repetitions"),
            StepExperiments::noiseScale),
        new Simulation(
            "optimal-lr",
            "best learning rate of one step on a random quadratic, by method",
            parameters(DIAGONAL_FIRST, 400, Inputs.BETA1, BETA2, EPSILON, Inputs.BATCH),
            QuadraticSimulations::optimalFormulas,
            Simulation.against(
                "sgd sgdm sign_sgd signum adam soft_sign sign_sgd_erf=sign_sgd signum_erf=signum"
                    + " adam_long_momentum=adam signum_coordinates=signum adam_coordinates=adam"
                    + " soft_sign_coordinates=soft_sign"),
            v -> 6 * v.whole("repetitions"),
            StepExperiments::optimalRate),
        new Simulation(
            "surge",
            "batch size of the largest best rate of one step on a random quadratic, and its fall",
            parameters(POWER_LAW_FIRST, 200, Inputs.BETA1, BETA2),
            v -> formulas("surge", RandomQuadratic.of(v), Map.of("beta1", v.text("beta1"))),
            Simulation.against(
                "sign_sgd sign_sgd_erf=sign_sgd signum signum_erf=signum adam adam_diagonal=adam"
                    + " adam_diagonal_fall=adam_fall"),
            v -> 3L * RatePeak.count() * v.whole("repetitions"),
            SurgeExperiments::surge),
        new Simulation(
            "softsign-lr",
            "best rate of one SoftSign step on a random quadratic, its surge and its limit ε → ∞",
            parameters(POWER_LAW_FIRST, 400, EPSILON, Inputs.BATCH),
            QuadraticSimulations::softSignFormulas,
            Simulation.against(
                "strength soft_sign surge large_epsilon large_epsilon_as_printed=large_epsilon"
                    + " soft_sign_coordinates=soft_sign"),
            v -> (3L + RatePeak.count()) * v.whole("repetitions"),
            SurgeExperiments::softSign));
  }

  /** Inputs of a simulation: its own, the quadratic's, and a count of repetitions. */
  private static List<Parameter> parameters(
      List<Parameter> quadratic, long repetitions, Parameter... own) {
    List<Parameter> all = new ArrayList<>(List.of(own));
    all.addAll(quadratic);
    all.add(QuantitySimulations.repetitions(repetitions));
    return all;
  }

  /** Those of a quantity at the sums of a quadratic. */
  private static List<Formula> formulas(
      String quantity, RandomQuadratic problem, Map<String, String> more) {
    Map<String, String> inputs = Inputs.of(problem.geometry());
    inputs.putAll(more);
    return new ArrayList<>(Quantities.named(quantity).at(inputs));
  }

  private static List<Formula> optimalFormulas(Values v) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    double beta1 = v.number("beta1");
    List<Formula> formulas =
        formulas("optimal-lr", problem, Map.of("beta1", v.text("beta1"), "batch", v.text("batch")));
    formulas.add(
        coordinates(
            "signum_coordinates",
            "Signum with erf moments a coordinate",
            "median at most 0.3 %",
            DirectionMoments.signum(beta1),
            problem,
            v));
    formulas.add(
        coordinates(
            "adam_coordinates",
            "Adam with mean-field moments a coordinate",
            "median 0.1–0.4 %, at most 3 % (beta2 = 0.99)",
            DirectionMoments.adam(beta1),
            problem,
            v));
    formulas.add(softSignCoordinates(problem, v));
    softSign(problem, v).stream().filter(f -> f.key().equals("soft_sign")).forEach(formulas::add);
    return formulas;
  }

  private static List<Formula> softSignFormulas(Values v) {
    RandomQuadratic problem = RandomQuadratic.of(v);
    List<Formula> formulas = softSign(problem, v);
    formulas.add(softSignCoordinates(problem, v));
    return formulas;
  }

  private static Formula softSignCoordinates(RandomQuadratic problem, Values v) {
    return coordinates(
        "soft_sign_coordinates",
        "SoftSignSGD with exact moments a coordinate",
        "exact",
        DirectionMoments.softSign(v.number("epsilon")),
        problem,
        v);
  }

  private static Formula coordinates(
      String key,
      String title,
      String error,
      DirectionMoments moments,
      RandomQuadratic problem,
      Values v) {
    return new Formula(
        key,
        title,
        CoordinateLearningRate.optimal(
            moments, problem.gradient(), problem.sigma(), problem.hessian(), v.number("batch")),
        Unit.LEARNING_RATE,
        error,
        "one step, noise independent over coordinates",
        "theory.md §2");
  }

  private static List<Formula> softSign(RandomQuadratic problem, Values v) {
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
    return formulas(
        "softsign-lr",
        problem,
        Map.of(
            "alignment", Double.toString(RandomQuadratic.dot(nu, g)),
            "soft-curvature", Double.toString(problem.curvature(nu)),
            "kappa-square", Double.toString(kappaSquare),
            "sigma-square", Double.toString(sigmaSquare),
            "batch", v.text("batch")));
  }
}
