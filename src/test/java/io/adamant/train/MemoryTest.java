package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.optim.FusedOptimizer;
import io.adamant.optim.ParameterGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training leaves nothing behind: the number of arrays that the engine holds stays the same. */
class MemoryTest {

  @TempDir Path temp;

  @Test
  void theNumberOfManagedArraysIsConstant() {
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp), "training.steps=300", "training.eval_every=100");
    List<Integer> counts = new ArrayList<>();
    TrainingHook counter =
        new TrainingHook() {
          @Override
          public boolean wants(long step) {
            return step % 50 == 25;
          }

          @Override
          public Map<String, Object> observe(StepView view) {
            ParameterGroup group = view.groups().get(0);
            FusedOptimizer optimizer = group.optimizer();
            optimizer.statistics(group.state(), group.gradients()).close();
            NDManager model = group.state().steps().getManager();
            counts.add(model.getManagedArrays().size());
            return Map.of();
          }
        };
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      new Training(config, data, List.of(counter), ProgressListener.NONE)
          .train(temp.resolve("run"), () -> false);
    }
    assertThat(counts).hasSize(6);
    assertThat(counts.stream().distinct()).as(counts.toString()).hasSize(1);
    assertThat(counts.get(0)).isPositive();
  }
}
