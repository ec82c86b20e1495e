package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.adamant.base.InputException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunReadingTest {

  @ParameterizedTest
  @ValueSource(strings = {"{}", "model:", "model: {}\ntraining: # nothing\n", "--- {}\n"})
  void whatIsNotWrittenHasItsDefault(String yaml) {
    assertThat(run(yaml)).isEqualTo(RunConfig.defaults());
  }

  @Test
  void defaultsAreTheQuickstarts() {
    RunConfig run = RunConfig.defaults();
    assertThat(run.model()).isEqualTo(Shapes.model(4, 128, 4, 128, 344, 1.0, 0.02));
    assertThat(run.data())
        .isEqualTo(
            new DataConfig(
                "wordnet",
                "gpt2",
                4096,
                "",
                0.05,
                ValidationSplit.TOKENS,
                "",
                InvalidUtf8.REFUSE,
                DataOrder.SHUFFLED,
                Packing.STREAM));
    assertThat(run.optimizer()).isEqualTo(new OptimizerConfig("adamw", 4e-3, 0.1, Map.of()));
    assertThat(run.clip().globalNorm()).isEqualTo(1.0);
    assertThat(run.schedule())
        .isEqualTo(
            new ScheduleConfig(ScheduleConfig.Kind.COSINE, 0.1, FinalRate.absolute(1e-5), 0.2));
    assertThat(run.training().seed()).isEqualTo(1);
    assertThat(run.training().accumulation()).isEqualTo(1);
    assertThat(run.tokensPerStep()).isEqualTo(2048);
    assertThat(run.measure().every()).isEqualTo(10);
  }

  @Test
  void readsEverySectionInNestedOrDottedForm() {
    RunConfig run =
        run(
            """
            model: {layers: 2, width: 64, mlp_hidden: auto}
            data: {corpus: data/a text.txt, tokenizer: bytes}
            optimizer: {type: lion, lr: 4e-3, beta1: 0.9, eps: 1e-8, nesterov: true, mode: fast}
            clip: {global_norm: none}
            schedule.kind: wsd
            schedule.decay: 0.3
            training:
              batch: 12
              precision: bf16
              device: cuda:1
              threads: auto
              seed: 9007199254740993
              on_nonfinite: stop
            measure.every: 0
            """);
    assertThat(run.model()).isEqualTo(Shapes.model(2, 64, 4, 128, 176, 1.0, 0.02));
    assertThat(run.data())
        .isEqualTo(
            new DataConfig(
                "data/a text.txt",
                "bytes",
                257,
                "",
                0.05,
                ValidationSplit.TOKENS,
                "",
                InvalidUtf8.REFUSE,
                DataOrder.SHUFFLED,
                Packing.STREAM));
    assertThat(run.optimizer().type()).isEqualTo("lion");
    assertThat(run.optimizer().lr()).isEqualTo(0.004);
    assertThat(run.optimizer().settings())
        .containsExactly(
            entry("beta1", 0.9),
            entry("eps", 1e-8),
            entry("mode", "fast"),
            entry("nesterov", true));
    assertThat(run.clip().enabled()).isFalse();
    assertThat(run.schedule())
        .isEqualTo(new ScheduleConfig(ScheduleConfig.Kind.WSD, 0.1, FinalRate.absolute(1e-5), 0.3));
    assertThat(run.training().microBatch()).as("auto").isZero();
    assertThat(run.training().batch()).isEqualTo(12);
    assertThat(run.training().precision()).isEqualTo(Precision.BF16);
    assertThat(run.training().device()).isEqualTo("cuda:1");
    assertThat(run.training().threads()).isZero();
    assertThat(run.training().seed()).as("not through a double").isEqualTo(9007199254740993L);
    assertThat(run.training().onNonfinite()).isEqualTo(NonFinitePolicy.STOP);
    assertThat(run.measure().every()).isZero();
  }

  @Test
  void overridesLieOverTheFileAndTheLastOneWins() {
    RunConfig run =
        Configs.parseRun(
            "training: {steps: 7, batch: 4}",
            List.of(
                "training.steps=8", "training.steps=1e1", "optimizer.lr=3e-3", "model.width = 64"));
    assertThat(run.training().steps()).isEqualTo(10);
    assertThat(run.training().batch()).isEqualTo(4);
    assertThat(run.optimizer().lr()).isEqualTo(3e-3);
    assertThat(run.model().mlpHidden()).as("auto follows an overridden width").isEqualTo(176);
  }

  @ParameterizedTest
  @CsvSource({"1, 1.0", "0.90, 0.9", "1e-8, 1.0e-8", "'\"0.9\"', 0.9", "-0.0, 0.0"})
  void aSettingOfTheOptimizerIsANumberWheneverItReadsAsOne(String written, double value) {
    assertThat(run("optimizer: {beta1: " + written + "}").optimizer().settings())
        .containsExactly(entry("beta1", value));
  }

  @Test
  void onlyTrueAndFalseAreTruthValues() {
    assertThat(run("optimizer: {a: true, b: false, c: yes, d: on}").optimizer().settings())
        .containsExactly(entry("a", true), entry("b", false), entry("c", "yes"), entry("d", "on"));
  }

  @Test
  void equalSettingsAreEqualHoweverTheyWereGiven() {
    OptimizerConfig java = OptimizerConfig.of("sgdm", 1, -0.0).with("beta1", "0.9").with("k", 3);
    assertThat(java)
        .isEqualTo(new OptimizerConfig("sgdm", 1.0, 0.0, Map.of("k", 3.0, "beta1", 0.9)));
    assertThatThrownBy(() -> java.settings().put("beta1", 1.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void copiesChangeWhatIsNamedAndNothingElse() {
    Map<String, Object> changes =
        Map.of(
            "training.steps",
            5,
            "training.batch",
            8L,
            "training.micro_batch",
            4,
            "training.seed",
            3,
            "training.device",
            "cpu",
            "training.kernels",
            "bf16+explicit",
            "training.threads",
            2,
            "training.precision",
            Precision.BF16,
            "training.init_from",
            "a b",
            "optimizer.lr",
            1);
    RunConfig changed = RunConfig.defaults().with(changes);
    Map<String, String> expected = new TreeMap<>(Configs.flatten(RunConfig.defaults()));
    changes.forEach((key, value) -> expected.put(key, KeySpec.text(value)));
    expected.put("optimizer.lr", "1.0");
    assertThat(Configs.flatten(changed)).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(changed.with(RunConfig.defaults().training()).with("optimizer.lr", 4e-3))
        .isEqualTo(RunConfig.defaults());
    assertThat(changed.training().accumulation()).isEqualTo(2);
  }

  @Test
  void whatFollowsFromAKeyFollowsItUnlessItWasChosen() {
    RunConfig run = RunConfig.defaults().with("model.width", 256);
    assertThat(run.model().mlpHidden()).isEqualTo(768);
    assertThat(run.with("model.mlp_hidden", 500).with("model.width", 128).model().mlpHidden())
        .isEqualTo(500);
    assertThat(run.with("model.mlp_hidden", 500).with("model.mlp_hidden", "auto")).isEqualTo(run);
    assertThat(run.with("data.tokenizer", "bytes").data().vocab()).isEqualTo(257);
    assertThat(run.with("data.vocab", 300).with("data.vocab", "auto")).isEqualTo(run);
  }

  @Test
  void theVocabularyOfAFileIsAutoUntilItIsRead() {
    RunConfig run = run("data: {tokenizer: t.json}");
    assertThat(run.data().vocab()).isEqualTo(DataConfig.AUTO_VOCAB);
    assertThat(run("data: {tokenizer: t.json, vocab: auto}")).isEqualTo(run);
    assertThat(RunConfig.defaults().with("data.tokenizer", "t.json")).isEqualTo(run);
    assertThat(Configs.toYaml(run)).contains("vocab: auto");
    assertThat(run.with("data.tokenizer", "gpt2")).isEqualTo(RunConfig.defaults());
  }

  @Test
  void aCopyRefusesNamesAndValuesThatNoRunHas() {
    RunConfig run = RunConfig.defaults();
    assertThatThrownBy(() -> run.with("model.widht", 1))
        .isInstanceOf(InputException.class)
        .hasMessage("configuration: unknown key model.widht; did you mean model.width?");
    assertThatThrownBy(() -> run.with("training.steps", 1.5))
        .isInstanceOf(InputException.class)
        .hasMessage("configuration: training.steps is 1.5; allowed: a whole number");
    assertThatThrownBy(() -> run.with("training.steps", 1L << 31))
        .hasMessageEndingWith(
            "training.steps is 2147483648; allowed: a whole number of at most 2147483647");
    assertThatThrownBy(() -> run.with("model.rotary", Double.NaN))
        .hasMessageEndingWith("model.rotary is NaN; allowed: a number from 0 to 1");
    assertThatThrownBy(() -> run.with("training.threads", -1))
        .hasMessageEndingWith("allowed: a whole number from 0 to 4096, or auto");
    assertThatThrownBy(() -> run.with("measure.csv", 1))
        .hasMessageEndingWith("measure.csv is 1; allowed: true or false");
    assertThatThrownBy(() -> run.with(new ClipConfig(-1, 0)))
        .isInstanceOf(InputException.class)
        .hasMessage("clip.global_norm is -1.0; allowed: a finite number of at least 0, or none");
  }

  @Test
  void flattensToTextsInTheOrderOfTheYaml() {
    Map<String, String> flat =
        Configs.flatten(RunConfig.defaults().with("optimizer.beta1", 0.95).with(ClipConfig.none()));
    assertThat(flat)
        .containsEntry("optimizer.lr", "0.004")
        .containsEntry("optimizer.beta1", "0.95")
        .containsEntry("schedule.final_lr", "1.0e-5")
        .containsEntry("clip.global_norm", "none")
        .containsEntry("training.threads", "auto")
        .containsEntry("training.init_from", "")
        .hasSize(RunCodec.keys().size() + 1);
    assertThat(flat.keySet())
        .startsWith("model.layers", "model.width")
        .endsWith("measure.evaluate_task");
    assertThat(Configs.toMap(RunConfig.defaults()).get("training"))
        .containsEntry("steps", 300)
        .containsEntry("seed", 1L)
        .containsEntry("precision", "fp32");
  }

  @Test
  void writesReadableYaml() {
    assertThat(Configs.toYaml(RunConfig.defaults().with("data.corpus", "my text: v1")))
        .startsWith("model:\n  layers: 4\n  width: 128\n")
        .contains("\n  corpus: \"my text: v1\"\n  tokenizer: gpt2\n")
        .contains("\noptimizer:\n  type: adamw\n  lr: 0.004\n  weight_decay: 0.1\nclip:\n")
        .contains("\n  init_from: \"\"\n");
  }

  private static RunConfig run(String yaml) {
    return Configs.parseRun(yaml, List.of());
  }
}
