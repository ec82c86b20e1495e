package io.adamant.optim;

import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An optimizer with settings: what the contract is held against. */
record Variant(String type, Map<String, Object> settings, boolean vector) {
  static final int ROWS = 6;
  static final int COLS = 9;
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
        of("muon"),
        of("muon", "nesterov", false, "ns_steps", 3.0),
        of("muon_hidden", "ns_eps", 0.0),
        of("muon_hidden", "ns_eps", 0.0, "nesterov", false, "scale", "match_rms_adamw"),
        of("muon_hidden", "ns_eps", 0.0, "iteration", "convergent", "ns_steps", 12.0),
        of("normuon", "ns_eps", 0.0),
        of("normuon", "ns_eps", 0.0, "eps", 0.0, "means", "longer_side"),
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
        new Variant("muon", Map.of("adam_eps", 0.1), true));
  }

  /** Variants to which the scale matters only while gradients are small. */
  static Stream<Variant> clipped() {
    return Stream.of(of("mars", "form", "shampoo"));
  }

  /** Each type as it comes, without settings. */
  static Stream<Variant> plain() {
    return Rules.types().stream().filter(Variant::registered).map(Variant::of);
  }

  static Stream<Variant> all() {
    return Stream.of(plain(), scaleInvariant(), scaleDependent(), clipped())
        .flatMap(s -> s)
        .distinct();
  }

  private static boolean registered(String type) {
    return Optimizers.all().stream().anyMatch(p -> p.type().equals(type));
  }

  int[] shape() {
    return vector ? new int[] {SIZE} : new int[] {ROWS, COLS};
  }

  /** The plain-double rule. */
  Rule rule() {
    return rule(shape());
  }

  Rule rule(int... shape) {
    return Rules.create(type, settings, shape);
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
