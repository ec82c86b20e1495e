package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import io.adamant.tensor.Autograd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules and kernels against what the authors' own code did with recorded gradients, in float64: a
 * matrix and a vector, with jumps and zeros. The project holds a few steps of each file; all of
 * them are looked for beside it.
 */
class AuthorsParityTest {

  private static final Path FIXTURES = Path.of("src/test/resources/reference/optimizers");
  private static final Path SHARED = Path.of("../shared/reference/optimizers");
  private static final List<long[]> SHAPES = List.of(new long[] {6, 5}, new long[] {7});
  private static final int[] FROM = {0, 30, 37};

  /**
   * A run of a file and its settings here.
   *
   * @param decay of matrix and vector, multiplicative and first
   * @param clip global norm that gradients are clipped to; 0 for none
   * @param coupled decay that the authors add to the gradient, as the test does here; 0 for none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Run(
      String file,
      String run,
      String type,
      Map<String, Object> settings,
      List<Double> decay,
      double clip,
      double coupled) {
    Run withDecays(double matrix, double vector) {
      return new Run(file, run, type, settings, List.of(matrix, vector), clip, coupled);
    }

    Run with(String name, Object value) {
      return with(Map.of(name, value));
    }

    Run with(Map<String, Object> more) {
      Map<String, Object> all = new LinkedHashMap<>(settings);
      all.putAll(more);
      return new Run(file, run, type, all, decay, clip, coupled);
    }

    /** Matrix and vector; the matrix alone where the authors' vectors have a rule of their own. */
    int tensors() {
      return type.equals("shampoo") ? 1 : 2;
    }

    /**
     * Allowed in float32. An inverse root multiplies a rounding by the ratio of its eigenvalues:
     * the runs' own sensitivity to a change of 2^-24 predicts 1e-5, 1.7e-5 was found.
     */
    double single() {
      return type.equals("shampoo") ? 1e-4 : 2e-5;
    }

    Run coupled(double l2) {
      return new Run(file, run, type, settings, decay, clip, l2);
    }

    double[] gradient(double[] g, double[] w) {
      double[] sum = g.clone();
      Arrays.setAll(sum, i -> sum[i] + coupled * w[i]);
      return sum;
    }

    Run clipped(double norm) {
      return new Run(file, run, type, settings, decay, norm, coupled);
    }

    @Override
    public String toString() {
      return file + " " + run;
    }
  }

  private static Run run(String file, String run, String type, double decay, Object... settings) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      map.put((String) settings[i], settings[i + 1]);
    }
    return new Run(file, run, type, map, List.of(decay, decay), 0, 0);
  }

  /** The authors' vectors go by plain Adam, still at first: a row that is too long to turn. */
  private static Stream<Run> soap() {
    return Stream.of(
        run("soap", "a1", "soap", 0, "precondition_frequency", 1.0),
        run("soap", "a2", "soap", 0.1, "beta1", 0.9, "shampoo_beta", 0.9, "decay", "last")
            .with("precondition_frequency", 5.0),
        run("soap", "a3", "soap", 0.01, "normalize_grads", true, "bias_correction", false)
            .with("decay", "last"));
  }

  private static Stream<Run> shampoo() {
    Map<String, Object> port = Map.of("exponent", 0.5, "right_statistics", "preconditioned");
    return Stream.of(
        run("shampoo", "a1", "shampoo", 0, "eps", 1e-4).with(port),
        run("shampoo", "a2", "shampoo", 0.1, "eps", 0.01, "beta1", 0.9).with(port),
        run("shampoo", "a3", "shampoo", 0, "eps", 1e-3, "precondition_frequency", 3.0)
            .with("first_root", "frequency")
            .with(port));
  }

  static Stream<Run> runs() {
    return Stream.of(ofVectors(), soap(), shampoo()).flatMap(runs -> runs);
  }

  private static Stream<Run> ofVectors() {
    return Stream.of(
        run("ademamix", "a1", "ademamix", 0),
        run(
            "ademamix",
            "a2",
            "ademamix",
            0.1,
            "beta2",
            0.99,
            "beta3",
            0.999,
            "alpha",
            8.0,
            "alpha_warmup",
            30.0,
            "beta3_warmup",
            30.0),
        run(
            "ademamix",
            "a3",
            "ademamix",
            0,
            "beta1",
            0.0,
            "beta2",
            0.99,
            "beta3",
            0.999,
            "alpha",
            3.0,
            "alpha_warmup",
            20.0),
        run("nadamw", "a1", "nadamw", 0),
        run("nadamw", "a2", "nadamw", 0.1, "beta2", 0.95, "eps", 1e-6),
        run("cautious_adamw_foreach", "a1", "cautious_adamw", 0),
        run("cautious_adamw_foreach", "a2", "cautious_adamw", 0.1, "beta2", 0.95),
        run("cautious_adamw", "a1", "cautious_adamw", 0, "correction", "rate"),
        run("cautious_adamw", "a2", "cautious_adamw", 0.1, "beta2", 0.95, "correction", "rate"),
        run("cautious_lion", "a1", "cautious_lion", 0, "beta1", 0.95, "beta2", 0.98),
        run("cautious_lion", "a2", "cautious_lion", 0.3),
        run("cautious_lion", "lucid_a2", "cautious_lion", 0.3, "scale", "mean"),
        run("adopt", "a1", "adopt", 0),
        run("adopt", "a2", "adopt", 0.1, "beta2", 0.99),
        // The vector's own decay acts at the vector's own rate.
        run("mars", "a1", "mars", 0, "adam_rate", 0.3).withDecays(0, 0.1 * 0.3),
        run(
            "mars", "a2", "mars", 0.1, "beta1", 0.9, "beta2", 0.95, "gamma", 0.05, "vectors",
            "mars"),
        run("mars", "a3", "mars", 0, "form", "lion", "adam_rate", 1.5).withDecays(0.1, 0),
        run("adan", "a1", "adan", 0),
        run("adan", "a3", "adan", 0.1).clipped(1),
        run("nadam_torch2", "a1", "nadam", 0),
        run("nadam_torch2", "a2", "nadam", 0, "beta2", 0.95, "eps", 1e-6).coupled(0.01),
        run("nadam_torch", "a1", "nadam", 0, "product", "torch_1_13"),
        run("nadam_torch", "a2", "nadam", 0, "beta2", 0.95, "eps", 1e-6, "product", "torch_1_13")
            .coupled(0.01));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void theCommittedStepsAgree(Run run) throws IOException {
    agrees(run, FIXTURES);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void allStepsAgree(Run run) throws IOException {
    assumeThat(SHARED).as("reference trajectories beside the project").exists();
    agrees(run, SHARED);
  }

  private static void agrees(Run run, Path folder) throws IOException {
    JsonNode file =
        new ObjectMapper().readTree(Files.readString(folder.resolve(run.file() + ".json")));
    JsonNode there = null;
    for (JsonNode node : file.get("runs")) {
      there = node.get("name").asText().equals(run.run()) ? node : there;
    }
    double[][] gradients = rows(file.get("gradients"));
    double[] start = row(file.get("weights0"));
    double[] lr = row(there.get("lr_by_step"));
    if (run.type().equals("adopt")) { // the authors do not decay in the first step
      start = Arrays.stream(start).map(w -> w / (1 - lr[0] * run.decay().get(0))).toArray();
    }
    for (double[] g : gradients) {
      double norm = Math.sqrt(Arrays.stream(g).map(x -> x * x).sum());
      double factor = run.clip() > 0 ? Math.min(1, run.clip() / (norm + 1e-8)) : 1;
      Arrays.setAll(g, i -> factor * g[i]);
    }
    double tolerance = Math.max(1e-12, 100 * there.get("sensitivity").asDouble());
    double[][] expected = rows(there.get("weights"));
    int[] steps =
        there.has("steps_of_weights")
            ? Arrays.stream(row(there.get("steps_of_weights"))).mapToInt(x -> (int) x).toArray()
            : IntStream.range(0, expected.length).toArray();
    compare("rule", byRule(run, start, gradients, lr), expected, steps, tolerance);
    compare(
        "float64",
        byKernel(run, DataType.FLOAT64, start, gradients, lr),
        expected,
        steps,
        tolerance);
    compare(
        "float32",
        byKernel(run, DataType.FLOAT32, start, gradients, lr),
        expected,
        steps,
        run.single());
  }

  private static void compare(
      String by, double[][] found, double[][] expected, int[] steps, double tolerance) {
    double largest = 1;
    double apart = 0;
    for (int k = 0; k < steps.length; k++) {
      for (int i = 0; i < found[steps[k]].length; i++) {
        largest = Math.max(largest, Math.abs(expected[k][i]));
        double d = Math.abs(found[steps[k]][i] - expected[k][i]);
        apart = Double.isNaN(d) ? Double.NaN : Math.max(apart, d);
      }
    }
    assertThat(apart).as(by).isLessThanOrEqualTo(tolerance * largest);
  }

  private static double[][] byRule(Run run, double[] start, double[][] gradients, double[] lr) {
    double[][] weights = new double[gradients.length][FROM[run.tensors()]];
    double highest = Arrays.stream(lr).max().orElseThrow();
    for (int p = 0; p < run.tensors(); p++) {
      Tensor tensor = Tensor.of(run, p, highest);
      int[] shape = Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
      Rule rule = Rules.create(tensor.type(), tensor.settings(), shape);
      double[] w = part(start, p);
      Object kind = tensor.settings().getOrDefault("decay", "coupled");
      for (int k = 0; k < gradients.length; k++) {
        double rate = lr[k] * tensor.scale();
        double decay = tensor.decay();
        if (kind.equals("independent")) {
          decay /= highest * tensor.scale();
        } else if (kind.equals("corrected")) {
          decay *= lr[k] / highest;
        }
        rule.step(w, run.gradient(part(gradients[k], p), w), rate, decay);
        System.arraycopy(w, 0, weights[k], FROM[p], w.length);
      }
    }
    return weights;
  }

  private static double[][] byKernel(
      Run run, DataType type, double[] start, double[][] gradients, double[] lr) {
    double[][] weights = new double[gradients.length][FROM[run.tensors()]];
    double highest = Arrays.stream(lr).max().orElseThrow();
    for (int p = 0; p < run.tensors(); p++) {
      Tensor tensor = Tensor.of(run, p, highest);
      Shape shape = new Shape(tensor.shape());
      LearningRate rate = LearningRate.constant(highest * tensor.scale());
      try (NDManager manager = NDManager.newBaseManager();
          FusedOptimizer optimizer = Optimizers.create(tensor.type(), tensor.settings(), rate, 0);
          Autograd.Mode off = Autograd.noGrad()) {
        NDArray w = manager.create(part(start, p), shape).toType(type, true);
        OptimizerState state = optimizer.newState(manager, List.of("w"), new NDList(w));
        NDArray open = manager.create(1d);
        double[] now = part(start, p);
        for (int k = 0; k < gradients.length; k++) {
          NDArray g =
              manager.create(run.gradient(part(gradients[k], p), now), shape).toType(type, true);
          optimizer.step(state, new NDList(g), open, lr[k] * tensor.scale(), tensor.decay());
          now = w.toType(DataType.FLOAT64, true).toDoubleArray();
          System.arraycopy(now, 0, weights[k], FROM[p], now.length);
        }
      }
    }
    return weights;
  }

  /** What one tensor of a run goes by: the run's rule, or the one beside a rule of matrices. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Tensor(
      long[] shape, String type, Map<String, Object> settings, double scale, double decay) {
    static Tensor of(Run run, int p, double highest) {
      OptimizerDefinition definition = Optimizers.definition(run.type());
      double decay = run.decay().get(p);
      long[] shape = SHAPES.get(p);
      if (run.type().equals("soap") && p == 1) {
        Run row = run.with("max_precond_dim", 1.0);
        return new Tensor(new long[] {1, shape[0]}, run.type(), row.settings(), 1, decay);
      }
      if (definition.takes(new Shape(shape))) {
        return new Tensor(shape, run.type(), run.settings(), 1, decay);
      }
      Map<String, Object> all = definition.resolve(run.settings(), "optimizer");
      Others others = Others.of(all, highest, decay);
      return new Tensor(
          shape, others.type(), others.settings(), others.lrScale(), others.weightDecay());
    }
  }

  private static double[] part(double[] all, int p) {
    return Arrays.copyOfRange(all, FROM[p], FROM[p + 1]);
  }

  private static double[][] rows(JsonNode node) {
    double[][] rows = new double[node.size()][];
    Arrays.setAll(rows, i -> row(node.get(i)));
    return rows;
  }

  private static double[] row(JsonNode node) {
    double[] row = new double[node.size()];
    Arrays.setAll(row, i -> node.get(i).asDouble());
    return row;
  }
}
