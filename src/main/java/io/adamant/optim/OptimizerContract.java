package io.adamant.optim;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.base.InputException;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * What every optimizer has to hold to, and what its file claims of itself, tried on the real kernel
 * with seeded Gaussian gradients on a matrix and on a vector.
 */
public final class OptimizerContract {

  /** What came of a property. */
  public enum Verdict {
    /** It holds. */
    HOLDS,
    /** It does not hold, and has to, or is claimed. */
    FAILS,
    /** It holds, though the file does not claim it. */
    NOT_CLAIMED,
    /** It does not hold, and need not. */
    ABSENT
  }

  /**
   * One property.
   *
   * @param property what was tried
   * @param verdict what came of it
   * @param detail the number found, or the first deviation
   */
  public record Finding(String property, Verdict verdict, String detail) {}

  private static final int[][] SHAPES = {{7, 8}, {56}};
  private static final int STEPS = 12;
  private static final double RATE = 0.03;
  private static final double DECAY = 0.2;
  private static final Pattern RANDOM =
      Pattern.compile("\\b(rand\\w*|bernoulli\\w*|dropout|normal_|uniform_|multinomial)\\(");
  private static final Pattern RETURN = Pattern.compile("^\\s+return\\b");
  private static final Pattern CHANGES_GRADIENT = Pattern.compile("\\bg\\.\\w*[a-z]_\\(");

  private final OptimizerDefinition definition;
  private final Map<String, Object> settings;
  private final List<Finding> findings = new ArrayList<>();

  private OptimizerContract(OptimizerDefinition definition, Map<String, Object> settings) {
    this.definition = definition;
    this.settings = settings;
  }

  /**
   * Refuses an optimizer that cannot be trained with: one that does not compile or fails when it
   * runs, changes its gradient, returns a direction of another shape, or is not deterministic.
   *
   * @param definition the optimizer
   * @param settings of it
   * @throws InputException one line with the file and its line
   */
  public static void requireSound(OptimizerDefinition definition, Map<String, Object> settings) {
    OptimizerContract contract = new OptimizerContract(definition, settings);
    try {
      for (int[] shape : contract.shapes()) {
        contract.requireSound(shape);
      }
    } catch (EngineException e) {
      throw KernelErrors.of(definition, e);
    }
  }

  /**
   * Tries everything.
   *
   * @param definition the optimizer
   * @param settings of it
   * @return the properties, in a fixed order
   * @throws InputException as {@link #requireSound}
   */
  public static List<Finding> check(OptimizerDefinition definition, Map<String, Object> settings) {
    requireSound(definition, settings);
    OptimizerContract contract = new OptimizerContract(definition, settings);
    int threads = TorchRuntime.threads();
    TorchRuntime.prepareThread(1); // on so few numbers threads wait for each other
    try {
      contract.checkAll();
    } finally {
      TorchRuntime.prepareThread(threads);
    }
    return List.copyOf(contract.findings);
  }

  /** Those that the rule takes. */
  private List<int[]> shapes() {
    return Arrays.stream(SHAPES)
        .filter(shape -> definition.takes(new Shape(Arrays.stream(shape).asLongStream().toArray())))
        .toList();
  }

  private void requireSound(int[] shape) {
    double[][] gradients = normal(1, 4, size(shape));
    try (Probe once = probe(DataType.FLOAT32, shape);
        Probe twice = probe(DataType.FLOAT32, shape)) {
      for (double[] g : gradients) {
        NDArray given = once.array(g);
        once.step(given, 1, RATE, DECAY);
        requireUnchanged(given, g, "update");
        try (NDArray u = once.directionOf(given)) {
          if (!u.getShape().equals(given.getShape())) {
            throw KernelErrors.of(
                definition,
                RETURN,
                "direction",
                "direction returns the shape %s for a parameter of the shape %s"
                    .formatted(u.getShape(), given.getShape()));
          }
        }
        requireUnchanged(given, g, "direction");
        twice.step(g, RATE, DECAY);
        boolean same =
            Arrays.equals(once.weights(), twice.weights())
                && Arrays.equals(once.direction(g), once.direction(g));
        if (!same) {
          throw KernelErrors.of(
              definition,
              RANDOM,
              "direction",
              "not deterministic: the same gradients, given twice, lead to other weights, or asking"
                  + " for the direction changes it");
        }
      }
    }
  }

  private void requireUnchanged(NDArray given, double[] g, String function) {
    if (!Arrays.equals(given.toFloatArray(), floats(g))) {
      throw KernelErrors.of(
          definition, CHANGES_GRADIENT, function, function + " changes its gradient g");
    }
  }

  private void checkAll() {
    OptimizerClaims claims = definition.claims();
    must("a closed gate changes nothing", all(this::closedGate));
    must("a step with NaN or infinity in its gradient changes nothing", all(this::badStep));
    must("saved and restored, it goes on bit for bit", all(this::restored));
    must("the direction recomputed is the one applied", all(this::recomputed));
    if (definition.elementwise()) {
      must("each coordinate goes its own way", all(this::separate));
    }
    must("zero, tiny and huge gradients give finite directions", all(this::finite));
    must("a rate of zero moves no weight", all(this::zeroRate));
    must("float32 follows float64", all(this::precisions));
    claim("odd in the gradients", claims.odd(), all(this::odd));
    claim("a factor on the gradients changes nothing", claims.scaleInvariant(), all(this::scaled));
    double largest = 0;
    for (int[] shape : shapes()) {
      largest = Math.max(largest, supremum(shape));
    }
    String found = text("largest |u| found %.4g", largest);
    if (claims.bound().isPresent()) {
      boolean within = largest <= claims.bound().getAsDouble() * (1 + 1e-5);
      add(
          text("|u| <= %s", claims.bound().getAsDouble()),
          within ? Verdict.HOLDS : Verdict.FAILS,
          found);
    } else {
      add("|u| has a bound", Verdict.ABSENT, found + ", none claimed");
    }
  }

  /** The first deviation, or "" where the property holds. */
  private interface Property {
    String deviation(int[] shape);
  }

  private String all(Property property) {
    for (int[] shape : shapes()) {
      String deviation = property.deviation(shape);
      if (!deviation.isEmpty()) {
        return (shape.length == 1 ? "a vector: " : "a matrix: ") + deviation;
      }
    }
    return "";
  }

  private void must(String property, String deviation) {
    add(property, deviation.isEmpty() ? Verdict.HOLDS : Verdict.FAILS, deviation);
  }

  private void claim(String property, boolean claimed, String deviation) {
    Verdict holds = claimed ? Verdict.HOLDS : Verdict.NOT_CLAIMED;
    Verdict not = claimed ? Verdict.FAILS : Verdict.ABSENT;
    add(property, deviation.isEmpty() ? holds : not, deviation);
  }

  private void add(String property, Verdict verdict, String detail) {
    findings.add(new Finding(property, verdict, detail));
  }

  private String closedGate(int[] shape) {
    try (Probe probe = begun(shape, 5)) {
      return unchanged(
          probe, () -> probe.step(probe.array(new double[size(shape)]), 0, RATE, DECAY));
    }
  }

  private String badStep(int[] shape) {
    String found = "";
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e30}) {
      for (int good : new int[] {0, 3}) {
        try (Probe probe = begun(shape, good);
            GradientClipping clipping = new GradientClipping(probe.manager, 1, 0, 8)) {
          double[] g = normal(7, 1, size(shape))[0];
          g[size(shape) / 2] = bad;
          NDArray gradient = probe.array(g);
          found =
              unchanged(
                  probe,
                  () -> {
                    NDList losses = new NDList(probe.manager.create(1f));
                    NDArray gate =
                        clipping.clipAndGuard(probe.manager, losses, new NDList(gradient), good);
                    probe.optimizer.step(probe.state, new NDList(gradient), gate, RATE, DECAY);
                  });
        }
        if (!found.isEmpty()) {
          return text("%s with %s after %d steps", found, bad, good);
        }
      }
    }
    return found;
  }

  private static String unchanged(Probe probe, Runnable action) {
    Map<String, double[]> before = probe.everything();
    action.run();
    Map<String, double[]> after = probe.everything();
    return before.keySet().stream()
        .filter(name -> !Arrays.equals(before.get(name), after.get(name)))
        .findFirst()
        .map(name -> name + " changed")
        .orElse("");
  }

  private String restored(int[] shape) {
    double[][] gradients = normal(8, STEPS, size(shape));
    try (Probe first = begun(shape, 5);
        Probe second = probe(DataType.FLOAT32, shape)) {
      second.restore(first);
      for (int k = 0; k < gradients.length; k++) {
        first.step(gradients[k], RATE, DECAY);
        second.step(gradients[k], RATE, DECAY);
        if (!Arrays.equals(first.weights(), second.weights())) {
          return "weights differ " + (k + 1) + " steps later";
        }
      }
      return "";
    }
  }

  private String recomputed(int[] shape) {
    try (Probe probe = probe(DataType.FLOAT64, shape)) {
      for (double[] g : normal(5, STEPS, size(shape))) {
        double[] expected = probe.weights();
        probe.step(g, 0.25, 0.5);
        double[] u = probe.direction(g);
        boolean still = definition.stillFirst() && probe.state.steps().toDoubleArray()[0] == 1;
        for (int i = 0; i < u.length && !still; i++) {
          expected[i] = (1 - 0.25 * 0.5) * expected[i] - 0.25 * u[i];
        }
        double apart = apart(probe.weights(), expected);
        if (!(apart <= 1e-13 * Math.max(1, largest(expected)))) {
          return text(
              "weights differ by %.1e: does direction read the state before the step?", apart);
        }
      }
      return "";
    }
  }

  /** Large tensors are cut into pieces, unless the file says that it needs them whole. */
  private String separate(int[] shape) {
    double[][] gradients = normal(6, STEPS, size(shape));
    double[] once = trajectory(shape, gradients);
    for (double[] g : gradients) {
      g[0] += 1;
    }
    double[] other = trajectory(shape, gradients);
    other[0] = once[0];
    return Arrays.equals(once, other)
        ? ""
        : "one coordinate's gradients move others; say tensors: whole at the top";
  }

  private String finite(int[] shape) {
    double largest = supremum(shape);
    return Double.isFinite(largest) ? "" : "the direction is " + largest;
  }

  /** The largest |u| on gradients of all sizes; NaN or infinite if one is not finite. */
  private double supremum(int[] shape) {
    double largest = 0;
    try (Probe probe = probe(DataType.FLOAT32, shape)) {
      for (double[] g : rough(size(shape))) {
        probe.step(g, RATE, DECAY);
        for (double u : probe.direction(g)) {
          if (!Double.isFinite(u)) {
            return u;
          }
          largest = Math.max(largest, Math.abs(u));
        }
      }
    }
    return largest;
  }

  private String zeroRate(int[] shape) {
    try (Probe probe = probe(DataType.FLOAT32, shape)) {
      double[] before = probe.weights();
      for (double[] g : normal(4, STEPS, size(shape))) {
        probe.step(g, 0, DECAY);
      }
      return Arrays.equals(before, probe.weights()) ? "" : "weights moved";
    }
  }

  private String precisions(int[] shape) {
    try (Probe single = probe(DataType.FLOAT32, shape);
        Probe twice = probe(DataType.FLOAT64, shape)) {
      for (double[] g : normal(9, 50, size(shape))) {
        single.step(g, RATE, DECAY);
        twice.step(g, RATE, DECAY);
      }
      double[] exact = twice.weights();
      double[] rounded = single.weights();
      double allowed = 1e-4 * Math.max(1, largest(exact));
      long apart = 0;
      for (int i = 0; i < exact.length; i++) {
        apart += Math.abs(exact[i] - rounded[i]) <= allowed ? 0 : 1;
      }
      // A sign turns over where its argument is nearly zero.
      return apart <= exact.length / 10 ? "" : apart + " of " + exact.length + " weights differ";
    }
  }

  private String odd(int[] shape) {
    double[][] gradients = normal(2, STEPS, size(shape));
    double[][] mirrored = new double[STEPS][];
    for (int k = 0; k < STEPS; k++) {
      mirrored[k] = times(gradients[k], -1);
    }
    double[] there = trajectory(shape, mirrored);
    double apart = apart(times(there, -1), trajectory(shape, gradients));
    return apart == 0 ? "" : text("weights of the mirrored gradients differ by %.1e", apart);
  }

  private String scaled(int[] shape) {
    double[][] gradients = normal(1, STEPS, size(shape));
    double[][] larger = new double[STEPS][];
    for (int k = 0; k < STEPS; k++) {
      larger[k] = times(gradients[k], 1 << 20);
    }
    double[] once = trajectory(shape, gradients);
    double apart = apart(trajectory(shape, larger), once);
    return apart <= 1e-5 * Math.max(1e-3, largest(once))
        ? ""
        : text("with gradients 2^20 times as large weights differ by %.1e", apart);
  }

  /** Weights after the gradients, from zero, without decay. */
  private double[] trajectory(int[] shape, double[][] gradients) {
    try (Probe probe = new Probe(definition, settings, DataType.FLOAT32, shape, false)) {
      for (double[] g : gradients) {
        probe.step(g, RATE, 0);
      }
      return probe.weights();
    }
  }

  private Probe probe(DataType type, int[] shape) {
    return new Probe(definition, settings, type, shape, true);
  }

  private Probe begun(int[] shape, int steps) {
    Probe probe = probe(DataType.FLOAT32, shape);
    for (double[] g : normal(3, steps, size(shape))) {
      probe.step(g, RATE, DECAY);
    }
    return probe;
  }

  private static int size(int[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** Rows of normal numbers, as float32 has them. */
  private static double[][] normal(long seed, int rows, int size) {
    Random random = new Random(seed);
    double[][] values = new double[rows][size];
    for (double[] row : values) {
      Arrays.setAll(row, i -> (float) random.nextGaussian());
    }
    return values;
  }

  /**
   * A zero row, then what makes updates large: gradients that stay, that grow, that shrink, and a
   * jump; then rows with zeros and with sizes from 1e-12 to 1e12.
   */
  private static double[][] rough(int size) {
    Random random = new Random(11);
    double[][] values = new double[201][size];
    double scale = 0;
    for (int k = 1; k < values.length; k++) {
      boolean wild = k > 140; // last, since they are long remembered
      if (wild) {
        scale = Math.pow(10, random.nextInt(25) - 12);
      } else {
        scale = k <= 50 ? 1 : k <= 90 ? 1.3 * scale : k <= 139 ? 0.8 * scale : 1e3;
      }
      double s = scale;
      Arrays.setAll(
          values[k],
          i ->
              wild
                  ? random.nextInt(8) == 0 ? 0 : (float) (s * random.nextGaussian())
                  : (float) (i % 2 == 0 ? s : -s));
    }
    return values;
  }

  private static double[] times(double[] values, double factor) {
    return Arrays.stream(values).map(x -> factor * x + 0.0).toArray(); // 0 and -0 are one
  }

  private static double apart(double[] one, double[] other) {
    double apart = 0;
    for (int i = 0; i < one.length; i++) {
      double d = Math.abs(one[i] - other[i]);
      apart = Double.isNaN(d) ? Double.NaN : Math.max(apart, d);
    }
    return apart;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }

  private static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  /** One parameter under the optimizer, with plain arrays in and out. */
  private static final class Probe implements AutoCloseable {
    private final NDManager manager = NDManager.newBaseManager();
    private final FusedOptimizer optimizer;
    private final DataType type;
    private final Shape shape;
    private final NDArray weight;
    private final OptimizerState state;

    Probe(
        OptimizerDefinition definition,
        Map<String, Object> settings,
        DataType type,
        int[] dimensions,
        boolean random) {
      this.type = type;
      shape = new Shape(Arrays.stream(dimensions).asLongStream().toArray());
      optimizer = FusedOptimizer.builder(definition).settings(settings, "optimizer").build();
      int size = size(dimensions);
      weight = array(random ? normal(33, 1, size)[0] : new double[size]);
      state = optimizer.newState(manager, List.of("w"), new NDList(weight));
    }

    NDArray array(double[] values) {
      return manager.create(values, shape).toType(type, true);
    }

    void step(double[] g, double rate, double decay) {
      try (NDArray gradient = array(g)) {
        step(gradient, 1, rate, decay);
      }
    }

    void step(NDArray gradient, double gate, double rate, double decay) {
      try (NDArray open = manager.create(gate);
          Autograd.Mode off = Autograd.noGrad()) {
        optimizer.step(state, new NDList(gradient), open, rate, decay);
      }
    }

    NDArray directionOf(NDArray gradient) {
      try (Autograd.Mode off = Autograd.noGrad()) {
        return optimizer.directions(state, new NDList(gradient)).singletonOrThrow();
      }
    }

    double[] direction(double[] g) {
      try (NDArray gradient = array(g);
          NDArray u = directionOf(gradient)) {
        return doubles(u);
      }
    }

    double[] weights() {
      return doubles(weight);
    }

    Map<String, double[]> everything() {
      Map<String, double[]> values = new LinkedHashMap<>();
      values.put("the weight", weights());
      state.named().forEach((name, array) -> values.put(name, doubles(array)));
      return values;
    }

    void restore(Probe from) {
      from.weight.copyTo(weight);
      Map<String, NDArray> to = state.named();
      from.state.named().forEach((name, array) -> array.copyTo(to.get(name)));
    }

    private static double[] doubles(NDArray array) {
      try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
        return wide.toDoubleArray();
      }
    }

    @Override
    public void close() {
      optimizer.close();
      manager.close();
    }
  }
}
