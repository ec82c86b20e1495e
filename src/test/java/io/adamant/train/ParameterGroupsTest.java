package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adamant.base.InputException;
import io.adamant.config.GroupConfig;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.optim.ParameterGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterGroupsTest {
  private static final Map<String, Integer> NAMED =
      new TreeMap<>(Map.of("embedding.weight", 1, "head.weight", 2, "layer0.norm", 3));

  @TempDir Path temp;

  @Test
  void everyParameterIsInExactlyOneGroup() {
    Map<String, GroupConfig> groups =
        Map.of("ends", GroupConfig.scaled("(embedding|head)[.].*", 2));
    assertThat(ParameterGroups.members(groups, NAMED))
        .isEqualTo(
            Map.of(
                "", Map.of("layer0.norm", 3),
                "ends", Map.of("embedding.weight", 1, "head.weight", 2)));
  }

  @Test
  void aParameterOfTwoGroupsIsRefused() {
    Map<String, GroupConfig> groups = new TreeMap<>();
    groups.put("a", GroupConfig.scaled("head.*", 2));
    groups.put("b", GroupConfig.scaled(".*weight", 2));
    assertThatThrownBy(() -> ParameterGroups.members(groups, NAMED))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "groups.b.match: the parameter head.weight also belongs to the group a;"
                + " expected: one group each");
  }

  @Test
  void aGroupWithoutAParameterIsRefused() {
    Map<String, GroupConfig> groups = Map.of("a", GroupConfig.scaled("embedding", 2));
    assertThatThrownBy(() -> ParameterGroups.members(groups, NAMED))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("groups.a.match is embedding; allowed: an expression that matches")
        .hasMessageEndingWith("embedding.weight, head.weight, layer0.norm");
  }

  @Test
  void aRunStepsEachGroupByItsOwnRule() {
    RunConfig config =
        TestRuns.config(
            TestRuns.corpus(temp),
            "training.steps=6",
            "training.eval_every=0",
            "clip.coordinate=1e-3",
            "groups.head.match=head[.]weight",
            "groups.head.optimizer=signum",
            "groups.head.weight_decay=0",
            "groups.head.beta1=0.5");
    Probe probe = new Probe();
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      Path root = temp.resolve("run");
      new Training(config, data, List.of(probe), ProgressListener.NONE).train(root, () -> false);

      assertThat(probe.rules)
          .containsEntry("matrices", "adamw 1.0 0.1")
          .containsEntry("vectors", "adamw 1.0 0.0")
          .containsEntry("head.matrices", "signum 1.0 0.0")
          .hasSize(3);
      List<float[]> head = probe.weights.get("head.weight");
      assertThat(head.get(5)).isNotEqualTo(head.get(0));
      assertThat(probe.largestGradient).isPositive().isLessThanOrEqualTo(1e-3f);
      assertThat(Files.readAllLines(root.resolve("metrics.jsonl")).get(0))
          .contains("\"clip_scale\":")
          .contains("\"clipped_coordinates\":0.");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Looks at every step. */
  private static final class Probe implements TrainingHook {
    final Map<String, String> rules = new LinkedHashMap<>();
    final Map<String, List<float[]>> weights = new LinkedHashMap<>();
    float largestGradient;

    @Override
    public boolean wants(long step) {
      return true;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      for (ParameterGroup group : view.groups()) {
        rules.put(
            group.name(),
            group.optimizer().definition().type()
                + " "
                + group.lrScale()
                + " "
                + group.weightDecay());
        for (int i = 0; i < group.state().names().size(); i++) {
          weights
              .computeIfAbsent(group.state().names().get(i), name -> new ArrayList<>())
              .add(group.state().parameters().get(i).toFloatArray());
          for (float g : group.gradients().get(i).toFloatArray()) {
            largestGradient = Math.max(largestGradient, Math.abs(g));
          }
        }
      }
      return Map.of();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "sgd", "sgdm", "muon", "adavar"})
  void theStateOfEveryOptimizerIsCounted(String type) {
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp)).with(OptimizerConfig.of(type, 0.01, 0));
    RunConfig grouped =
        Training.resolve(config.withGroups(Map.of("head", GroupConfig.scaled("head[.].*", 0.5))));
    try (TokenDataset data = TestRuns.data(grouped, temp.resolve("cache"));
        Session session =
            new Session(grouped, data, Device.cpu(), KernelPath.of(grouped.training().kernels()))) {
      long live =
          session.optimizerState().entrySet().stream()
              .filter(entry -> !entry.getKey().endsWith(":steps"))
              .map(Map.Entry::getValue)
              .mapToLong(NDArray::size)
              .sum();
      ModelSize size = new ModelSize(grouped.model(), 257);
      assertThat(ParameterGroups.stateSize(grouped, size.shapes())).isEqualTo(live);
    }
  }
}
