package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.optim.ParameterGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The share that SGDM's clip after averaging cuts, as metrics.jsonl has it. */
class MomentumClipTest {
  private static final double LIMIT = 2e-3;
  private static final Offset<Double> ROUNDING = within(1e-12);
  private static final Pattern SHARE = Pattern.compile("\"clipped_momentum\":([-0-9.Ee]+)");

  @TempDir Path temp;

  @Test
  void everyLineHasTheShareOfCoordinatesThatWereCut() throws IOException {
    Counting counting = new Counting();
    List<Double> shares = shares(counting, config().with(sgdm(Map.of("coordinate_clip", LIMIT))));
    assertThat(shares).hasSize(8);
    for (int k = 0; k < shares.size(); k++) {
      assertThat(shares.get(k)).as("step %d", k + 1).isEqualTo(counting.shares.get(k), ROUNDING);
    }
    assertThat(shares).allSatisfy(share -> assertThat(share).isBetween(0.001, 0.999));
  }

  @Test
  void onlyTheParametersThatAreClippedCount() throws IOException {
    Counting counting = new Counting();
    List<Double> shares =
        shares(
            counting,
            config(
                "groups.head.match=head[.]weight",
                "groups.head.optimizer=sgdm",
                "groups.head.beta1=0.5",
                "groups.head.coordinate_clip=" + LIMIT));
    assertThat(shares).hasSize(8);
    for (int k = 0; k < shares.size(); k++) {
      assertThat(shares.get(k)).as("step %d", k + 1).isEqualTo(counting.shares.get(k), ROUNDING);
    }
  }

  @Test
  void withoutSuchAClipThereIsNoShare() throws IOException {
    assertThat(shares(new Counting(), config().with(sgdm(Map.of())))).isEmpty();
  }

  private static OptimizerConfig sgdm(Map<String, Object> settings) {
    return new OptimizerConfig("sgdm", 0.1, 0, settings);
  }

  private RunConfig config(String... overrides) {
    List<String> all = new ArrayList<>(List.of("training.steps=8", "training.eval_every=0"));
    all.addAll(List.of(overrides));
    return TestRuns.config(TestRuns.corpus(temp), all.toArray(String[]::new));
  }

  private List<Double> shares(TrainingHook hook, RunConfig unresolved) throws IOException {
    RunConfig config = Training.resolve(unresolved);
    Path root = temp.resolve("run");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      new Training(config, data, List.of(hook), ProgressListener.NONE).train(root, () -> false);
    }
    List<Double> shares = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve("metrics.jsonl"))) {
      Matcher share = SHARE.matcher(line);
      if (share.find()) {
        shares.add(Double.valueOf(share.group(1)));
      }
    }
    return shares;
  }

  /** Counts on the host, from the momentum itself. */
  private static final class Counting implements TrainingHook {
    final List<Double> shares = new ArrayList<>();

    @Override
    public boolean wants(long step) {
      return true;
    }

    @Override
    public Map<String, Object> observe(StepView view) {
      long cut = 0;
      long all = 0;
      for (ParameterGroup group : view.groups()) {
        if (group.optimizer().definition().type().equals("sgdm")) {
          for (var m : group.state().tensors().get(0)) {
            for (float x : m.toFloatArray()) {
              cut += Math.abs(x) > LIMIT ? 1 : 0;
              all++;
            }
          }
        }
      }
      shares.add((double) cut / all);
      return Map.of();
    }
  }
}
