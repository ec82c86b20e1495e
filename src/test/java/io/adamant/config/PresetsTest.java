package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.model.ModelSize;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {

  private static RunConfig preset(String name, String... overrides) {
    return Configs.parseRun("model: {preset: %s}".formatted(name), List.of(overrides));
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, 50257, 50257, 124439808",
    "nanogpt, 50257, 50304, 124373760",
    "smollm2-135m, 49152, 49152, 134515008",
    "qwen3-0.6b, 151936, 151936, 596049920",
    "pythia-160m, 50277, 50304, 162322944",
  })
  void aPresetHasTheParametersOfItsPublishedConfiguration(
      String name, int tokens, int vocabulary, long parameters) {
    ModelConfig model = preset(name).model();
    assertThat(model.paddedVocabulary(tokens)).isEqualTo(vocabulary);
    assertThat(new ModelSize(model, vocabulary).parameters()).isEqualTo(parameters);
  }

  @Test
  void whatIsWrittenBesideItWins() {
    RunConfig run =
        Configs.parseRun(
            "model: {context: 256, preset: gpt2, bias_qkv: false}",
            List.of("model.layers=3", "model.norm_eps=1e-3"));
    assertThat(run.model().context()).isEqualTo(256);
    assertThat(run.model().layers()).isEqualTo(3);
    assertThat(run.model().biasQkv()).isFalse();
    assertThat(run.model().biasMlp()).isTrue();
    assertThat(run.model().normEps()).isEqualTo(1e-3);
    assertThat(run.model().width()).isEqualTo(768);
    assertThat(preset("gpt2", "model.preset=smollm2-135m").model())
        .isEqualTo(preset("smollm2-135m").model());
    assertThat(
            RunConfig.defaults()
                .with("model.mlp", "relu2")
                .with("model.preset", "smollm2-135m")
                .model())
        .isEqualTo(preset("smollm2-135m").model());
    assertThat(
            RunConfig.defaults().with(Map.of("model.preset", "gpt2", "model.context", 64)).model())
        .isEqualTo(preset("gpt2", "model.context=64").model());
  }

  @Test
  void aRunHasTheKeysAndNotTheName() {
    RunConfig run = preset("pythia-160m");
    String yaml = Configs.toYaml(run);
    assertThat(yaml).doesNotContain("preset").contains("rotary: 0.25", "parallel: true");
    RunConfig again = Configs.parseRun(yaml, List.of());
    assertThat(again).isEqualTo(run);
    String data = "0".repeat(64);
    assertThat(RunId.of(again, data, 1)).isEqualTo(RunId.of(run, data, 1));
  }

  @Test
  void anArmCanHaveOne() {
    StudyConfig study =
        Configs.parseStudy(
            """
            name: families
            base: {model: {context: 64, layers: 2}}
            arms:
              ours: {}
              gpt2: {model.preset: gpt2}
              smol: {model: {preset: smollm2-135m, layers: 3}}
            """,
            List.of());
    List<ModelConfig> models =
        study.arms().stream().map(arm -> arm.points().get(0).config().model()).toList();
    assertThat(models.get(0).width()).isEqualTo(128);
    assertThat(models.get(1))
        .isEqualTo(preset("gpt2", "model.context=64", "model.layers=2").model());
    assertThat(models.get(2))
        .isEqualTo(preset("smollm2-135m", "model.context=64", "model.layers=3").model());
  }

  @Test
  void anUnknownOneIsRefusedWithTheList() {
    assertThatThrownBy(() -> preset("gpt3"))
        .hasMessage(
            "configuration:1: model.preset is gpt3; allowed: gpt2, nanogpt, smollm2-135m,"
                + " qwen3-0.6b, pythia-160m");
    assertThatThrownBy(() -> preset("gpt2", "model.preset=smol"))
        .hasMessageStartingWith("--set model.preset=smol: model.preset is smol; allowed: gpt2,");
    assertThatThrownBy(() -> RunConfig.defaults().with("model.preset", "x"))
        .hasMessageStartingWith("configuration: model.preset is x; allowed: gpt2,");
  }
}
