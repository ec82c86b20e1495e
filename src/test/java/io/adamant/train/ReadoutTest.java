package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.Readout;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that a run reads out: what they are, and that they only look on. */
class ReadoutTest {

  private static final String[] EMA = {"training.readout=ema", "training.readout_decay=0.7"};
  private static final String[] TAIL = {"training.readout=tail"}; // steps 33 to 40

  @TempDir Path temp;
  private Path corpus;
  private final List<String> messages = new ArrayList<>();

  @BeforeEach
  void writeCorpus() {
    corpus = TestRuns.corpus(temp);
  }

  private RunConfig config(String... more) {
    List<String> overrides = new ArrayList<>(List.of(more));
    overrides.add("training.keep_checkpoints=9");
    return TestRuns.config(corpus, overrides.toArray(new String[0]));
  }

  private RunSummary train(RunConfig config, String name, int steps, TrainingHook... hooks) {
    AtomicInteger left = new AtomicInteger(steps);
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void message(String text) {
            messages.add(text);
          }
        };
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      return new Training(config, data, List.of(hooks), listener)
          .train(temp.resolve(name), () -> left.decrementAndGet() == 0);
    }
  }

  private Path file(String run, int step, String name) {
    return temp.resolve(run).resolve("checkpoint/step-000000" + step).resolve(name);
  }

  /** Everything in a run's metrics that is not a matter of time, nor of the readout. */
  private List<String> metrics(String name, boolean readout) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(temp.resolve(name).resolve("metrics.jsonl"))) {
      ObjectNode node = (ObjectNode) Json.MAPPER.readTree(line);
      node.remove("tokens_per_s");
      if (!readout) {
        node.remove("readout_val_loss");
      }
      lines.add(node.toString());
    }
    return lines;
  }

  /** The weights before the first step and after each one that was taken; spoils two of them. */
  private static final class Weights implements TrainingHook {
    private static final List<Long> SPOILT = List.of(5L, 36L);
    private final Map<Long, Map<String, float[]>> after = new HashMap<>();

    private static Map<String, float[]> of(List<ParameterGroup> groups) {
      Map<String, float[]> weights = new HashMap<>();
      for (ParameterGroup group : groups) {
        for (int i = 0; i < group.state().names().size(); i++) {
          weights.put(
              group.state().names().get(i), group.state().parameters().get(i).toFloatArray());
        }
      }
      return weights;
    }

    @Override
    public void begin(List<ParameterGroup> groups) {
      after.put(0L, of(groups));
    }

    @Override
    public boolean wants(long step) {
      return true;
    }

    @Override
    public void accumulated(long step, int done, int count, List<ParameterGroup> groups) {
      if (SPOILT.contains(step) && done == count) {
        groups.get(0).gradients().get(0).set(new NDIndex(":"), Float.NaN);
      }
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      after.put(view.step(), of(view.groups()));
      return Map.of();
    }
  }

  private static double[] mean(Readout kind, Weights weights, String name, int steps) {
    float[] initial = weights.after.get(0L).get(name);
    double[] mean = new double[initial.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = kind == Readout.EMA ? initial[i] : 0;
    }
    int t = 0;
    for (long step = kind == Readout.EMA ? 1 : 33; step <= steps; step++) {
      if (!Weights.SPOILT.contains(step)) {
        t++;
        double decay = kind == Readout.EMA ? Math.min(0.7, (1.0 + t) / (10.0 + t)) : 1 - 1.0 / t;
        float[] w = weights.after.get(step).get(name);
        for (int i = 0; i < mean.length; i++) {
          mean[i] = decay * mean[i] + (1 - decay) * w[i];
        }
      }
    }
    return mean;
  }

  @ParameterizedTest
  @CsvSource({"EMA, 10", "EMA, 40", "TAIL, 40"})
  void itIsTheAverageOfTheWeightsAfterEachStepTaken(Readout kind, int step) throws IOException {
    Weights weights = new Weights();
    RunSummary summary = train(config(kind == Readout.EMA ? EMA : TAIL), "run", 99, weights);
    assertThat(summary.skippedSteps()).isEqualTo(2);
    double farthest = 0;
    try (NDManager manager = NDManager.newBaseManager()) {
      StoredModel stored =
          StoredModel.open(
              file("run", step, "readout.safetensors").getParent(), StoredModel.Choice.LAST, kind);
      for (Map.Entry<String, NDArray> read : stored.read(manager).entrySet()) {
        double[] expected = mean(kind, weights, read.getKey(), step);
        float[] found = read.getValue().toFloatArray();
        float[] trained = weights.after.get((long) step).get(read.getKey());
        for (int i = 0; i < found.length; i++) {
          assertThat((double) found[i]).as(read.getKey()).isCloseTo(expected[i], within(5e-7));
          farthest = Math.max(farthest, Math.abs(found[i] - trained[i]));
        }
      }
    }
    assertThat(farthest).isGreaterThan(1e-4); // or any weights would do
  }

  @Test
  void anAverageOverTheTailIsNotThereBefore() {
    train(config(TAIL), "run", 99);
    assertThat(file("run", 30, "readout.safetensors")).doesNotExist();
    assertThat(file("run", 40, "readout.safetensors")).exists();
  }

  @ParameterizedTest
  @EnumSource(
      value = Readout.class,
      names = {"EMA", "TAIL"})
  void theTrainingIsTheSameBitForBit(Readout kind) throws IOException {
    RunSummary plain = train(config(), "plain", 99);
    RunSummary with = train(config(kind == Readout.EMA ? EMA : TAIL), "with", 99);
    assertThat(with.weightsSha256()).isEqualTo(plain.weightsSha256());
    assertThat(with.valLoss()).isEqualTo(plain.valLoss());
    assertThat(with.bestValLoss()).isEqualTo(plain.bestValLoss());
    assertThat(file("with", 40, "optimizer.safetensors"))
        .hasSameBinaryContentAs(file("plain", 40, "optimizer.safetensors"));
    assertThat(metrics("with", false)).isEqualTo(metrics("plain", true));

    assertThat(plain.readoutValLoss()).isNaN();
    assertThat(Files.readString(temp.resolve("plain/summary.json"))).doesNotContain("readout");
    assertThat(Files.readString(file("plain", 40, "checkpoint.json"))).doesNotContain("readout");
    assertThat(with.readoutValLoss()).isFinite().isNotEqualTo(with.valLoss());
    assertThat(Files.readString(temp.resolve("with/summary.json")))
        .contains("\"readout_val_loss\" : " + with.readoutValLoss());
    List<String> lines = metrics("with", true);
    assertThat(lines.get(39)).contains("\"readout_val_loss\":" + with.readoutValLoss());
    assertThat(lines.get(19).contains("readout_val_loss")).isEqualTo(kind == Readout.EMA);
  }

  @ParameterizedTest
  @CsvSource({"EMA, 7", "EMA, 35", "TAIL, 25", "TAIL, 32", "TAIL, 35", "TAIL, 36"})
  void aResumedRunReadsOutTheSameBits(Readout kind, int at) throws IOException {
    RunConfig config = config(kind == Readout.EMA ? EMA : TAIL);
    RunSummary whole = train(config, "whole", 99, new Weights());
    assertThat(train(config, "cut", at, new Weights()).status()).isEqualTo(RunStatus.INTERRUPTED);
    messages.clear();
    RunSummary resumed = train(config, "cut", 99, new Weights());
    assertThat(messages).noneMatch(line -> line.startsWith("readout"));
    assertThat(resumed.readoutValLoss()).isEqualTo(whole.readoutValLoss());
    assertThat(metrics("cut", true)).isEqualTo(metrics("whole", true));
    assertThat(file("cut", 40, "readout.safetensors"))
        .hasSameBinaryContentAs(file("whole", 40, "readout.safetensors"));

    Files.delete(temp.resolve("cut/summary.json")); // killed between checkpoint and summary
    assertThat(train(config, "cut", 99).readoutValLoss()).isEqualTo(whole.readoutValLoss());
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 25})
  void aScheduleFreeRunReadsOutItsOptimizersAverage(int cut) throws IOException {
    RunConfig run =
        config(
            "training.readout=schedule_free",
            "optimizer.type=schedulefree_adamw",
            "optimizer.beta1=0.8");
    RunSummary summary = train(run, "run", cut);
    summary = cut < 40 ? train(run, "run", 99) : summary;
    assertThat(summary.readoutValLoss()).isFinite().isNotEqualTo(summary.valLoss());
    Path folder = file("run", 40, "readout.safetensors").getParent();
    double farthest = 0;
    try (NDManager manager = NDManager.newBaseManager();
        TokenDataset data = TestRuns.data(run, temp.resolve("cache"));
        Session session =
            new Session(run, data, Device.cpu(), KernelPath.of(run.training().kernels()))) {
      Checkpoint checkpoint = Checkpoint.open(folder);
      checkpoint.restoreOptimizer(session.optimizerState());
      Map<String, NDArray> read =
          StoredModel.open(folder, StoredModel.Choice.LAST, Readout.SCHEDULE_FREE).read(manager);
      assertThat(read.keySet()).isEqualTo(session.weights().keySet());
      for (ParameterGroup group : session.groups()) {
        for (int i = 0; i < group.state().names().size(); i++) {
          String name = group.state().names().get(i);
          float[] w = checkpoint.weight(name, manager).toFloatArray();
          float[] z = group.state().named().get(name + "/z").toFloatArray();
          float[] x = read.get(name).toFloatArray();
          for (int k = 0; k < w.length; k++) {
            assertThat((double) x[k]).isCloseTo((w[k] - 0.2 * z[k]) / 0.8, within(1e-6));
            farthest = Math.max(farthest, Math.abs(x[k] - w[k]));
          }
        }
      }
    }
    assertThat(farthest).isGreaterThan(1e-4);
  }

  @Test
  void whatNoOptimizerOfTheRunHasIsRefused() {
    assertThatThrownBy(() -> Training.resolve(config("training.readout=schedule_free")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "training.readout is schedule_free; allowed: trained, ema or tail with optimizer.type:"
                + " adamw, which is evaluated at the weights it trains");
  }

  @Test
  void aDamagedFileIsSeenAndTheCheckpointBeforeItTaken() throws IOException {
    train(config(EMA), "whole", 99);
    train(config(EMA), "cut", 25);
    Path file = file("cut", 25, "readout.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 3] ^= 1;
    Files.write(file, bytes);
    train(config(EMA), "cut", 99);
    assertThat(messages).anyMatch(line -> line.contains("checksum of readout.safetensors"));
    assertThat(file("cut", 40, "readout.safetensors"))
        .hasSameBinaryContentAs(file("whole", 40, "readout.safetensors"));
  }

  @Test
  void whereTheCheckpointHasNoneItBeginsBehindItInOneLine() throws IOException {
    RunConfig plain = config();
    for (String name : List.of("ema", "other", "early", "late")) {
      train(name.equals("other") ? config(EMA) : plain, name, name.equals("late") ? 36 : 25);
    }
    messages.clear();
    train(config(EMA), "ema", 99);
    train(config("training.readout=ema", "training.readout_decay=0.5"), "other", 99);
    train(config(TAIL), "early", 99);
    train(config(TAIL), "late", 99);
    assertThat(messages)
        .filteredOn(line -> line.startsWith("readout"))
        .containsExactly(
            "readout ema, decay 0.7: the checkpoint has none; it begins behind step 25",
            "readout ema, decay 0.5: the checkpoint has none; it begins behind step 25",
            "readout tail, steps 33 to 40: the checkpoint has none; it begins behind step 36");

    train(config(TAIL), "whole", 99); // before its first step nothing is missing
    assertThat(file("early", 40, "readout.safetensors"))
        .hasSameBinaryContentAs(file("whole", 40, "readout.safetensors"));
    train(plain.with("training.checkpoint_every", 1), "steps", 99);
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] sum = new float[257 * 16];
      for (int step = 37; step <= 40; step++) {
        float[] w =
            Checkpoint.open(file("steps", step, "weights.safetensors").getParent())
                .weight("embedding.weight", manager)
                .toFloatArray();
        for (int i = 0; i < w.length; i++) {
          sum[i] += w[i] / 4;
        }
      }
      float[] late =
          StoredModel.open(temp.resolve("late"), StoredModel.Choice.LAST, Readout.TAIL)
              .weights()
              .read("embedding.weight", manager)
              .toFloatArray();
      assertThat(late).containsExactly(sum, within(1e-6f));
    }
  }
}
