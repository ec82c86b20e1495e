package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.Optimizers;
import io.adamant.optim.Others;
import io.adamant.optim.Replay;
import io.adamant.optim.StateKind;
import io.adamant.rules.Rule;
import io.adamant.rules.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code adamant replay}. */
@Command(
    name = "replay",
    description = "Run recorded gradients through an optimizer and write the weights.",
    footer = {
      "",
      "CSV files hold comma-separated numbers: one row per step, one column per coordinate. The weights",
      "are one row. Lines that begin with # are comments, such as a header. A gradient that is not",
      "finite (nan, inf, or beyond float32 without --float64) skips its step.",
      "",
      "Examples:",
      "  ./adamant replay --optimizer adamw --set beta1=0.95 --gradients g.csv --weights w0.csv \\",
      "      --out w.csv",
      "  ./adamant replay --optimizer mars --shape 6,5 --shape 7 --rates lr.csv --float64 \\",
      "      --gradients g.csv --weights w0.csv --out w.csv",
      "  ./adamant replay --optimizer muon --shape 2,3 --reference --directions \\",
      "      --gradients g.csv --weights w0.csv --out u.csv"
    })
final class ReplayCommand implements Callable<Integer> {

  @Option(
      names = "--optimizer",
      required = true,
      paramLabel = "TYPE",
      description = "The optimizer, see ./adamant optimizers.")
  private String type;

  @Mixin private SettingOptions settings;

  @Option(
      names = "--gradients",
      required = true,
      paramLabel = "CSV",
      description = "Gradients, one row per step.")
  private Path gradients;

  @Option(
      names = "--weights",
      required = true,
      paramLabel = "CSV",
      description = "Weights before the first step, one row.")
  private Path weights;

  @Option(names = "--out", required = true, paramLabel = "CSV", description = "File to write.")
  private Path out;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      defaultValue = "0.001",
      description = "Learning rate of every step; default ${DEFAULT-VALUE}.")
  private double lr;

  @Option(
      names = "--weight-decay",
      paramLabel = "DECAY",
      defaultValue = "0",
      description = "Decoupled weight decay; default ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--rates",
      paramLabel = "CSV",
      description = "Learning rate of each step, one row per step, in place of --lr.")
  private Optional<Path> rates = Optional.empty();

  @Option(
      names = "--shape",
      paramLabel = "DIM,DIM",
      description =
          "Shape of the parameter, such as 2,3 for a matrix; default: a vector. Given several times,"
              + " a row holds as many parameters one after the other.")
  private List<String> shape = new ArrayList<>();

  @Option(
      names = "--sampled-gradients",
      paramLabel = "CSV",
      description =
          "For optimizers that take them: one row per step, like --gradients, already times the root"
              + " of the number of tokens; a row of nan where none is new.")
  private Optional<Path> sampledGradients = Optional.empty();

  @Option(
      names = "--probe-noise",
      paramLabel = "CSV",
      description =
          "For optimizers that take it: one row of Gaussian numbers per step; a row of nan where"
              + " none is new.")
  private Optional<Path> probeNoise = Optional.empty();

  @Option(
      names = "--earlier-gradients",
      paramLabel = "CSV",
      description =
          "For optimizers that take them: one row per step, like --gradients, of the same batch at"
              + " the weights of the step before.")
  private Optional<Path> earlierGradients = Optional.empty();

  @Option(
      names = "--losses",
      paramLabel = "CSV",
      description = "For optimizers that take it: the loss of each step, one row per step.")
  private Optional<Path> losses = Optional.empty();

  @Option(names = "--float64", description = "Compute in float64 instead of float32.")
  private boolean float64;

  @Option(
      names = "--reference",
      description = "Use the plain-double rule, which shares no code with the optimizer.")
  private boolean reference;

  @Option(names = "--directions", description = "Write the directions instead of the weights.")
  private boolean directions;

  @Option(
      names = "--averaged",
      description = "Write the weights to evaluate at, where the optimizer means others.")
  private boolean averaged;

  @Override
  public Integer call() {
    OptimizerConfig optimizer = configuration();
    double[][] start = CsvNumbers.read(weights);
    if (start.length != 1) {
      throw new InputException(
          weights + " has " + start.length + " rows; expected: one row of weights");
    }
    for (double weight : start[0]) {
      if (!Double.isFinite(weight)) {
        throw new InputException(
            weights + " has the weight " + weight + "; expected: finite numbers");
      }
    }
    double[][] steps = CsvNumbers.read(gradients);
    for (int k = 0; k < steps.length; k++) {
      requireSize(gradients + ", row " + (k + 1), steps[k].length, start[0].length);
    }
    double[] rate = rates(steps.length);
    Map<String, double[][]> inputs = inputs(optimizer, steps.length, start[0].length);
    List<int[]> shapes =
        shape.isEmpty()
            ? List.of(new int[] {start[0].length})
            : shape.stream().map(ReplayCommand::dimensions).toList();
    requireSize(
        "--shape " + shape, shapes.stream().mapToLong(ReplayCommand::size).sum(), start[0].length);
    double[][] rows =
        reference
            ? reference(optimizer, start[0], shapes, steps, rate, inputs)
            : real(optimizer, start[0], shapes, steps, rate, inputs);
    CsvNumbers.write(out, rows, !float64 && !reference);
    return 0;
  }

  /** What the rule is given beside gradients. */
  private Map<String, double[][]> inputs(OptimizerConfig config, int steps, int size) {
    Map<String, double[][]> inputs = new HashMap<>();
    input(config, StateKind.LOSS, "--losses", losses, steps, 1)
        .ifPresent(rows -> inputs.put(StateKind.LOSS.words(), rows));
    StateKind sampled = StateKind.SAMPLED_GRADIENT;
    input(config, sampled, "--sampled-gradients", sampledGradients, steps, size)
        .ifPresent(rows -> putFresh(inputs, sampled, rows));
    StateKind earlier = StateKind.EARLIER_GRADIENT;
    input(config, earlier, "--earlier-gradients", earlierGradients, steps, size)
        .ifPresent(rows -> inputs.put(earlier.words(), rows));
    input(config, StateKind.PROBE_NOISE, "--probe-noise", probeNoise, steps, size)
        .ifPresent(rows -> putFresh(inputs, StateKind.PROBE_NOISE, rows));
    return inputs;
  }

  private static void putFresh(Map<String, double[][]> inputs, StateKind kind, double[][] rows) {
    double[][] fresh = new double[rows.length][1];
    for (int k = 0; k < rows.length; k++) {
      fresh[k][0] = Arrays.stream(rows[k]).allMatch(Double::isFinite) ? 1 : 0;
    }
    inputs.put(kind.words(), rows);
    inputs.put(StateKind.FRESH.words(), fresh);
  }

  private Optional<double[][]> input(
      OptimizerConfig config,
      StateKind kind,
      String option,
      Optional<Path> file,
      int steps,
      int size) {
    String type = config.type();
    boolean wanted = Optimizers.definition(type).isGiven(kind, config.settings());
    if (wanted != file.isPresent()) {
      throw new InputException(
          wanted ? type + " needs " + option + " CSV" : option + ": " + type + " takes none");
    }
    Optional<double[][]> rows = file.map(CsvNumbers::read);
    if (rows.isPresent()) {
      if (rows.get().length != steps) {
        throw new InputException(
            "%s has %s rows; expected: %s, as in %s"
                .formatted(file.get(), rows.get().length, steps, gradients));
      }
      for (int k = 0; k < steps; k++) {
        int found = rows.get()[k].length;
        if (found != size) {
          throw new InputException(
              "%s, row %s has %s numbers; expected: %s".formatted(file.get(), k + 1, found, size));
        }
      }
    }
    return rows;
  }

  private double[] rates(int steps) {
    double[] rate = new double[steps];
    Arrays.fill(rate, lr);
    if (rates.isPresent()) {
      double[][] rows = CsvNumbers.read(rates.get());
      if (rows.length != steps || rows[0].length != 1) {
        throw new InputException(
            "%s has %s rows of %s; expected: %s rows of one rate"
                .formatted(rates.get(), rows.length, rows[0].length, steps));
      }
      Arrays.setAll(rate, k -> rows[k][0]);
    }
    for (double r : rate) {
      if (!(r >= 0 && Double.isFinite(r))) {
        throw new InputException(
            rates.get() + " has the rate " + r + "; expected: finite numbers of at least 0");
      }
    }
    return rate;
  }

  private static int[] dimensions(String shape) {
    try {
      int[] dimensions = Arrays.stream(shape.split(",", -1)).mapToInt(Integer::parseInt).toArray();
      if (Arrays.stream(dimensions).allMatch(dimension -> dimension >= 1)) {
        return dimensions;
      }
    } catch (NumberFormatException e) {
      throw new InputException("--shape " + shape + ": expected: whole numbers, such as 2,3", e);
    }
    throw new InputException("--shape " + shape + ": expected: dimensions of at least 1");
  }

  private OptimizerConfig configuration() {
    OptimizerConfig optimizer = settings.laidOver(OptimizerConfig.of(type, lr, weightDecay));
    return RunConfig.defaults().with(optimizer).optimizer(); // which refuses a bad rate
  }

  private double[][] real(
      OptimizerConfig config,
      double[] start,
      List<int[]> shapes,
      double[][] steps,
      double[] rate,
      Map<String, double[][]> inputs) {
    LearningRate schedule = schedule(rate);
    List<FusedOptimizer> optimizers = new ArrayList<>();
    List<Replay.Tensor> tensors = new ArrayList<>();
    try {
      for (int[] shape : shapes) {
        Others rule = rule(config, shape, schedule);
        FusedOptimizer optimizer = optimizer(rule, schedule);
        optimizers.add(optimizer);
        tensors.add(new Replay.Tensor(optimizer, shape, rule.lrScale(), rule.weightDecay()));
      }
      Replay replay = Replay.run(tensors, float64, start, steps, schedule, inputs);
      return directions ? replay.directions() : averaged ? replay.averaged() : replay.weights();
    } finally {
      optimizers.forEach(FusedOptimizer::close);
    }
  }

  private static LearningRate schedule(double[] rate) {
    return LearningRate.of(k -> rate[(int) k], Arrays.stream(rate).max().orElseThrow());
  }

  private static Others rule(OptimizerConfig config, int[] shape, LearningRate schedule) {
    return Others.of(
        config.type(), config.settings(), shape, schedule.highest(), config.weightDecay());
  }

  private static FusedOptimizer optimizer(Others rule, LearningRate schedule) {
    return Optimizers.create(
        rule.type(), rule.settings(), schedule.times(rule.lrScale()), rule.weightDecay());
  }

  private double[][] reference(
      OptimizerConfig config,
      double[] start,
      List<int[]> shapes,
      double[][] steps,
      double[] rate,
      Map<String, double[][]> inputs) {
    LearningRate schedule = schedule(rate);
    double[][] rows = new double[steps.length][start.length];
    int from = 0;
    for (int[] shape : together(config, shapes, start.length)) {
      int to = from + (int) size(shape);
      Others of = rule(config, shape, schedule);
      Rule rule = inDoubles(of, shape);
      int begin = from;
      int[] row = {0};
      rule.takeFrom(
          (kind, k, size) -> {
            double[] given = inputs.get(kind)[row[0]];
            return given.length == size ? given : Arrays.copyOfRange(given, begin, begin + size);
          });
      double[] w = Arrays.copyOfRange(start, from, to);
      try (FusedOptimizer optimizer = optimizer(of, schedule)) { // knows the highest rate
        for (int k = 0; k < steps.length; k++) {
          row[0] = k;
          double[] g = Arrays.copyOfRange(steps[k], from, to);
          if (!Arrays.stream(steps[k]).allMatch(Double::isFinite)) {
            Arrays.fill(g, Double.NaN); // a step that is skipped for one parameter is so for all
          }
          double eta = rate[k] * of.lrScale();
          double[] u = rule.step(w, g, eta, optimizer.perRate(of.weightDecay(), eta));
          double[] result = directions ? u : averaged ? rule.averaged(w) : w;
          System.arraycopy(result, 0, rows[k], from, w.length);
        }
      }
      from = to;
    }
    return rows;
  }

  private static Rule inDoubles(Others rule, int[] shape) {
    try {
      return Rules.create(rule.type(), rule.settings(), shape);
    } catch (IllegalArgumentException e) {
      throw new InputException(e.getMessage(), e);
    }
  }

  /** A rule in double sums over its one tensor: all that are summed over are one to it. */
  private static List<int[]> together(OptimizerConfig config, List<int[]> shapes, int size) {
    return Optimizers.definition(config.type()).sums().isEmpty()
        ? shapes
        : List.of(new int[] {size});
  }

  /** Coordinates of a shape; what is beyond a long is 2^63 - 1. */
  private static long size(int[] dimensions) {
    long size = 1;
    for (int dimension : dimensions) {
      size = size > Long.MAX_VALUE / dimension ? Long.MAX_VALUE : size * dimension;
    }
    return size;
  }

  private void requireSize(String what, long found, int expected) {
    if (found != expected) {
      throw new InputException(
          "%s has %s coordinates; expected: %s, as in %s"
              .formatted(what, found, expected, weights));
    }
  }
}
