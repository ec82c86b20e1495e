package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunIdTest {
  private static final String SHA = "ab".repeat(32);

  /** For every key of a run, a value other than the default. */
  private static final Map<String, Object> OTHER =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("model.layers", 3),
              Map.entry("model.width", 256),
              Map.entry("model.heads", 2),
              Map.entry("model.context", 64),
              Map.entry("model.mlp_hidden", 300),
              Map.entry("model.rotary", 0.5),
              Map.entry("model.init_std", 0.01),
              Map.entry("model.vocab_multiple", 128),
              Map.entry("data.corpus", "other.txt"),
              Map.entry("data.tokenizer", "other.json"),
              Map.entry("data.vocab", 2048),
              Map.entry("data.validation_corpus", "held.txt"),
              Map.entry("data.validation_fraction", 0.1),
              Map.entry("optimizer.type", "lion"),
              Map.entry("optimizer.lr", 1e-3),
              Map.entry("optimizer.weight_decay", 0),
              Map.entry("clip.global_norm", "none"),
              Map.entry("clip.coordinate", 0.5),
              Map.entry("schedule.kind", "wsd"),
              Map.entry("schedule.warmup", 0.2),
              Map.entry("schedule.final_lr", 0),
              Map.entry("schedule.decay", 0.5),
              Map.entry("training.steps", 301),
              Map.entry("training.batch", 32),
              Map.entry("training.micro_batch", 8),
              Map.entry("training.precision", Precision.BF16),
              Map.entry("training.device", "cuda:1"),
              Map.entry("training.kernels", "torch+sdpa"),
              Map.entry("training.checkpoint_activations", true),
              Map.entry("training.threads", 2),
              Map.entry("training.seed", 2),
              Map.entry("training.eval_every", 10),
              Map.entry("training.eval_tokens", 0),
              Map.entry("training.checkpoint_every", 7),
              Map.entry("training.keep_checkpoints", 5),
              Map.entry("training.log_every", 1),
              Map.entry("training.on_nonfinite", "stop"),
              Map.entry("training.max_skipped", 0),
              Map.entry("training.init_from", "results/x/checkpoint"),
              Map.entry("training.on_divergence", "stop"),
              Map.entry("training.tf32", true),
              Map.entry("measure.every", 0),
              Map.entry("measure.tensors", true),
              Map.entry("measure.probe_every", 100),
              Map.entry("measure.probe_batches", 16),
              Map.entry("measure.csv", true),
              Map.entry("measure.tensorboard", true)));

  @Test
  void dependsOnEverySettingThatChangesTheRunAndOnNoOther() {
    RunConfig run = RunConfig.defaults();
    assertThat(OTHER.keySet()).isEqualTo(Configs.flatten(run).keySet());
    Set<String> without = new LinkedHashSet<>();
    OTHER.forEach(
        (key, value) -> {
          RunConfig changed = run.with(key, value);
          assertThat(changed).as(key).isNotEqualTo(run);
          if (id(changed).equals(id(run))) {
            without.add(key);
          }
        });
    assertThat(without)
        .containsExactlyInAnyOrder(
            "training.device",
            "training.kernels",
            "training.checkpoint_activations",
            "training.threads",
            "training.log_every",
            "training.checkpoint_every",
            "training.keep_checkpoints",
            "data.corpus",
            "data.tokenizer",
            "data.validation_corpus",
            "measure.every",
            "measure.tensors",
            "measure.probe_every",
            "measure.probe_batches",
            "measure.csv",
            "measure.tensorboard");
  }

  @Test
  void dependsOnDataNumericsAndTheOptimizersOwnSettings() {
    RunConfig run = RunConfig.defaults();
    assertThat(RunId.of(run, "cd".repeat(32), 1)).isNotEqualTo(id(run));
    assertThat(RunId.of(run, SHA, 2)).isNotEqualTo(id(run));
    assertThat(id(run.with("optimizer.beta1", 0.9))).isNotEqualTo(id(run));
    assertThat(id(run.with("optimizer.beta1", 0.9)))
        .isNotEqualTo(id(run.with("optimizer.beta1", 0.95)));
  }

  @Test
  void isTheSameHoweverANumberIsWritten() {
    Set<String> ids = new LinkedHashSet<>();
    for (String lr : List.of("1e-3", "0.001", "1.0E-3", "0.1e-2", "'0.001'", "1000e-6", "+.001")) {
      ids.add(id(Configs.parseRun("optimizer: {lr: %s, beta1: %s}".formatted(lr, lr), List.of())));
    }
    assertThat(ids).hasSize(1);
  }

  @Test
  void doesNotDependOnWhatADeviceHasRoomFor() {
    RunConfig run = RunConfig.defaults();
    assertThat(run.training().microBatch()).isZero();
    assertThat(id(run)).isEqualTo(id(run.with("training.micro_batch", 16)));
    RunConfig larger = run.with("training.batch", 32);
    assertThat(id(larger)).isEqualTo(id(larger.with("training.micro_batch", 32)));
    assertThat(id(larger)).isNotEqualTo(id(run));
  }

  @Test
  void isTheSameInEveryVersionOfJavaAndOfThisCode() {
    // Results on disk are found again by this value: it must not move.
    assertThat(id(RunConfig.defaults())).isEqualTo("8f95727362fd");
  }

  @Test
  void refusesWhatIsNoHash() {
    assertThatThrownBy(() -> RunId.of(RunConfig.defaults(), "abc", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dataSha256 must be 64 lower case hexadecimal digits, found: abc");
  }

  private static String id(RunConfig run) {
    return RunId.of(run, SHA, 1);
  }
}
