package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.optim.OptimizerContract.Verdict;
import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An optimizer with settings: what the contract is held against. */
record Variant(String type, Map<String, Object> settings, boolean vector) {
  static final int ROWS = 7;
  static final int COLS = 8; // one null direction, which has one basis
  static final int SIZE = ROWS * COLS;

  static Variant of(String type, Object... keysAndValues) {
    Map<String, Object> settings = new TreeMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return new Variant(type, settings, false);
  }

  /** Variants whose direction ignores a positive factor on all gradients. */
  static Stream<Variant> scaleInvariant() {
    return Stream.of(
        of("signum"),
        of("signum", "init", "gradient"),
        of("rmsprop", "eps", 0.0),
        of("rmsprop", "eps", 0.0, "bias_correction", false),
        of("adamw", "eps", 0.0),
        of("adamw", "eps", 0.0, "beta1", 0.9, "beta2", 0.999, "bias_correction", false),
        of("adamw", "eps", 0.0, "init", "gradient"),
        of("softsign_sgd", "eps", 0.0),
        of("softsign_adam", "eps", 0.0),
        of("softsign_adam", "eps", 0.0, "bias_correction", false),
        of("adavar", "eps", 0.0),
        of("adavar", "eps", 0.0, "gamma", 0.5, "tau", 0.8),
        of("signsgd"),
        of("emasign"),
        of("lion"),
        of("lion", "beta1", 0.95, "beta2", 0.8),
        of("muon", "adam_eps", 0.0),
        of("muon", "adam_eps", 0.0, "nesterov", false, "ns_steps", 3.0),
        of("muon_hidden", "ns_eps", 0.0),
        of("muon_hidden", "ns_eps", 0.0, "nesterov", false, "scale", "match_rms_adamw"),
        of("muon_hidden", "ns_eps", 0.0, "iteration", "convergent", "ns_steps", 12.0),
        of("normuon", "ns_eps", 0.0),
        of("normuon", "ns_eps", 0.0, "eps", 0.0, "means", "longer_side"),
        of("soap", "eps", 0.0),
        of("soap", "eps", 0.0, "precondition_frequency", 2.0, "normalize_grads", true),
        of("scion", "ns_eps", 0.0, "norm", "spectral_max"),
        of("scion", "norm", "sign"),
        of("scion", "norm", "column_norm", "eps", 0.0),
        of("scion", "norm", "row_norm", "eps", 0.0),
        of("scion_others", "norm", "row_norm", "eps", 0.0),
        new Variant("scion_others", Map.of("eps", 0.0), true),
        new Variant("muon", Map.of("adam_eps", 0.0), true));
  }

  /** Variants whose direction depends on the gradients' scale. */
  static Stream<Variant> scaleDependent() {
    return Stream.of(
        of("sgd"),
        of("sgdm"),
        of("sgdm", "dampening", 0.0),
        of("sgdm", "dampening", 0.9, "beta1", 0.8),
        of("sgdm", "coordinate_clip", 0.1),
        of("signum", "mollifier", 0.1),
        of("rmsprop", "eps", 0.1),
        of("adamw", "eps", 0.1),
        of("adamw", "eps", 0.1, "correction", "rate", "eps_root", 0.01),
        of("adamw", "eps", 0.1, "beta1", 0.8, "beta2", 0.9, "bias_correction", false),
        of("softsign_adam", "eps", 0.1),
        of("softsign_adam", "eps", 0.1, "denominator", "outside"),
        of("softsign_sgd", "eps", 0.1),
        of("softsign_sgd", "eps", 0.1, "denominator", "outside"),
        of("adavar", "eps", 0.1),
        of("muon_hidden", "ns_eps", 10.0),
        of("soap", "eps", 0.1, "precondition_frequency", 1.0, "bias_correction", false),
        of("soap", "eps", 0.1, "shampoo_beta", 0.8, "max_precond_dim", 7.0),
        of("shampoo", "eps", 1.0, "precondition_frequency", 3.0),
        of("shampoo", "eps", 10.0, "exponent", 0.5, "right_statistics", "preconditioned"),
        of("shampoo", "eps", 1.0, "beta1", 0.9, "max_precond_dim", 7.0),
        of("shampoo_google", "ridge", 0.1, "ridge_stays", true, "statistics_frequency", 2.0),
        of("shampoo_google", "ridge", 0.1, "beta2", 0.9, "nesterov", "none", "graft", "adagrad"),
        of("shampoo_google", "nesterov", "twice", "start_preconditioning_step", 6.0),
        of("shampoo_google", "graft", "adagrad", "start_preconditioning_step", 9.0),
        of(
            "shampoo_google",
            "graft",
            "adagrad",
            "before_start",
            "gradient",
            "eps",
            0.1,
            "start_preconditioning_step",
            9.0,
            "decay_in_momentum",
            0.1),
        of("shampoo_google", "precondition_frequency", 3.0, "max_precond_dim", 7.0),
        of("schedulefree_plus", "r", 2.0, "c_warmup", 3.0, "correction", "stored"),
        of("schedulefree_plus", "beta1_steps", 20.0, "polyak_beta", 0.0),
        of("psgd_kron", "damping", "stays", "max_rms", 0.0, "precond_init_scale", 0.1),
        of("psgd_kron", "probed", "gradient", "max_precond_dim", 7.0),
        new Variant("psgd_kron", Map.of("max_rms", 0.0), true),
        new Variant("muon", Map.of("adam_eps", 0.1), true));
  }

  /** Variants to which the scale matters only while gradients are small. */
  static Stream<Variant> clipped() {
    return Stream.of(
        of("mars", "form", "shampoo"),
        of("mars", "difference", "exact", "gamma", 0.1, "vectors", "mars"));
  }

  /** Each type as it comes, without settings. */
  static Stream<Variant> plain() {
    return Rules.types().stream().map(Variant::of);
  }

  static Stream<Variant> all() {
    return Stream.of(plain(), scaleInvariant(), scaleDependent(), clipped())
        .flatMap(s -> s)
        .distinct();
  }

  boolean takes(long... shape) {
    return Optimizers.definition(type).takes(new Shape(shape));
  }

  int[] shape() {
    return vector ? new int[] {SIZE} : new int[] {ROWS, COLS};
  }

  /** The real optimizer, with the rate and the decay that runs have. */
  FusedOptimizer optimizer() {
    LearningRate rate = LearningRate.constant(ParameterRun.RATE);
    return Optimizers.create(type, settings, rate, ParameterRun.DECAY);
  }

  KernelRun run(DataType dataType, double[] weights) {
    return new KernelRun(optimizer(), dataType, weights, shape());
  }

  /** What is true of the formula with these settings, and what the file claims of its defaults. */
  OptimizerClaims claims() {
    OptimizerClaims own = Optimizers.definition(type).claims();
    boolean claimed = settings.isEmpty() && own.scaleInvariant();
    boolean invariant = claimed || scaleInvariant().anyMatch(this::equals);
    OptionalDouble bound = settings.isEmpty() && bound().isEmpty() ? own.bound() : bound();
    // The inputs of a step are not mirrored with the gradients.
    boolean odd = !type.equals("psgd_kron") && !settings.containsValue("exact");
    return new OptimizerClaims(odd, invariant, bound);
  }

  /** The contract, the claims, and that the scale matters where it is said to. */
  void assertHolds(List<OptimizerContract.Finding> findings) {
    assertThat(findings)
        .as("%s", this)
        .isNotEmpty()
        .noneMatch(found -> found.verdict() == Verdict.FAILS)
        .filteredOn(found -> found.property().equals(OptimizerContract.SCALE_INVARIANT))
        .filteredOn(found -> scaleDependent().anyMatch(this::equals))
        .allMatch(found -> found.verdict() == Verdict.ABSENT);
  }

  /** sup |u|; empty where the direction grows with the gradient, or nothing is known. */
  private OptionalDouble bound() {
    var all = Optimizers.definition(type).resolve(settings, "optimizer");
    double beta1 = all.get("beta1") instanceof Double x ? x : 0;
    double beta2 = all.get("beta2") instanceof Double x ? x : 0;
    double clip = all.get("coordinate_clip") instanceof Double c ? c : 0;
    return switch (type) {
      case "signsgd", "signum", "emasign", "softsign_sgd", "adavar", "lion" -> OptionalDouble.of(1);
      // Equal betas: Cauchy-Schwarz, for weights that add up to at most 1.
      case "adamw", "softsign_adam" -> OptionalDouble.of(beta1 == beta2 ? 1 : adam(beta1, beta2));
      case "rmsprop" -> OptionalDouble.of(1 / Math.sqrt(1 - beta2));
      default -> clip > 0 ? OptionalDouble.of(clip) : OptionalDouble.empty();
    };
  }

  private static double adam(double beta1, double beta2) {
    return (1 - beta1) / Math.sqrt((1 - beta2) * (1 - beta1 * beta1 / beta2));
  }

  /** The plain-double rule. */
  Rule rule() {
    return rule(shape());
  }

  Rule rule(int... shape) {
    Rule rule = Rules.create(type, settings, shape);
    rule.takeFrom(Gradients::input);
    return rule;
  }

  /** Whether the direction comes from a Newton-Schulz iteration, which amplifies roundings. */
  boolean newtonSchulz() {
    return type.contains("muon")
        ? !vector
        : settings.containsValue("shampoo") || (type.equals("scion") && !sign() && !byLine());
  }

  private boolean byLine() {
    return settings.getOrDefault("norm", "").toString().endsWith("_norm");
  }

  /** Whether the direction is a sign, which a rounding of its argument near 0 can turn over. */
  boolean sign() {
    boolean mollified = settings.get("mollifier") instanceof Double x && x > 0;
    return type.equals("signsgd")
        || type.endsWith("lion")
        || (type.equals("signum") && !mollified)
        || settings.containsValue("sign")
        || (type.equals("scion_others") && !vector && !byLine());
  }

  /** What a sign rule takes the sign of, from the rule's state before and after the step. */
  double[] signed(Map<String, double[]> before, Map<String, double[]> after, double[] g) {
    if (type.equals("signsgd")) {
      return g;
    } else if (type.equals("signum") || type.startsWith("scion")) {
      return after.get("m");
    }
    double beta1 = (Double) settings.getOrDefault("beta1", Rules.defaults(type).get("beta1"));
    double[] x = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      x[i] = beta1 * before.get("m")[i] + (1 - beta1) * g[i];
    }
    return x;
  }

  @Override
  public String toString() {
    return type + settings + (vector ? " on a vector" : "");
  }
}
