package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.evaluator.BinaryAccuracy;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.config.DataConfig;
import io.adamant.config.ModelConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.optim.Signum;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.StepView;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import io.adamant.train.TrainingHook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adamant as a library, in the very lines that the README shows. */
class LibraryTest {

  @TempDir Path folder;

  @Test
  void signumTrainsSomebodysBlockInDjlsOwnTrainer() throws Exception {
    // the first weights and the order of the points: one start of forty ends below 0.95 at epoch 20
    Engine.getInstance().setRandomSeed(5);
    try (NDManager manager = NDManager.newBaseManager()) {
      Dataset data = twoClouds(manager);
      assertThat(accuracy(0, data)).isBetween(0.2, 0.8);
      assertThat(accuracy(20, data)).isGreaterThan(0.95);
    }
  }

  private static double accuracy(int epochs, Dataset data) throws Exception {
    // README: an optimizer in your own DJL training
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(1).build());
    Optimizer signum = new Signum(Map.of("beta1", 0.9), step -> 3e-3, 0.1); // rate, weight decay
    try (Model model = Model.newInstance("mine")) {
      model.setBlock(block);
      DefaultTrainingConfig config =
          new DefaultTrainingConfig(Loss.sigmoidBinaryCrossEntropyLoss())
              .optOptimizer(signum)
              .addEvaluator(new BinaryAccuracy());
      try (ai.djl.training.Trainer trainer = model.newTrainer(config)) {
        trainer.initialize(new Shape(1, 2));
        EasyTrain.fit(trainer, epochs, data, null);
        // README: end
        return share(trainer, data);
      }
    }
  }

  /** Share of points on the right side. */
  private static double share(ai.djl.training.Trainer trainer, Dataset data) throws Exception {
    double right = 0;
    double all = 0;
    for (var batch : trainer.iterateDataset(data)) {
      try (batch) {
        NDArray score = trainer.evaluate(batch.getData()).singletonOrThrow();
        NDArray label = batch.getLabels().singletonOrThrow();
        float[] scores = score.toFloatArray();
        float[] labels = label.toFloatArray();
        for (int i = 0; i < scores.length; i++) {
          right += scores[i] > 0 == labels[i] > 0.5 ? 1 : 0;
          all++;
        }
      }
    }
    return right / all;
  }

  /** Points inside and outside of a circle, which no linear model can tell apart. */
  private static Dataset twoClouds(NDManager manager) throws Exception {
    Random random = new Random(1);
    int n = 512;
    float[] points = new float[2 * n];
    float[] labels = new float[n];
    for (int i = 0; i < n; i++) {
      double angle = 2 * Math.PI * random.nextDouble();
      double radius = (i % 2 == 0 ? 0.5 : 1.5) + 0.1 * random.nextGaussian();
      points[2 * i] = (float) (radius * Math.cos(angle));
      points[2 * i + 1] = (float) (radius * Math.sin(angle));
      labels[i] = i % 2;
    }
    return new ArrayDataset.Builder()
        .setData(manager.create(points, new Shape(n, 2)))
        .optLabels(manager.create(labels, new Shape(n, 1)))
        .setSampling(32, true)
        .build();
  }

  // README: a run from Java, with a hook of your own
  /** Adds the largest weight of the output head to every tenth line of metrics.jsonl. */
  static final class LargestWeight implements TrainingHook {
    @Override
    public boolean wants(long step) {
      return step % 10 == 0;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      try (NDArray size = view.parameter("head.weight").abs();
          NDArray largest = size.max()) {
        return Map.of("largest_head_weight", largest.getFloat());
      }
    }
  }

  static RunSummary train(Path directory, DataConfig data) {
    RunConfig run =
        RunConfig.defaults()
            .withModel(ModelConfig.defaults().withLayers(2).withWidth(32))
            .withData(data)
            .withOptimizer(OptimizerConfig.of("signum", 3e-3, 0.1).withSetting("beta1", 0.9))
            .withTraining(TrainConfig.defaults().withSteps(40).withBatch(4));
    return Training.train(run, directory, new LargestWeight());
  }

  // README: end

  @Test
  void aRunBuiltFromRecordsIsWatchedByAHookOfOnesOwn() throws Exception {
    Path corpus = TestRuns.corpus(folder);
    DataConfig data =
        DataConfig.defaults().withCorpus(corpus.toString()).withTokenizer("bytes", 257);
    RunSummary summary = train(folder.resolve("run"), data);
    assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(summary.valLoss()).isLessThan(summary.initValLoss() - 0.5);

    List<Double> seen = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("run/metrics.jsonl"))) {
      JsonNode step = new ObjectMapper().readTree(line);
      assertThat(step.has("largest_head_weight")).isEqualTo(step.path("step").asInt() % 10 == 0);
      if (step.has("largest_head_weight")) {
        seen.add(step.path("largest_head_weight").asDouble());
      }
    }
    assertThat(seen)
        .hasSize(4)
        .allMatch(value -> value > 0.02)
        .isSorted(); // signs only add up here
    assertThat(train(folder.resolve("run"), data)).isEqualTo(summary); // done is done
  }

  @Test
  void theReadmeShowsTheseLines() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    String source = Files.readString(Path.of("src/test/java/io/adamant/LibraryTest.java"));
    Matcher shown =
        Pattern.compile("(?m)^ *// README: (?!end)(.*)\\n((?s:.*?))^ *// README: end\\n")
            .matcher(source);
    int found = 0;
    while (shown.find()) {
      assertThat(readme)
          .as(shown.group(1))
          .contains(shown.group(2).stripTrailing().stripIndent().strip());
      found++;
    }
    assertThat(found).isEqualTo(2);
  }
}
