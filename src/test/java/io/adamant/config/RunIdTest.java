package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunIdTest {
  private static final String SHA = "ab".repeat(32);

  /** Another value than the default for a key whose kind does not give one. */
  private static final Map<String, Object> OTHER =
      Map.ofEntries(
          Map.entry("model.heads", 2),
          Map.entry("model.rotary", 0.5),
          Map.entry("data.tokenizer", "other.json"),
          Map.entry("optimizer.type", "lion"),
          Map.entry("clip.global_norm", "none"),
          Map.entry("clip.coordinate", 0.5),
          Map.entry("training.micro_batch", 8),
          Map.entry("training.device", "cuda:1"),
          Map.entry("training.kernels", "torch+sdpa"),
          Map.entry("schedule.kind", "wsd"),
          Map.entry("model.rotary_factor", 2.0),
          Map.entry("model.logit_cap", 30.0));

  /** For a key of a run, a value other than the default. */
  private static Object other(String key) {
    String text = Configs.flatten(RunConfig.defaults()).get(key);
    if (OTHER.containsKey(key)) {
      return OTHER.get(key);
    } else if (text.equals("true") || text.equals("false")) {
      return !Boolean.parseBoolean(text);
    } else if (text.equals("auto") || text.matches("[0-9]+")) {
      return text.equals("auto") ? 2 : 2 * Integer.parseInt(text) + (text.equals("0") ? 100 : 0);
    } else if (text.matches("[0-9.e+-]+")) {
      return Double.parseDouble(text) == 0 ? 0.5 : Double.parseDouble(text) / 2;
    }
    return RunCodec.keys().stream()
        .filter(spec -> spec.dotted().equals(key) && spec.component().getType().isEnum())
        .map(spec -> (Object) spec.component().getType().getEnumConstants()[1])
        .findFirst()
        .orElse("other");
  }

  @Test
  void dependsOnEverySettingThatChangesTheRunAndOnNoOther() {
    RunConfig defaults = RunConfig.defaults();
    Set<String> without = new LinkedHashSet<>();
    for (String key : Configs.flatten(defaults).keySet()) {
      RunConfig run =
          switch (key) {
            case "training.batch_warmup" -> defaults.with("training.micro_batch", 8); // grows by it
            case "model.rotary_low_freq",
                "model.rotary_high_freq",
                "model.rotary_trained_context" ->
                defaults.with("model.rotary_factor", 2.0);
            case "measure.evaluate_every" -> defaults.with("measure.evaluate_task", "other");
            case "model.bias_norm" -> defaults.with("model.norm", "layer");
            case "training.leaves" -> defaults.with("training.reduction", "tree");
            default -> defaults;
          };
      Map<String, Object> changes = new HashMap<>(Map.of("data.vocab", run.data().vocab()));
      changes.put(key, other(key)); // a tokenizer of the same vocabulary is another text's path
      RunConfig changed = run.with(changes);
      assertThat(changed).as(key).isNotEqualTo(run);
      if (id(changed).equals(id(run))) {
        without.add(key);
      }
    }
    assertThat(without)
        .containsExactlyInAnyOrder(
            "training.device",
            "training.kernels",
            "training.checkpoint_activations",
            "training.threads",
            "training.rank_timeout",
            "training.log_every",
            "training.checkpoint_every",
            "training.keep_checkpoints",
            "training.readout",
            "training.readout_decay",
            "training.readout_tail",
            "data.corpus",
            "data.tokenizer",
            "data.validation_corpus",
            "data.end_of_text",
            "data.invalid_utf8",
            "measure.every",
            "measure.tensors",
            "measure.probe_every",
            "measure.probe_batches",
            "measure.memory",
            "measure.memory_coordinates",
            "measure.csv",
            "measure.tensorboard",
            "measure.sample_every",
            "measure.sample_prompt",
            "measure.sample_tokens",
            "measure.evaluate_every",
            "measure.evaluate_task");
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
