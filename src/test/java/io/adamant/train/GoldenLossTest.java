package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.tensor.CpuFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The losses of 50 steps of a tiny model, written down: whoever moves them raises {@link
 * Training#NUMERICS_VERSION}. The tolerances are for other processors, which round otherwise.
 */
class GoldenLossTest {

  /** Training loss of steps 1, 6, 11, ..., 46, in float32 with torch's own products. */
  private static final double[] LOSSES = {
    5.556816, 4.868342, 3.766472, 2.969681, 2.429857, 2.133528, 1.983338, 1.920056, 1.746404,
    1.681663
  };

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "torch+explicit, fp32, false, 1e-4",
    "torch+sdpa, fp32, true, 1e-4",
    "onednn+sdpa, fp32, false, 1e-4",
    "onednn+explicit, fp32, true, 1e-4",
    "bf16+explicit, bf16, false, 2e-2",
    "bf16+sdpa, bf16, false, 2e-2",
  })
  void lossesAreThoseWrittenDown(
      String kernels, String precision, boolean checkpointing, double tolerance)
      throws IOException {
    assumeTrue(
        !KernelPath.of(kernels).linear().equals(KernelPath.Linear.ONEDNN)
            || CpuFeatures.detect().flags().contains("avx2"));
    RunConfig config =
        TestRuns.config(
            TestRuns.corpus(directory),
            "training.steps=50",
            "training.device=cpu",
            "training.kernels=" + kernels,
            "training.precision=" + precision,
            "training.checkpoint_activations=" + checkpointing);
    Path root = directory.resolve("run");
    try (TokenDataset data = TestRuns.data(config, directory.resolve("cache"))) {
      TestRuns.train(config, data, root);
    }
    assertThat(Configs.readRun(root.resolve("run.yaml"), List.of()).training().kernels())
        .isEqualTo(kernels);
    List<Double> losses = losses(root.resolve("metrics.jsonl"));
    assertThat(losses).as("%s", losses).hasSize(LOSSES.length);
    for (int i = 0; i < LOSSES.length; i++) {
      assertThat(losses.get(i))
          .as("step %d of %s", 1 + 5 * i, losses)
          .isCloseTo(LOSSES[i], within(tolerance * LOSSES[i]));
    }
  }

  private static List<Double> losses(Path metrics) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      var node = json.readTree(line);
      if ((node.get("step").asLong() - 1) % 5 == 0) {
        losses.add(node.get("train_loss").asDouble());
      }
    }
    return losses;
  }
}
