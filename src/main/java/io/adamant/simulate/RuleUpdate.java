package io.adamant.simulate;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import io.adamant.theory.Equilibrium;
import io.adamant.theory.NoiseUpdate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The update of any rule on pure noise: a formula of theory.md &sect;12 where there is one, else a
 * Monte Carlo of the rule itself in double arithmetic, on a matrix of 32 × 32.
 *
 * @param name the rule with the settings that it was asked for
 * @param update its RMS and its correlations
 * @param rmsError half-width of the 95 % interval of the RMS, relative; 0 of a formula
 * @param spreadError the same of c = 1 + 2&nbsp;&Sigma;&rho;_k
 * @param stated how far both are off, in words
 */
@PublicApi
public record RuleUpdate(
    String name, NoiseUpdate update, double rmsError, double spreadError, String stated) {

  private static final int SIDE = 32; // of the matrix
  private static final int LONGEST = 2000; // steps of memory
  private static final int PARTS = 4; // repetitions of a Monte Carlo
  private static final long SEED = 24;

  /** Relative: what an epsilon of 1e-6 does to gradients of 0.01 is below, SGD is far above. */
  private static final double SAME = 1e-3;

  private static final double STEADY = 0.05; // of RMS(u), between two stretches of steps
  private static final double SMALL = 1e-2; // of gradients: MARS clips none whose norm is below 1

  /** Settings that say what is done with an update, or that concern other parameters. */
  private static final List<String> BESIDE = List.of("decay", "decay_on");

  private static final Map<Map<String, Object>, RuleUpdate> KNOWN = new ConcurrentHashMap<>();

  /**
   * The update of a rule.
   *
   * @param type such as {@code muon}
   * @param given its settings by name; the others have their defaults
   * @return found once for each rule and its settings
   * @throws InputException if there is no such rule, it has no such setting, or its update is not
   *     one of a size and memory of its own
   */
  public static RuleUpdate of(String type, Map<String, ?> given) {
    if (!Rules.types().contains(type)) {
      throw new InputException(
          "no theory of the updates of %s; allowed: %s"
              .formatted(type, String.join(", ", Rules.types())));
    }
    Map<String, Object> settings = new TreeMap<>(given);
    settings.keySet().removeIf(key -> BESIDE.contains(key) || key.startsWith("others"));
    for (String key : List.of("constraint", "update_floor", "update_ceiling")) {
      if (!settings.getOrDefault(key, "none").equals("none")) {
        throw new InputException(
            "no theory of the updates of %s with %s: %s".formatted(type, key, settings.get(key)));
      }
    }
    Map<String, Object> key = new HashMap<>(settings);
    key.put("type", type);
    RuleUpdate known = KNOWN.get(key);
    if (known == null) {
      known = found(type, settings);
      KNOWN.put(key, known);
    }
    return known;
  }

  /**
   * Whether {@link #of} takes a formula, and not half a minute of simulation.
   *
   * @param type any
   * @param given its settings by name; the others have their defaults
   * @return false for a type without rule as well
   */
  public static boolean isFormula(String type, Map<String, ?> given) {
    if (!Rules.types().contains(type)) {
      return false;
    }
    Map<String, Object> all = new HashMap<>(Rules.defaults(type));
    all.putAll(given);
    return formula(type, all).isPresent();
  }

  private static Optional<NoiseUpdate> formula(String type, Map<String, Object> all) {
    return asFormula(type, all)
        ? Equilibrium.update(type, key -> ((Number) all.get(key)).doubleValue())
        : Optional.empty();
  }

  private static RuleUpdate found(String type, Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(Rules.defaults(type));
    all.putAll(settings);
    String name = name(type, settings);
    Optional<NoiseUpdate> formula = formula(type, all);
    if (formula.isEmpty()) {
      return simulated(type, name, settings, all);
    }
    boolean exact = formula.get().meanField() == formula.get();
    String spread =
        type.equals("cautious_adamw") ? "1.5 % for beta2 ≥ 0.9" : "1 % for v's beta ≥ 0.8";
    RuleUpdate update =
        new RuleUpdate(
            name,
            formula.get(),
            0,
            0,
            exact && !type.equals("cautious_adamw")
                ? type + " exact"
                : type + " RMS(u) exact, c within " + spread);
    if (!Double.isFinite(update.rms())) {
      throw new InputException("RMS(u) of " + name + " is infinite on pure noise");
    }
    return update;
  }

  private static String name(String type, Map<String, Object> settings) {
    return settings.isEmpty() ? type : type + " " + settings.toString().replaceAll("[{}]", "");
  }

  /** Whether the direction is the one that the formulas are of. */
  private static boolean asFormula(String type, Map<String, Object> all) {
    boolean averaged =
        !all.getOrDefault("momentum", "plain").equals("plain") || positive(all, "slow_alpha");
    boolean masked = !all.getOrDefault("mask", "none").equals("none");
    boolean warming = positive(all, "alpha_warmup") || positive(all, "beta3_warmup");
    boolean soft = positive(all, "mollifier");
    boolean other = type.equals("mars") && !"adamw".equals(all.get("form"));
    return !averaged && !masked && !warming && !soft && !other;
  }

  private static boolean positive(Map<String, Object> all, String key) {
    return all.get(key) instanceof Number number && number.doubleValue() > 0;
  }

  private static RuleUpdate simulated(
      String type, String name, Map<String, Object> settings, Map<String, Object> all) {
    checkOwnRate(type, name, settings);
    double large = size(type, settings, 1);
    double small = size(type, settings, SMALL);
    if (!(large > 0) || !(Math.abs(small / large - 1) < SAME)) {
      throw new InputException(
          "no theory of the updates of %s: their size goes with the gradient's".formatted(name));
    }
    int memory = memory(all);
    List<DirectionExperiment> parts =
        IntStream.range(0, PARTS)
            .parallel()
            .mapToObj(part -> experiment(type, name, settings, memory, part))
            .toList();
    Measurement rms = together(parts, DirectionExperiment::updateRms);
    Measurement spread = together(parts, DirectionExperiment::spread);
    if (!(spread.value() > 0)) {
      throw new InputException("no theory of the updates of " + name + ": they undo each other");
    }
    double rmsError = rms.halfWidth() / rms.value();
    double spreadError = spread.halfWidth() / spread.value();
    return new RuleUpdate(
        name,
        new Simulated(rms.value(), spread.value()),
        rmsError,
        spreadError,
        String.format(
            Locale.ROOT,
            "%s Monte Carlo on a matrix of %d × %d, RMS(u) ± %.2g %%, c ± %.2g %% (95 %%)",
            type,
            SIDE,
            SIDE,
            100 * rmsError,
            100 * spreadError));
  }

  private static DirectionExperiment experiment(
      String type, String name, Map<String, Object> settings, int memory, int part) {
    Rule rule = create(type, settings);
    double[] idle = new double[SIDE * SIDE];
    double[] squares = new double[5]; // by stretches as long as the memory
    int[] step = {0};
    UnaryOperator<double[]> counted =
        g -> {
          double[] u = rule.step(idle, g, 0, 0);
          squares[Math.min(4, step[0]++ / memory)] += RandomQuadratic.dot(u, u);
          return u;
        };
    DirectionExperiment found =
        DirectionExperiment.of(counted, SIDE * SIDE, memory, 0, SMALL, SEED + part);
    if (!(Math.abs(Math.sqrt(squares[4] / squares[2]) - 1) < STEADY)) {
      throw new InputException(
          "no theory of the updates of %s: their size still changes after %s steps"
              .formatted(name, 2 * memory));
    }
    return found;
  }

  /** The mean of independent estimates. */
  private static Measurement together(
      List<DirectionExperiment> parts, Function<DirectionExperiment, Measurement> of) {
    double value = 0;
    double square = 0;
    for (DirectionExperiment part : parts) {
      Measurement one = of.apply(part);
      value += one.value() / parts.size();
      square += one.halfWidth() * one.halfWidth() / parts.size() / parts.size();
    }
    return new Measurement("together", "mean of independent parts", value, Math.sqrt(square));
  }

  /**
   * Turns away a rule that looks at rate or weights, moves them itself, or takes other gradients.
   */
  private static void checkOwnRate(String type, String name, Map<String, Object> settings) {
    Rule idle = create(type, settings);
    Rule moving = create(type, settings);
    int size = SIDE * SIDE;
    double rate = 0.1;
    double[] still = new double[size];
    double[] w = new double[size];
    double[] g = new double[size];
    GaussianSource noise = new GaussianSource(SEED);
    noise.fill(w);
    boolean own =
        idle.inputs().isEmpty()
            && idle.state().values().stream()
                .noneMatch(state -> state.length == 1); // of all weights
    for (int t = 0; t < 5 && own; t++) {
      noise.fill(g);
      Arrays.setAll(g, i -> SMALL * g[i]);
      double[] before = w.clone();
      double[] u = moving.step(w, g, rate, 0);
      double[] v = idle.step(still, g, 0, 0);
      double off = 0;
      for (int i = 0; i < size; i++) {
        off += Math.abs(u[i] - v[i]) + Math.abs((before[i] - w[i]) / rate - u[i]);
      }
      own = off <= 1e-9 * size * (1 + Math.sqrt(RandomQuadratic.dot(u, u) / size));
    }
    if (!own) {
      throw new InputException(
          "no theory of the updates of %s: they do not follow from the gradients alone"
              .formatted(name));
    }
  }

  private static double size(String type, Map<String, Object> settings, double scale) {
    Rule rule = create(type, settings);
    GaussianSource noise = new GaussianSource(SEED);
    double[] g = new double[SIDE * SIDE];
    double[] idle = new double[SIDE * SIDE];
    double total = 0;
    for (int t = 0; t < 30; t++) {
      noise.fill(g);
      Arrays.setAll(g, i -> scale * g[i]);
      double[] u = rule.step(idle, g, 0, 0);
      total += RandomQuadratic.dot(u, u);
    }
    return Math.sqrt(total);
  }

  private static Rule create(String type, Map<String, Object> settings) {
    try {
      return Rules.create(type, settings, SIDE, SIDE);
    } catch (IllegalArgumentException e) {
      throw new InputException(e.getMessage(), e);
    }
  }

  private static int memory(Map<String, Object> all) {
    double slowest =
        all.entrySet().stream()
            .filter(setting -> setting.getKey().contains("beta"))
            .map(Map.Entry::getValue)
            .filter(Number.class::isInstance)
            .mapToDouble(value -> ((Number) value).doubleValue())
            .filter(value -> value < 1)
            .max()
            .orElse(0);
    return (int) Math.min(LONGEST, Math.max(20, Math.ceil(6 / (1 - slowest))));
  }

  /** RMS(u) over coordinates. */
  public double rms() {
    return update.rms();
  }

  /** c = 1 + 2&nbsp;&Sigma;&rho;_k. */
  public double spread() {
    return update.spread();
  }

  /** The covariance is taken to be σ²q^k with q = (c − 1)/(c + 1), which has the sum c. */
  private record Simulated(double rms, double spread) implements NoiseUpdate {
    @Override
    public double correlation(double discount) {
      double q = (spread - 1) / (spread + 1);
      return (1 + q * discount) / (1 - q * discount);
    }
  }
}
