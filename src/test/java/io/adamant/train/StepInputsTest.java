package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.optim.ParameterGroup;
import io.adamant.optim.StateKind;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What optimizers are given beside gradients. */
class StepInputsTest {

  @TempDir Path temp;

  private RunConfig sophia(double interval) {
    return config("sophiag", 3e-3, Map.of("hessian_interval", interval));
  }

  private RunConfig config(String type, double lr, Map<String, Object> settings) {
    RunConfig adamw =
        TestRuns.config(
            TestRuns.corpus(temp),
            "training.steps=14",
            "training.eval_every=0",
            "training.checkpoint_every=0");
    return Training.resolve(adamw.with(new OptimizerConfig(type, lr, 0, settings)));
  }

  /** Of Sophia-G the last estimate before the stop is long past, the next one not yet due. */
  static Stream<OptimizerConfig> whatNeedsInputs() {
    return Stream.of(
        new OptimizerConfig("sophiag", 3e-3, 0, Map.of("hessian_interval", 4.0)),
        new OptimizerConfig("schedulefree_plus", 1, 0, Map.of("beta1_steps", 10.0)),
        new OptimizerConfig("psgd_kron", 1e-3, 0, Map.of("precondition_frequency", 3.0)),
        new OptimizerConfig("mars", 4e-3, 0, Map.of("difference", "exact")));
  }

  @ParameterizedTest
  @MethodSource("whatNeedsInputs")
  void aResumedRunIsGivenTheSame(OptimizerConfig optimizer) {
    RunConfig config = config(optimizer.type(), optimizer.lr(), optimizer.settings());
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = TestRuns.train(config, data, temp.resolve("whole"));
      AtomicInteger left = new AtomicInteger(7);
      RunSummary part =
          TestRuns.train(config, data, temp.resolve("parts"), () -> left.decrementAndGet() == 0);
      assertThat(part.status()).isEqualTo(RunStatus.INTERRUPTED);
      RunSummary parts = TestRuns.train(config, data, temp.resolve("parts"));
      assertThat(parts.weightsSha256()).isEqualTo(whole.weightsSha256());
    }
  }

  @Test
  void labelsOfAWholeBatchAreOthersThanThoseOfItsHalves() {
    RunConfig config = sophia(4);
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = TestRuns.train(config, data, temp.resolve("whole"));
      RunConfig other = config.with("training.micro_batch", 4);
      assertThat(TestRuns.train(other, data, temp.resolve("other")).weightsSha256())
          .isNotEqualTo(whole.weightsSha256());
    }
  }

  @Test
  void theLossIsTheMeanOverTheMicroBatches() {
    RunConfig config = config("schedulefree_plus", 1, Map.of());
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        Session session =
            new Session(config, data, Device.cpu(), KernelPath.of(config.training().kernels()));
        Autograd.Mode off = Autograd.noGrad();
        NDManager scope = session.manager().newSubManager()) {
      NDList losses = new NDList(scope.create(1f), scope.create(4f));
      session.inputs().orElseThrow().give(scope, 0, losses, new NDList(), new NDList());
      for (ParameterGroup group : session.groups()) {
        assertThat(flat(given(group, StateKind.LOSS))).isNotEmpty().containsOnly(2.5);
      }
    }
  }

  @Test
  void labelsHaveTheProbabilitiesOfTheLogits() {
    double[] expected = {0.5, 0.3, 0.15, 0.05};
    int n = 20_000;
    try (NDManager manager = NDManager.newBaseManager();
        ScriptModule kernel =
            new ScriptModule(
                manager, new ScriptArchive(ScriptModule.resource("inputs.py"), Map.of()))) {
      float[] logits = new float[4];
      for (int i = 0; i < 4; i++) {
        logits[i] = (float) Math.log(expected[i]) + 3;
      }
      NDArray x = manager.create(logits).reshape(1, 4).repeat(0, n);
      long[] labels = drawn(kernel, manager, x, 5);
      for (int i = 0; i < 4; i++) {
        int label = i;
        double share = Arrays.stream(labels).filter(l -> l == label).count() / (double) n;
        double p = expected[i];
        assertThat(Math.abs(share - p)).isLessThan(4 * Math.sqrt(p * (1 - p) / n));
      }
      assertThat(drawn(kernel, manager, x, 5)).isEqualTo(labels);
      long[] others = drawn(kernel, manager, x, 6);
      long same = 0;
      for (int i = 0; i < n; i++) {
        same += labels[i] == others[i] ? 1 : 0;
      }
      double chance = Arrays.stream(expected).map(p -> p * p).sum();
      assertThat(same / (double) n).isBetween(chance - 0.02, chance + 0.02);
    }
  }

  @Test
  void noiseIsGaussianAndOfTheSeedTheStepAndThePlace() {
    RunConfig config = config("psgd_kron", 1e-3, Map.of("precondition_frequency", 2.0));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        Session session =
            new Session(config, data, Device.cpu(), KernelPath.of(config.training().kernels()));
        Autograd.Mode off = Autograd.noGrad();
        NDManager scope = session.manager().newSubManager()) {
      List<double[]> drawn = new ArrayList<>();
      for (int step : new int[] {0, 1, 2, 0}) {
        NDList loss = new NDList(scope.create(1f));
        session.inputs().orElseThrow().give(scope, step, loss, new NDList(), new NDList());
        double[] all = new double[0];
        for (ParameterGroup group : session.groups()) {
          all = joined(all, flat(given(group, StateKind.PROBE_NOISE)));
          assertThat(flat(given(group, StateKind.FRESH))).containsOnly(step == 1 ? 0.0 : 1.0);
        }
        drawn.add(all);
      }
      double[] x = drawn.get(0);
      double n = x.length;
      assertThat(Math.abs(Arrays.stream(x).sum())).isLessThan(4 * Math.sqrt(n));
      assertThat(Math.abs(square(x) - n)).isLessThan(4 * Math.sqrt(2 * n));
      double fourth = Arrays.stream(x).map(v -> v * v * v * v).sum();
      assertThat(Math.abs(fourth - 3 * n)).isLessThan(4 * Math.sqrt(96 * n));
      assertThat(Arrays.stream(x).distinct().count())
          .as("no number twice")
          .isGreaterThan((long) (0.99 * n));
      double product = 0;
      for (int i = 0; i < x.length; i++) {
        product += x[i] * drawn.get(2)[i];
      }
      assertThat(Math.abs(product)).as("steps are independent").isLessThan(4 * Math.sqrt(n));
      assertThat(drawn.get(1)).as("kept").isEqualTo(x);
      assertThat(drawn.get(3)).as("the same step again").isEqualTo(x);
    }
  }

  /** Twice the same batch, as two micro-batches, whose mean gradient is that of one. */
  @Test
  void theEarlierGradientIsThatOfTheSameBatchAtTheWeightsBefore() {
    RunConfig config = config("mars", 1e-3, Map.of("difference", "exact"));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        Session session =
            new Session(config, data, Device.cpu(), KernelPath.of(config.training().kernels()));
        Autograd.Mode off = Autograd.noGrad();
        NDManager scope = session.manager().newSubManager()) {
      NDArray tokens = scope.randomInteger(97, 122, new Shape(4, 16), DataType.INT64);
      NDArray targets = scope.randomInteger(97, 122, new Shape(4, 16), DataType.INT64);
      session.model().forwardBackward(scope, tokens, targets, 1);
      double[] before = flat(session.gradients());
      session.clipping().zero(scope, session.gradients());
      for (ParameterGroup group : session.groups()) {
        group.state().parameters().forEach(w -> w.muli(1.5f));
      }
      session.model().forwardBackward(scope, tokens, targets, 1);
      double[] now = flat(session.gradients());
      double[] weights = weights(session);
      session
          .inputs()
          .orElseThrow()
          .give(
              scope,
              1,
              new NDList(scope.create(1f)),
              new NDList(tokens, tokens),
              new NDList(targets, targets));
      double scale = Math.min(1, config.clip().globalNorm() / Math.sqrt(square(before)));
      double[] found = new double[0];
      for (ParameterGroup group : session.groups()) {
        found = joined(found, flat(given(group, StateKind.EARLIER_GRADIENT)));
      }
      double largest = Arrays.stream(before).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isCloseTo(scale * before[i], within(1e-6 * largest));
      }
      assertThat(now).isNotEqualTo(before);
      assertThat(flat(session.gradients())).isEqualTo(now);
      assertThat(weights(session)).isEqualTo(weights);
    }
  }

  private static double[] weights(Session session) {
    double[] all = new double[0];
    for (ParameterGroup group : session.groups()) {
      all = joined(all, flat(group.state().parameters()));
    }
    return all;
  }

  private static long[] drawn(ScriptModule kernel, NDManager manager, NDArray logits, long key) {
    return kernel.call(manager, "draw", logits, key).singletonOrThrow().toLongArray();
  }

  /**
   * The score of labels that the model itself draws has the mean 0: that of n gradients is as small
   * as chance has it, 1/&radic;n of their norm. The data's labels would leave a mean.
   */
  @Test
  void theSampledGradientIsAScoreAndTheStepsOwnComesBack() {
    RunConfig config = sophia(1);
    int n = 64;
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        Session session =
            new Session(config, data, Device.cpu(), KernelPath.of(config.training().kernels()))) {
      StepInputs inputs = session.inputs().orElseThrow();
      NDManager manager = session.manager();
      NDArray tokens = manager.randomInteger(97, 122, new Shape(4, 16), DataType.INT64);
      double[] sum = new double[0];
      double squares = 0;
      try (Autograd.Mode off = Autograd.noGrad()) {
        session.model().forwardBackward(manager, tokens, tokens, 1);
        double[] before = flat(session.gradients());
        for (int step = 0; step < n; step++) {
          try (NDManager scope = manager.newSubManager()) {
            inputs.give(
                scope, step, new NDList(scope.create(1f)), new NDList(tokens), new NDList());
          }
          assertThat(flat(session.gradients())).isEqualTo(before);
          double[] s = new double[0];
          for (ParameterGroup group : session.groups()) {
            s = joined(s, flat(given(group, StateKind.SAMPLED_GRADIENT)));
            assertThat(flat(given(group, StateKind.FRESH))).containsOnly(1);
          }
          double[] now = s;
          double[] old = sum.length == 0 ? new double[s.length] : sum;
          sum = new double[s.length];
          Arrays.setAll(sum, i -> old[i] + now[i]);
          squares += square(s);
        }
        double ratio = Math.sqrt(square(sum) / n / squares); // 1 if all of them were the same
        assertThat(ratio * Math.sqrt(n)).isBetween(0.5, 1.5);
      }
    }
  }

  private static NDList given(ParameterGroup group, StateKind kind) {
    return group.optimizer().given(group.state(), kind).orElseThrow();
  }

  private static double[] flat(NDList list) {
    double[] all = new double[0];
    for (NDArray array : list) {
      all = joined(all, array.toType(DataType.FLOAT64, true).toDoubleArray());
    }
    return all;
  }

  private static double[] joined(double[] one, double[] other) {
    double[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static double square(double[] x) {
    return Arrays.stream(x).map(v -> v * v).sum();
  }
}
