package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedKernelsTest {

  @TempDir Path directory;

  private RunConfig config(String kernels) {
    return TestRuns.config(
        TestRuns.corpus(directory),
        "training.steps=12",
        "training.device=cpu",
        "training.kernels=" + kernels);
  }

  private static String recorded(Path root) {
    return Configs.readRun(root.resolve("run.yaml"), List.of()).training().kernels();
  }

  @Test
  void aRunGoesOnWithTheKernelsThatItBeganWith() throws IOException {
    RunConfig torch = config("torch+explicit");
    RunConfig fused = config("torch+sdpa");
    Path whole = directory.resolve("whole");
    Path parts = directory.resolve("parts");
    try (TokenDataset data = TestRuns.data(torch, directory.resolve("cache"))) {
      RunSummary expected = TestRuns.train(torch, data, whole);
      AtomicInteger asked = new AtomicInteger();
      TestRuns.train(torch, data, parts, () -> asked.incrementAndGet() == 5);
      RunSummary summary = TestRuns.train(fused, data, parts);

      assertThat(recorded(parts)).isEqualTo("torch+explicit");
      assertThat(summary.weightsSha256()).isEqualTo(expected.weightsSha256());
      assertThat(TestRuns.train(fused, data, directory.resolve("other")).weightsSha256())
          .as("other kernels round differently")
          .isNotEqualTo(expected.weightsSha256());
    }
  }

  @Test
  void aRunWhoseKernelsAreMissingIsRefused() throws IOException {
    RunConfig torch = config("torch+explicit");
    Path root = directory.resolve("run");
    try (TokenDataset data = TestRuns.data(torch, directory.resolve("cache"))) {
      AtomicInteger asked = new AtomicInteger();
      TestRuns.train(torch, data, root, () -> asked.incrementAndGet() == 5);
      Path yaml = root.resolve("run.yaml");
      Files.writeString(yaml, Files.readString(yaml).replace("torch+explicit", "bf16+sdpa"));

      assertThatThrownBy(() -> TestRuns.train(torch, data, root))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("was begun with the kernels bf16+sdpa");
    }
  }
}
