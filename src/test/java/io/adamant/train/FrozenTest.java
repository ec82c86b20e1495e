package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.RunSummary;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.SafeTensors;
import io.adamant.tensor.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters that a group with the rate 0 freezes. */
class FrozenTest {

  private static final String MATCH = "embedding[.].*|layers[.]0[.].*";

  @TempDir Path temp;
  private Path corpus;

  @BeforeEach
  void writeCorpus() {
    corpus = TestRuns.corpus(temp);
  }

  /** A run in which clipping bites at every step. */
  private RunConfig config(String... more) {
    return TestRuns.config(
        corpus,
        Stream.concat(
                Stream.of(
                    "groups.still.match=" + MATCH, "training.steps=15", "clip.global_norm=0.05"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private RunConfig frozen(String... more) {
    return config(
        Stream.concat(Stream.of("groups.still.lr_scale=0"), Stream.of(more))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.tied=false", "model.preset=gpt2"})
  void theOthersTrainAsIfTheirGradientsWereDroppedBeforeClipping(String kind) throws IOException {
    String[] shape = {
      kind, "model.layers=2", "model.width=16", "model.heads=2", "model.context=16"
    };
    RunConfig run = frozen(shape);
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"))) {
      RunSummary summary = TestRuns.train(run, data, temp.resolve("run"));
      Map<String, float[]> before = new TreeMap<>();
      Map<String, NDArray> after;
      String expected;
      KernelPath path = KernelPath.of(run.training().kernels());
      try (Session session = new Session(config(shape), data, Device.cpu(), path)) {
        session.weights().forEach((name, array) -> before.put(name, array.toFloatArray()));
        dropAndStep(session, run);
        after = session.weights();
        expected = SafeTensors.sha256(after);
      }
      assertThat(summary.weightsSha256()).isEqualTo(expected);
      try (NDManager manager = NDManager.newBaseManager();
          SafeTensorsFile file =
              SafeTensorsFile.open(
                  temp.resolve("run/checkpoint/step-00000015/weights.safetensors"))) {
        before.forEach(
            (name, values) -> {
              float[] trained = read(file, name, manager);
              if (name.matches(MATCH)) {
                assertThat(trained).as(name).isEqualTo(values);
              } else {
                assertThat(trained).as(name).isNotEqualTo(values);
              }
            });
      }
    }
  }

  private static float[] read(SafeTensorsFile file, String name, NDManager manager) {
    try {
      return file.read(name, manager).toFloatArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The run by hand, in which all parameters have gradients. */
  private static void dropAndStep(Session session, RunConfig run) {
    List<ParameterGroup> trained =
        session.groups().stream().filter(group -> !group.name().startsWith("still.")).toList();
    assertThat(trained.size()).isLessThan(session.groups().size());
    NDList kept = new NDList();
    trained.forEach(group -> kept.addAll(group.gradients()));
    try (BatchPrefetcher batches = session.batchesFrom(0)) {
      for (long step = 0; step < run.training().steps(); step++) {
        try (NDManager scope = session.manager().newSubManager();
            Autograd.Mode off = Autograd.noGrad()) {
          NDList losses = new NDList();
          int count = run.training().accumulation(step);
          for (int micro = 0; micro < count; micro++) {
            try (NDManager activations = scope.newSubManager();
                BatchPrefetcher.Batch batch = batches.next(activations, step, micro)) {
              NDArray loss =
                  session
                      .model()
                      .forwardBackward(activations, batch.tokens(), batch.targets(), 1.0 / count);
              loss.attach(scope);
              losses.add(loss);
            }
          }
          NDArray gate = session.clipping().clipAndGuard(scope, losses, kept, step);
          double rate = session.learningRate().at(step);
          trained.forEach(
              group ->
                  group
                      .optimizer()
                      .step(group.state(), group.gradients(), gate, rate, group.weightDecay()));
          session.clipping().zero(scope, session.gradients());
        }
        assertThat(session.clipping().read(step, step + 1)[0].scale()).isLessThan(1);
      }
    }
  }

  @Test
  void aRunOfThemIsResumedAndRecomputedWithTheSameBits() {
    Path from = temp.resolve("from");
    // Weights that the seed does not make again: a checkpoint has to hold the frozen ones too.
    String[] start = {"training.init_from=" + from, "training.seed=9"};
    RunConfig before = config();
    try (TokenDataset data = TestRuns.data(before, temp.resolve("cache"))) {
      TestRuns.train(before, data, from);
      RunConfig run = frozen(start);
      String whole = TestRuns.train(run, data, temp.resolve("whole")).weightsSha256();
      AtomicInteger left = new AtomicInteger(7);
      TestRuns.train(run, data, temp.resolve("parts"), () -> left.decrementAndGet() == 0);
      assertThat(TestRuns.train(run, data, temp.resolve("parts")).weightsSha256()).isEqualTo(whole);
      RunConfig again = frozen(start[0], start[1], "training.checkpoint_activations=true");
      assertThat(TestRuns.train(again, data, temp.resolve("again")).weightsSha256())
          .isEqualTo(whole);
    }
  }

  @Test
  void theyHaveNoGradientAndNoState() {
    RunConfig run = frozen();
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"));
        Session session =
            new Session(run, data, Device.cpu(), KernelPath.of(run.training().kernels()))) {
      ModelSize size = ParameterGroups.size(run, 257);
      assertThat(size.frozen())
          .isEqualTo(session.frozen().keySet())
          .contains("embedding.weight", "layers.0.mlp_norm.gain")
          .hasSize(7);
      assertThat(session.gradients().stream().mapToLong(NDArray::size).sum())
          .isEqualTo(size.trained());
      assertThat(session.tensorNames()).doesNotContainAnyElementsOf(size.frozen());
      session
          .frozen()
          .values()
          .forEach(array -> assertThat(Autograd.requiresGradient(array)).isFalse());
      long state =
          session.optimizerState().entrySet().stream()
              .filter(entry -> !entry.getKey().endsWith(":steps"))
              .mapToLong(entry -> entry.getValue().size())
              .sum();
      assertThat(state)
          .isEqualTo(2 * size.trained())
          .isEqualTo(ParameterGroups.stateSize(run, size.shapes()));
    }
  }

  /** What hooks read: every parameter, and gradients of the trained ones at the run's weights. */
  @Test
  void hooksSeeThemAndAProbeComputesWithThem() {
    RunConfig start = config();
    try (TokenDataset data = TestRuns.data(start, temp.resolve("cache"))) {
      TestRuns.train(start, data, temp.resolve("start"));
      List<float[]> embeddings = new ArrayList<>();
      List<float[]> gradients = new ArrayList<>();
      for (String scale : new String[] {"0", "1"}) {
        RunConfig run =
            config(
                "groups.still.lr_scale=" + scale,
                "training.init_from=" + temp.resolve("start"),
                "training.seed=9",
                "training.steps=1",
                "optimizer.lr=1e-30");
        TrainingHook hook =
            new TrainingHook() {
              @Override
              public boolean wants(long step) {
                return true;
              }

              @Override
              public Map<String, Object> observe(StepView view) {
                embeddings.add(view.parameter("embedding.weight").toFloatArray());
                NDArray head = view.parameter("head.weight");
                int place = place(view, "head.weight");
                try (NDManager scope = head.getManager().newSubManager()) {
                  NDList all = view.probe().orElseThrow().gradient(scope, 0, 0, new NDList());
                  gradients.add(all.get(place).toFloatArray());
                }
                return Map.of();
              }
            };
        new Training(run, data, List.of(hook), ProgressListener.NONE)
            .train(temp.resolve("probed" + scale), () -> false);
      }
      assertThat(embeddings.get(0)).isEqualTo(embeddings.get(1));
      assertThat(gradients.get(0)).isEqualTo(gradients.get(1));
    }
  }

  private static int place(StepView view, String name) {
    return view.groups().stream()
        .flatMap(group -> group.state().names().stream())
        .toList()
        .indexOf(name);
  }

  @Test
  void aRunThatTrainsNothingIsRefusedBeforeAnythingIsWritten() {
    RunConfig run = config("groups.still.match=.*", "groups.still.lr_scale=0");
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"))) {
      assertThatThrownBy(() -> TestRuns.train(run, data, temp.resolve("none")))
          .isInstanceOf(InputException.class)
          .hasMessage("groups: all parameters are frozen by lr_scale: 0; expected: some to train");
      assertThat(Files.exists(temp.resolve("none"))).isFalse();
    }
  }
}
