package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.ModelSize;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.LearningRate;
import io.adamant.optim.OptimizerState;
import io.adamant.optim.Optimizers;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.RunSummary;
import io.adamant.tensor.Autograd;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries, keys and values, and gate and up, under rules of matrices. */
class FusedMatricesTest {

  private static final double RATE = 0.01;
  private static final double DECAY = 0.1;

  @TempDir Path temp;
  private Path corpus;

  @BeforeEach
  void writeCorpus() {
    corpus = TestRuns.corpus(temp);
  }

  /** Two query heads share one of keys and values, and the MLP is gated. */
  private RunConfig config(String type, Map<String, Object> settings, String... more) {
    RunConfig run = shape(more);
    return Training.withOptimizersResolved(
        run.with(run.optimizer().withType(type).withSettings(settings)));
  }

  private RunConfig shape(String... more) {
    return TestRuns.config(
        corpus,
        Stream.concat(
                Stream.of(
                    "model.layers=1",
                    "model.width=16",
                    "model.heads=2",
                    "model.kv_heads=1",
                    "model.context=16",
                    "optimizer.lr=" + RATE,
                    "optimizer.weight_decay=" + DECAY),
                Stream.of(more))
            .toArray(String[]::new));
  }

  /** SOAP's longest side lies between the rows of keys and those of queries. */
  @ParameterizedTest
  @ValueSource(strings = {"muon_hidden", "soap", "shampoo", "normuon", "scion"})
  void eachPieceGoesItsOwnWay(String rule) {
    Map<String, Object> settings = rule.equals("soap") ? Map.of("max_precond_dim", 12L) : Map.of();
    RunConfig run = config(rule, settings);
    Map<String, long[]> pieces = new LinkedHashMap<>();
    pieces.put("layers.0.attention.qkv.q", new long[] {0, 16});
    pieces.put("layers.0.attention.qkv.k", new long[] {16, 24});
    pieces.put("layers.0.attention.qkv.v", new long[] {24, 32});
    long f = run.model().mlpHidden();
    pieces.put("layers.0.mlp.up.gate", new long[] {0, f});
    pieces.put("layers.0.mlp.up.up", new long[] {f, 2 * f});

    Random random = new Random(1);
    try (NDManager manager = NDManager.newBaseManager();
        Autograd.Mode off = Autograd.noGrad()) {
      Map<String, NDArray> named = new LinkedHashMap<>();
      new ModelSize(run.model(), 257)
          .shapes()
          .forEach((name, shape) -> named.put(name, normal(manager, shape, random)));
      Map<String, NDArray> apart = new LinkedHashMap<>();
      pieces.forEach((name, rows) -> apart.put(name, rows(named, name, rows).duplicate()));
      LearningRate rate = LearningRate.constant(RATE);
      try (ParameterGroups groups = new ParameterGroups(manager, run, named, rate);
          FusedOptimizer alone =
              Optimizers.create(run.optimizer().type(), run.optimizer().settings(), rate, DECAY)) {
        List<String> names =
            groups.all().stream().flatMap(g -> g.state().names().stream()).toList();
        assertThat(names).containsAll(pieces.keySet()).doesNotHaveDuplicates();
        assertThat(names).doesNotContain("layers.0.attention.qkv", "layers.0.mlp.up");
        OptimizerState state =
            alone.newState(manager, List.copyOf(apart.keySet()), new NDList(apart.values()));
        for (int step = 0; step < 12; step++) {
          NDList gradients = new NDList();
          Map<String, NDArray> whole = new LinkedHashMap<>();
          named.forEach(
              (name, array) -> {
                NDArray gradient = normal(manager, array.getShape(), random);
                Autograd.copy(gradient, Autograd.gradient(array));
                whole.put(name, gradient);
              });
          pieces.forEach((name, rows) -> gradients.add(rows(whole, name, rows)));
          NDArray gate = manager.create(1d);
          ParameterGroup.step(groups.all(), gate, RATE);
          alone.step(state, gradients, gate, RATE, DECAY);
        }
        pieces.forEach(
            (name, rows) ->
                assertThat(rows(named, name, rows).toDoubleArray())
                    .as(name)
                    .containsExactly(apart.get(name).toDoubleArray(), within(1e-12)));
      }
    }
  }

  private static NDArray normal(NDManager manager, Shape shape, Random random) {
    double[] values = random.doubles(shape.size(), -1, 1).toArray();
    return manager.create(values, shape);
  }

  private static NDArray rows(Map<String, NDArray> named, String piece, long[] rows) {
    return named.get(piece.substring(0, piece.lastIndexOf('.'))).get(rows[0] + ":" + rows[1]);
  }

  @Test
  void theStateIsThatOfThePieces() {
    RunConfig split = config("soap", Map.of());
    RunConfig whole = config("soap", Map.of("fused_matrices", "whole"));
    Map<String, Shape> shapes = new ModelSize(split.model(), 257).shapes();
    long f = split.model().mlpHidden();
    long columns = 16 * 16;
    // Each matrix has two states "rows rows" and two "columns columns", beside those of its shape.
    long rows = 2 * (32 * 32 - (16 * 16 + 8 * 8 + 8 * 8)) + 2 * (4 * f * f - 2 * f * f);
    long sides = 2 * (1 - 3) * columns + 2 * (1 - 2) * columns;
    assertThat(ParameterGroups.stateSize(whole, shapes) - ParameterGroups.stateSize(split, shapes))
        .isEqualTo(rows + sides);
  }

  @Test
  void othersWithTheRateZeroArePlannedAsFrozen() {
    RunConfig run = config("muon_hidden", Map.of("others_lr", 0.0));
    List<String> trained =
        new ModelSize(run.model(), 257)
            .shapes().keySet().stream()
                .filter(name -> !ParameterGroups.size(run, 257).frozen().contains(name))
                .toList();
    assertThat(trained)
        .containsExactly(
            "layers.0.attention.qkv",
            "layers.0.attention.out",
            "layers.0.mlp.up",
            "layers.0.mlp.down");
  }

  @Test
  void aStoppedRunGoesOnToTheBitAndMeasuringChangesNothing() {
    RunConfig run = config("soap", Map.of(), "training.steps=12", "training.eval_every=0");
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"))) {
      RunSummary straight = TestRuns.train(run, data, temp.resolve("straight"));
      AtomicInteger asked = new AtomicInteger();
      Training training = new Training(run, data, List.of(), ProgressListener.NONE);
      training.train(temp.resolve("stopped"), () -> asked.incrementAndGet() > 7);
      RunSummary resumed = TestRuns.train(run, data, temp.resolve("stopped"));
      assertThat(resumed.steps()).isEqualTo(12);
      assertThat(resumed.weightsSha256()).isEqualTo(straight.weightsSha256());

      RunConfig whole =
          config(
              "soap",
              Map.of("fused_matrices", "whole"),
              "training.steps=12",
              "training.eval_every=0");
      assertThat(TestRuns.train(whole, data, temp.resolve("whole")).weightsSha256())
          .as("the setting does something")
          .isNotEqualTo(straight.weightsSha256());
    }
  }

  /** A hook is shown the parameters that the model has, and gradients of other batches. */
  @Test
  void hooksSeeWholeMatricesAndTheirGradients() {
    Watch split = new Watch();
    Watch whole = new Watch();
    watch(split, "split");
    watch(whole, "whole");
    assertThat(split.names).isEqualTo(whole.names).contains("layers.0.attention.qkv");
    assertThat(split.squares).isCloseTo(whole.squares, within(1e-6 * whole.squares));
    assertThat(split.again).as("gradients begin at zero again").isEqualTo(split.squares);
  }

  private void watch(Watch watch, String kind) {
    // Weights are those of the start: the rate is 0.
    RunConfig run =
        config(
            "muon_hidden",
            Map.of("fused_matrices", kind),
            "optimizer.lr=0",
            "schedule.kind=constant",
            "training.steps=1");
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"))) {
      new Training(run, data, List.of(watch), ProgressListener.NONE)
          .train(temp.resolve(kind), () -> false);
    }
  }

  private static final class Watch implements TrainingHook {
    private List<String> names = List.of();
    private double squares;
    private double again;

    @Override
    public boolean wants(long step) {
      return step == 1;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      names = view.parameters().keySet().stream().sorted().toList();
      squares = squares(view);
      again = squares(view);
      return Map.of();
    }

    private static double squares(StepView view) {
      NDManager owner = view.parameter("embedding.weight").getManager();
      try (NDManager scope = owner.newSubManager()) {
        NDList gradient = view.probe().orElseThrow().gradient(scope, 0, 0, new NDList());
        return gradient.stream().mapToDouble(g -> g.pow(2).sum().getFloat()).sum();
      }
    }
  }
}
