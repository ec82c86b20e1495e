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
import java.util.ArrayList;
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
   * @param vector settings that are others for the vector
   * @param decay of matrix and vector
   * @param clip global norm that gradients are clipped to; 0 for none
   * @param tensors 1 where the authors leave the vector as it is
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Run(
      String file,
      String run,
      String type,
      Map<String, Object> settings,
      Map<String, Object> vector,
      List<Double> decay,
      double clip,
      int tensors) {
    Run withDecays(double matrix, double vectors) {
      return new Run(file, run, type, settings, vector, List.of(matrix, vectors), clip, tensors);
    }

    Run clipped(double norm) {
      return new Run(file, run, type, settings, vector, decay, norm, tensors);
    }

    Run matrixOnly() {
      return new Run(file, run, type, settings, vector, decay, clip, 1);
    }

    Run vector(Object... others) {
      return new Run(file, run, type, settings, map(others), decay, clip, tensors);
    }

    @Override
    public String toString() {
      return file + " " + run;
    }
  }

  private static Run run(String file, String run, String type, double decay, Object... settings) {
    return new Run(file, run, type, map(settings), Map.of(), List.of(decay, decay), 0, 2);
  }

  private static Map<String, Object> map(Object... settings) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      map.put((String) settings[i], settings[i + 1]);
    }
    return map;
  }

  static Stream<Run> runs() {
    return Stream.of(
            elementwise(), //
            combined(),
            parameterFree())
        .flatMap(runs -> runs);
  }

  private static Stream<Run> elementwise() {
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
        run("nadam_torch2", "a2", "nadam", 0.01, "decay", "l2", "beta2", 0.95, "eps", 1e-6),
        run("nadam_torch", "a1", "nadam", 0, "product", "torch_1_13"),
        run(
            "nadam_torch",
            "a2",
            "nadam",
            0.01,
            "decay",
            "l2",
            "beta2",
            0.95,
            "eps",
            1e-6,
            "product",
            "torch_1_13"));
  }

  /** What is a rule of another name there is one with a setting here. */
  private static Stream<Run> combined() {
    return Stream.of(
        run("adamw", "a1", "adamw", 0, "beta1", 0.9, "beta2", 0.999),
        run("adamw", "a2", "adamw", 0.1, "beta1", 0.9, "eps", 1e-6),
        adamc("a1", 0.1, 0.95),
        adamc("a2", 0.5, 0.999),
        run("adamh", "a1", "adamw", 0, "constraint", "hyperball", "beta1", 0.9).matrixOnly(),
        run("adamh", "a2", "adamw", 0, "constraint", "hyperball", "beta1", 0.8, "beta2", 0.99)
            .matrixOnly(),
        run("adopt", "a3", "adopt", 0.1, "decay", "l2", "beta2", 0.999),
        run(
            "adan",
            "a2",
            "adan",
            0.1,
            "decay",
            "proximal",
            "beta1",
            0.95,
            "beta2",
            0.9,
            "beta3",
            0.98),
        run("lion", "a1", "lion", 0),
        run("lion", "a2", "lion", 0.3, "beta1", 0.95, "beta2", 0.98));
  }

  private static Stream<Run> parameterFree() {
    return Stream.of(
        run("schedulefree_adamw", "a1", "schedulefree_adamw", 0),
        run("schedulefree_adamw", "a2", "schedulefree_adamw", 0.1, "beta1", 0.95, "beta2", 0.99),
        run(
            "schedulefree_adamw_inner",
            "a3",
            "schedulefree_adamw",
            0.05,
            "beta2",
            0.99,
            "r",
            2.0,
            "inner_momentum",
            0.9),
        run("schedulefree_sgd", "a1", "schedulefree_sgd", 0),
        run("schedulefree_sgd", "a2", "schedulefree_sgd", 0.1, "beta1", 0.95),
        run("prodigy", "a1", "prodigy", 0),
        run(
            "prodigy",
            "a2",
            "prodigy",
            0.1,
            "beta2",
            0.99,
            "bias_correction",
            true,
            "safeguard_warmup",
            true,
            "d0",
            0.01,
            "d_coef",
            2.0),
        run(
            "prodigy",
            "a3",
            "prodigy",
            0.01,
            "decay",
            "l2",
            "beta1",
            0.95,
            "beta2",
            0.99,
            "beta3",
            0.95,
            "d0",
            0.001,
            "d_coef",
            2.0,
            "growth_rate",
            1.1));
  }

  /** The port's epsilons; it corrects the decay of the matrix only. */
  private static Run adamc(String run, double decay, double beta2) {
    return run(
            "adamc",
            run,
            "adamw",
            decay,
            "beta1",
            0.9,
            "beta2",
            beta2,
            "decay",
            "corrected",
            "correction",
            "rate",
            "eps_root",
            1e-15)
        .vector("decay", "coupled");
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
    int warmup = there.get("settings").path("warmup_steps").asInt(1); // the schedule's part here
    Arrays.setAll(lr, k -> lr[k] * Math.min(1, (k + 1.0) / Math.max(1, warmup)));
    boolean decays = !run.settings().containsKey("decay");
    if (run.type().equals("adopt") && decays) { // the authors do not decay in the first step
      start = Arrays.stream(start).map(w -> w / (1 - lr[0] * run.decay().get(0))).toArray();
    }
    for (double[] g : gradients) {
      double norm = Math.sqrt(Arrays.stream(g).map(x -> x * x).sum());
      double factor = run.clip() > 0 ? Math.min(1, run.clip() / (norm + 1e-8)) : 1;
      Arrays.setAll(g, i -> factor * g[i]);
    }
    double sensitivity = there.get("sensitivity").asDouble(); // to gradients times 1 + 1e-14
    double tolerance = Math.max(1e-12, 100 * sensitivity);
    double ofFloats = Math.max(2e-5, 10 * sensitivity / 1e-14 * Math.ulp(0.5f));
    double[][] expected = rows(there.get("weights"));
    double[][] evaluated = there.has("weights_eval") ? rows(there.get("weights_eval")) : expected;
    int[] steps =
        there.has("steps_of_weights")
            ? Arrays.stream(row(there.get("steps_of_weights"))).mapToInt(x -> (int) x).toArray()
            : IntStream.range(0, expected.length).toArray();
    Steps rule = byRule(run, start, gradients, lr);
    compare("rule", rule.weights(), expected, steps, tolerance);
    compare("rule, evaluated", rule.averaged(), evaluated, steps, tolerance);
    Steps wide = byKernel(run, DataType.FLOAT64, start, gradients, lr);
    compare("float64", wide.weights(), expected, steps, tolerance);
    compare("float64, evaluated", wide.averaged(), evaluated, steps, tolerance);
    Steps single = byKernel(run, DataType.FLOAT32, start, gradients, lr);
    compare("float32", single.weights(), expected, steps, ofFloats);
    compare("float32, evaluated", single.averaged(), evaluated, steps, ofFloats);
  }

  private static void compare(
      String by, double[][] found, double[][] expected, int[] steps, double tolerance) {
    double largest = 1;
    double apart = 0;
    for (int k = 0; k < steps.length; k++) {
      for (int i = 0; i < expected[k].length; i++) {
        largest = Math.max(largest, Math.abs(expected[k][i]));
        double d = Math.abs(found[steps[k]][i] - expected[k][i]);
        apart = Double.isNaN(d) ? Double.NaN : Math.max(apart, d);
      }
    }
    assertThat(apart).as(by).isLessThanOrEqualTo(tolerance * largest);
  }

  /** Weights after each step, those that are trained and those to evaluate at. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Steps(double[][] weights, double[][] averaged) {
    /** Tensors that nobody steps stay as they are. */
    static Steps from(double[] start, int steps) {
      return new Steps(copies(start, steps), copies(start, steps));
    }

    private static double[][] copies(double[] start, int steps) {
      return Stream.generate(start::clone).limit(steps).toArray(double[][]::new);
    }

    void put(int step, int from, double[] w, double[] x) {
      System.arraycopy(w, 0, weights[step], from, w.length);
      System.arraycopy(x, 0, averaged[step], from, x.length);
    }
  }

  private static Steps byRule(Run run, double[] start, double[][] gradients, double[] lr) {
    Steps steps = Steps.from(start, gradients.length);
    double highest = Arrays.stream(lr).max().orElseThrow();
    boolean together = !Optimizers.definition(run.type()).sums().isEmpty(); // as if one tensor
    for (int p = 0; p < (together ? 1 : run.tensors()); p++) {
      int to = together ? start.length : FROM[p + 1];
      int[] shape = Arrays.stream(SHAPES.get(p)).mapToInt(Math::toIntExact).toArray();
      Tensor tensor = Tensor.of(run, p, highest);
      Rule rule = Rules.create(tensor.type(), tensor.settings(), together ? new int[] {to} : shape);
      double[] w = Arrays.copyOfRange(start, FROM[p], to);
      Object kind = tensor.settings().getOrDefault("decay", "coupled");
      for (int k = 0; k < gradients.length; k++) {
        double rate = lr[k] * tensor.scale();
        double decay = tensor.decay();
        if (kind.equals("independent")) {
          decay /= highest * tensor.scale();
        } else if (kind.equals("corrected")) {
          decay *= lr[k] / highest;
        }
        rule.step(w, Arrays.copyOfRange(gradients[k], FROM[p], to), rate, decay);
        steps.put(k, FROM[p], w, rule.averaged(w));
      }
    }
    return steps;
  }

  private static Steps byKernel(
      Run run, DataType type, double[] start, double[][] gradients, double[] lr) {
    Steps steps = Steps.from(start, gradients.length);
    double highest = Arrays.stream(lr).max().orElseThrow();
    List<ParameterGroup> groups = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager();
        Autograd.Mode off = Autograd.noGrad()) {
      for (int p = 0; p < run.tensors(); p++) {
        Tensor tensor = Tensor.of(run, p, highest);
        LearningRate rate = LearningRate.constant(highest * tensor.scale());
        FusedOptimizer optimizer = Optimizers.create(tensor.type(), tensor.settings(), rate, 0);
        NDList w = new NDList(manager.create(part(start, p), shape(p)).toType(type, true));
        NDList g = new NDList(w.singletonOrThrow().zerosLike());
        OptimizerState state = optimizer.newState(manager, List.of("w"), w);
        groups.add(
            new ParameterGroup("w" + p, optimizer, state, g, tensor.scale(), tensor.decay()));
      }
      for (int k = 0; k < gradients.length; k++) {
        for (int p = 0; p < groups.size(); p++) {
          NDArray g = manager.create(part(gradients[k], p), shape(p)).toType(type, true);
          g.copyTo(groups.get(p).gradients().singletonOrThrow());
        }
        ParameterGroup.step(groups, manager.create(1d), lr[k]);
        for (int p = 0; p < groups.size(); p++) {
          FusedOptimizer optimizer = groups.get(p).optimizer();
          OptimizerState state = groups.get(p).state();
          NDList w = state.parameters();
          steps.put(
              k,
              FROM[p],
              doubles(w),
              doubles(optimizer.averages() ? optimizer.averaged(state) : w));
        }
      }
    }
    return steps;
  }

  private static Shape shape(int p) {
    return new Shape(SHAPES.get(p));
  }

  private static double[] doubles(NDList list) {
    return list.singletonOrThrow().toType(DataType.FLOAT64, true).toDoubleArray();
  }

  /** What one tensor of a run goes by: the run's rule, or the one beside a rule of matrices. */
  private record Tensor(String type, Map<String, Object> settings, double scale, double decay) {
    static Tensor of(Run run, int p, double highest) {
      OptimizerDefinition definition = Optimizers.definition(run.type());
      double decay = run.decay().get(p);
      Map<String, Object> settings = new LinkedHashMap<>(run.settings());
      settings.putAll(p == 0 ? Map.of() : run.vector());
      if (definition.takes(shape(p))) {
        return new Tensor(run.type(), settings, 1, decay);
      }
      Map<String, Object> all = definition.resolve(settings, "optimizer");
      Others others = Others.of(all, highest, decay);
      return new Tensor(others.type(), others.settings(), others.lrScale(), others.weightDecay());
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
