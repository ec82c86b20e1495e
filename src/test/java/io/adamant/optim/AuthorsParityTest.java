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
import org.junit.jupiter.params.provider.ValueSource;

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

    Run with(Object... more) {
      Map<String, Object> all = new LinkedHashMap<>(settings);
      all.putAll(map(more));
      return new Run(file, run, type, all, vector, decay, clip, tensors);
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
            parameterFree(),
            muon(),
            normuon(),
            soap(),
            shampoo(),
            shampooOfGoogle(),
            marsShampoo(),
            scion(),
            sophia(),
            scheduleFreePlus(),
            psgd())
        .flatMap(runs -> runs);
  }

  /** The authors' vectors go by plain Adam, still at first: a row that is too long to turn. */
  private static Stream<Run> soap() {
    return Stream.of(
            run("soap", "a1", "soap", 0, "precondition_frequency", 1.0),
            run("soap", "a2", "soap", 0.1, "beta1", 0.9, "shampoo_beta", 0.9, "decay", "last")
                .with("precondition_frequency", 5.0),
            run("soap", "a3", "soap", 0.01, "normalize_grads", true, "bias_correction", false)
                .with("decay", "last"))
        .map(run -> run.vector("max_precond_dim", 1.0));
  }

  private static Stream<Run> shampoo() {
    return Stream.of(
            run("shampoo", "a1", "shampoo", 0, "eps", 1e-4),
            run("shampoo", "a2", "shampoo", 0.1, "eps", 0.01, "beta1", 0.9),
            run("shampoo", "a3", "shampoo", 0, "eps", 1e-3, "precondition_frequency", 3.0)
                .with("first_root", "frequency"))
        .map(run -> run.with("exponent", 0.5, "right_statistics", "preconditioned").matrixOnly());
  }

  /** The authors' vectors have the graft's length only: a row, whose one number cancels in it. */
  private static Stream<Run> shampooOfGoogle() {
    return Stream.of(
            run("shampoo_google", "a1", "shampoo_google", 0, "graft", "adagrad")
                .with("nesterov", "twice"),
            run("shampoo_google", "a2", "shampoo_google", 0, "graft", "adagrad", "beta2", 0.95)
                .with("start_preconditioning_step", 4.0, "before_start", "gradient")
                .with("nesterov", "none", "decay_in_momentum", 0.1),
            run("shampoo_google", "a3", "shampoo_google", 0, "beta1", 0.8, "beta2", 0.9)
                .with("ridge", 1e-4, "precondition_frequency", 3.0, "nesterov", "none"))
        .map(run -> run.with("ridge_stays", true).vector("max_precond_dim", 1.0));
  }

  /** The authors' estimates come after a step, and lack the tokens of a batch. */
  private static Stream<Run> sophia() {
    return Stream.of(
            run("sophiag", "a1", "sophiag", 0),
            run("sophiag", "a2", "sophiag", 0.1, "beta1", 0.95, "beta2", 0.9, "rho", 0.05))
        .map(run -> run.with("denominator", "sum", "eps", 1e-15, "first_estimate", "interval"));
  }

  private static Stream<Run> scheduleFreePlus() {
    return Stream.of(
            run("schedulefree_plus", "a1", "schedulefree_plus", 0.1),
            run("schedulefree_plus", "a2", "schedulefree_plus", 1, "beta1", 0.8, "beta2", 0.99)
                .with("beta1_steps", 20.0, "r", 2.0, "polyak_beta", 0.9, "c_warmup", 6.0))
        .map(run -> run.with("correction", "stored"));
  }

  /** The authors' noise stays in the average that they whiten; vectors do not decay. */
  private static Stream<Run> psgd() {
    return Stream.of(
        run("psgd_kron", "a1", "psgd_kron", 0, "damping", "stays"),
        run("psgd_kron", "a2", "psgd_kron", 0, "probed", "gradient", "precond_lr", 0.2)
            .withDecays(0.1, 0));
  }

  /** What a run was given beside its gradients, by kind and step from 1; empty for most. */
  private static Map<String, double[][]> inputs(JsonNode file, JsonNode run) {
    int steps = file.get("gradients").size();
    if (file.has("function_values")) {
      double[] losses = row(file.get("function_values"));
      return Map.of(
          "loss",
          Arrays.stream(losses).mapToObj(loss -> new double[] {loss}).toArray(double[][]::new));
    }
    if (file.has("probe_noise")) {
      double[][] due = new double[steps][1];
      Arrays.setAll(due, k -> new double[] {run.get("precond_updated").get(k).asDouble()});
      return Map.of("probe noise", rows(file.get("probe_noise")), "fresh", due);
    }
    if (!file.has("hessian_gradients")) { // the exact form, given what the approximate one takes
      double[][] earlier = rows(file.get("gradients"));
      System.arraycopy(earlier, 0, earlier, 1, steps - 1);
      earlier[0] = new double[earlier[0].length];
      return Map.of("earlier gradient", earlier);
    }
    int every = run.get("settings").get("hessian_every").asInt();
    double root = Math.sqrt(run.get("settings").get("bs").asDouble());
    double[][] sampled = new double[steps][];
    double[][] fresh = new double[steps][1];
    for (int k = 0; k < steps; k++) {
      boolean due = k > 0 && k % every == 0;
      sampled[k] = row(file.get("hessian_gradients").get(due ? k / every - 1 : 0));
      double factor = due ? root : Double.NaN; // must not be read
      sampled[k] = Arrays.stream(sampled[k]).map(x -> factor * x).toArray();
      fresh[k][0] = due ? 1 : 0;
    }
    return Map.of("sampled gradient", sampled, "fresh", fresh);
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
        run(
            "mars",
            "a2",
            "mars",
            0.1,
            "beta1",
            0.9,
            "beta2",
            0.95,
            "gamma",
            0.05,
            "vectors",
            "mars",
            "difference",
            "exact"),
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

  /**
   * Jordan's vectors go by AdamW at a rate of their own; Moonlight's average is 1/(1-beta1) ours.
   */
  private static Stream<Run> muon() {
    return Stream.of(
        run("muon", "a1", "muon_hidden", 0, "others_lr", 0.003)
            .vector("others_beta1", 0.9, "others_eps", 1e-10),
        run("muon", "a2", "muon_hidden", 0.1, "beta1", 0.9, "others_lr", 0.01)
            .withDecays(0.1, 0.05)
            .vector("others_beta1", 0.8),
        run("muon_moonlight", "a1", "muon_hidden", 0, "ns_eps", 5e-9, "scale", "match_rms_adamw")
            .vector("others_beta1", 0.9, "others_correction", "rate"),
        run("muon_moonlight", "a2", "muon_hidden", 0.1, "ns_eps", 1e-8, "scale", "match_rms_adamw")
            .with("beta1", 0.9)
            .vector("others_beta1", 0.9, "others_correction", "rate", "others_eps", 1e-6),
        muonH("muonh", "a1", "muon_hidden", 0.95),
        muonH("muonh", "a2", "muon_hidden", 0.9));
  }

  private static Stream<Run> normuon() {
    return Stream.of(
        run("normuon", "a1", "normuon", 0, "others_lr", 0.003)
            .vector("others_beta1", 0.9, "others_eps", 1e-10),
        run("normuon", "a2", "normuon", 0.1, "beta1", 0.9, "beta2", 0.9, "others_lr", 0.01)
            .withDecays(0.1, 0.05)
            .vector("others_beta1", 0.8),
        muonH("normuonh", "a1", "normuon", 0.95, "means", "longer_side", "eps", 0.0),
        muonH("normuonh", "a2", "normuon", 0.9, "means", "longer_side", "eps", 0.0)
            .with("beta2", 0.8));
  }

  private static Stream<Run> marsShampoo() {
    double vectors = 0.003 / 0.02; // rate in units of the matrices'
    return Stream.of(
        run("mars_shampoo", "a1", "mars", 0, "form", "shampoo", "adam_rate", vectors)
            .withDecays(0.1, 0.1 * vectors));
  }

  /** The constrained form decays at 1. */
  private static Stream<Run> scion() {
    return Stream.of(
        run("scion", "a1", "scion", 1, "radius", 3.0).vector("others_vector_radius", 2.0),
        run("scion", "a2", "scion", 0, "radius", 1.0, "norm", "spectral_max"),
        run("scion", "a3", "scion", 1, "radius", 20.0, "norm", "sign", "beta1", 0.8)
            .vector("others_beta1", 0.8));
  }

  private static Run muonH(String file, String run, String type, double beta1, Object... more) {
    return run(file, run, type, 0, "constraint", "hyperball", "iteration", "convergent")
        .with("ns_steps", 12.0, "beta1", beta1)
        .with(more)
        .matrixOnly();
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

  /** The iteration alone, by both implementations: beta1 0 leaves u = O(g) times the scale. */
  @ParameterizedTest
  @ValueSource(strings = {"fast", "convergent"})
  void newtonSchulzAgrees(String iteration) throws IOException {
    Path path = FIXTURES.resolve("muon_newton_schulz.json");
    int steps = iteration.equals("fast") ? 5 : 12;
    String output = "output_" + steps + "_steps_float64";
    Variant variant =
        Variant.of("muon_hidden", "beta1", 0.0, "iteration", iteration, "ns_steps", (double) steps);
    for (JsonNode one : new ObjectMapper().readTree(Files.readString(path)).get("cases")) {
      double[] g = row(one.get("input"));
      int rows = one.get("shape").get(0).asInt();
      int cols = one.get("shape").get(1).asInt();
      double[][] expected = {row(one.get(output))};
      double scale = Math.sqrt(Math.max(1, rows / (double) cols));
      Arrays.setAll(expected[0], i -> scale * expected[0][i]);
      double[] w = new double[g.length];
      int[] first = {0};
      double[][] byRule = {variant.rule(rows, cols).step(w, g, 0, 0)};
      compare("rule", byRule, expected, first, 1e-12);
      for (DataType type : List.of(DataType.FLOAT64, DataType.FLOAT32)) {
        try (KernelRun kernel = new KernelRun(variant.optimizer(), type, w, rows, cols)) {
          kernel.step(g, 1, 0, 0);
          double[][] u = {kernel.direction(g)};
          compare(type.name(), u, expected, first, type == DataType.FLOAT64 ? 1e-12 : 2e-5);
        }
      }
    }
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
    double ofRoots =
        file.path("exact_root_deviation").path(run.run()).asDouble(0); // ours are exact
    double tolerance = Math.max(Math.max(1e-12, 100 * sensitivity), ofRoots);
    double ofFloats = Math.max(2e-5, 10 * sensitivity / 1e-14 * Math.ulp(0.5f));
    double[][] expected = rows(there.get("weights"));
    if (run.type().equals("shampoo")) { // the authors' vector has a full matrix of its own
      Arrays.setAll(expected, k -> part(expected[k], 0));
    }
    double[][] evaluated = there.has("weights_eval") ? rows(there.get("weights_eval")) : expected;
    int[] steps =
        there.has("steps_of_weights")
            ? Arrays.stream(row(there.get("steps_of_weights"))).mapToInt(x -> (int) x).toArray()
            : IntStream.range(0, expected.length).toArray();
    Map<String, double[][]> inputs = inputs(file, there);
    Steps rule = byRule(run, start, gradients, lr, inputs);
    compare("rule", rule.weights(), expected, steps, tolerance);
    compare("rule, evaluated", rule.averaged(), evaluated, steps, tolerance);
    Steps wide = byKernel(run, DataType.FLOAT64, start, gradients, lr, inputs);
    compare("float64", wide.weights(), expected, steps, tolerance);
    compare("float64, evaluated", wide.averaged(), evaluated, steps, tolerance);
    Steps single = byKernel(run, DataType.FLOAT32, start, gradients, lr, inputs);
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

  private static Steps byRule(
      Run run, double[] start, double[][] gradients, double[] lr, Map<String, double[][]> inputs) {
    Steps steps = Steps.from(start, gradients.length);
    double highest = Arrays.stream(lr).max().orElseThrow();
    boolean together = !Optimizers.definition(run.type()).sums().isEmpty(); // as if one tensor
    for (int p = 0; p < (together ? 1 : run.tensors()); p++) {
      int to = together ? start.length : FROM[p + 1];
      int[] shape = Arrays.stream(shape(run, p).getShape()).mapToInt(Math::toIntExact).toArray();
      Tensor tensor = Tensor.of(run, p, highest);
      Rule rule = Rules.create(tensor.type(), tensor.settings(), together ? new int[] {to} : shape);
      int from = FROM[p];
      rule.takeFrom(
          (kind, k, size) -> {
            double[] row = inputs.get(kind)[(int) k - 1];
            return size == 1 ? row : Arrays.copyOfRange(row, from, to);
          });
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
      Run run,
      DataType type,
      double[] start,
      double[][] gradients,
      double[] lr,
      Map<String, double[][]> inputs) {
    Steps steps = Steps.from(start, gradients.length);
    double highest = Arrays.stream(lr).max().orElseThrow();
    List<ParameterGroup> groups = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager();
        Autograd.Mode off = Autograd.noGrad()) {
      for (int p = 0; p < run.tensors(); p++) {
        Tensor tensor = Tensor.of(run, p, highest);
        LearningRate rate = LearningRate.constant(highest * tensor.scale());
        FusedOptimizer optimizer = Optimizers.create(tensor.type(), tensor.settings(), rate, 0);
        NDList w = new NDList(manager.create(part(start, p), shape(run, p)).toType(type, true));
        NDList g = new NDList(w.singletonOrThrow().zerosLike());
        OptimizerState state = optimizer.newState(manager, List.of("w"), w);
        groups.add(
            new ParameterGroup("w" + p, optimizer, state, g, tensor.scale(), tensor.decay()));
      }
      for (int k = 0; k < gradients.length; k++) {
        for (int p = 0; p < groups.size(); p++) {
          NDArray g = manager.create(part(gradients[k], p), shape(run, p)).toType(type, true);
          g.copyTo(groups.get(p).gradients().singletonOrThrow());
          Replay.give(groups.get(p), FROM[p], k, inputs);
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

  /** What the authors give a vector to is given a row here. */
  private static Shape shape(Run run, int p) {
    boolean row = p == 1 && run.vector().containsKey("max_precond_dim");
    return row ? new Shape(1, 7) : new Shape(SHAPES.get(p));
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
      if (definition.takes(shape(run, p))) {
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
