package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.RunConfig;
import io.adamant.data.Batches;
import io.adamant.data.TokenDataset;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The second thread delivers what seed, step and index say, in order, wherever it begins. */
class BatchPrefetcherTest {

  private static final int CONTEXT = 16;

  @TempDir Path temp;

  private RunConfig config() {
    return TestRuns.config(
        TestRuns.corpus(temp), "training.steps=12", "training.batch=6", "training.micro_batch=2");
  }

  private static Batches batches(RunConfig config, TokenDataset data) {
    return new Batches(data.train(), config.training().batch(), CONTEXT, 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 7, 11})
  void everyMicroBatchIsThatOfItsStepAndPlace(long firstStep) {
    RunConfig config = config();
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        NDManager manager = NDManager.newBaseManager();
        BatchPrefetcher prefetcher =
            new BatchPrefetcher(batches(config, data), config, firstStep)) {
      Batches expected = batches(config, data);
      long[] tokens = new long[2 * CONTEXT];
      long[] targets = new long[2 * CONTEXT];
      for (long step = firstStep; step < 12; step++) {
        for (int micro = 0; micro < 3; micro++) {
          NDManager scope = manager.newSubManager();
          try (BatchPrefetcher.Batch batch = prefetcher.next(scope, step, micro);
              scope) {
            expected.fill(step, 2 * micro, 2, tokens, targets);
            assertThat(batch.tokens().getShape()).isEqualTo(new Shape(2, CONTEXT));
            assertThat(batch.tokens().toLongArray())
                .as("step %d, micro-batch %d", step, micro)
                .isEqualTo(tokens);
            assertThat(batch.targets().toLongArray()).isEqualTo(targets);
          }
        }
      }
    }
  }

  @Test
  void askingForAnotherThanTheNextIsRefused() {
    RunConfig config = config();
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"));
        NDManager manager = NDManager.newBaseManager();
        BatchPrefetcher prefetcher = new BatchPrefetcher(batches(config, data), config, 3)) {
      assertThatThrownBy(() -> prefetcher.next(manager, 0, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("batch 0 of step 1 is not the next one");
      assertThatThrownBy(() -> prefetcher.next(manager, 3, 0))
          .as("that one was taken")
          .hasMessage("batch 0 of step 4 is not the next one");
    }
  }
}
