package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets one line that names the place, the key, the value and what is allowed. */
class BadInputTest {
  @TempDir Path dir;

  static Stream<Arguments> runs() {
    return Stream.of(
        arguments("model:\n  widht: 3", ":2: unknown key model.widht; did you mean model.width?"),
        arguments("modle: {}", ":1: unknown key modle; did you mean model?"),
        arguments("training: {lr: 1}", ":1: unknown key training.lr; did you mean optimizer.lr?"),
        arguments(
            "clip: {momentum: 1}", ":1: unknown key clip.momentum; allowed in clip: global_norm"),
        arguments("model: {width: abc}", ":1: model.width is abc; allowed: a whole number"),
        arguments("model: {width: 1.5}", ":1: model.width is 1.5; allowed: a whole number"),
        arguments(
            "model: {width: -128}",
            ":1: model.width is -128; allowed: a whole number from 1 to 1000000"),
        arguments(
            "model: {mlp_hidden: big}", "model.mlp_hidden is big; allowed: a whole number or auto"),
        arguments(
            "measure: {every: 0, memory: 90}",
            ":1: measure.memory is 90; allowed: 0 while measure.every is 0"),
        arguments("measure: {memory: 15}", ":1: measure.memory is 15; allowed: 0, or at least 16"),
        arguments(
            "measure: {every: 0, probe_every: 20}",
            ":1: measure.probe_every is 20; allowed: 0 while measure.every is 0"),
        arguments(
            "measure: {evaluate_every: 5}",
            ":1: measure.evaluate_every is 5; allowed: 0, or a file as measure.evaluate_task"),
        arguments(
            "model:\n  rotary_low_freq: 2",
            ":2: model.rotary_low_freq is 2; allowed: 1, or a model.rotary_factor above 1"),
        arguments(
            "model: {rotary_high_freq: 4.5}",
            "model.rotary_high_freq is 4.5; allowed: 4, or a model.rotary_factor above 1"),
        arguments(
            "model: {rotary_factor: 1, rotary_trained_context: 4096}",
            "model.rotary_trained_context is 4096; allowed: 8192, or a model.rotary_factor above"),
        arguments("model: {rotary: 2}", ":1: model.rotary is 2.0; allowed: a number from 0 to 1"),
        arguments(
            "model: {init_std: 0}", "model.init_std is 0.0; allowed: a finite number above 0"),
        arguments(
            "model:\n  width: 100\n  heads: 3",
            ":3: model.heads is 3; allowed: a divisor of model.width, 100"),
        arguments(
            "data: {corpus: ''}",
            ":1: data.corpus is empty; allowed: wordnet, djl:NAME, the path of"),
        arguments(
            "data: {vocab: 60000}", "data.vocab is 60000; allowed: 257 to 50257 with tokenizer"),
        arguments(
            "data: {tokenizer: bytes, vocab: 4096}",
            "data.vocab is 4096; allowed: 257 with tokenizer bytes"),
        arguments(
            "data: {validation_fraction: 1}", "is 1.0; allowed: a number above 0 and below 1"),
        arguments("optimizer: {lr: .nan}", ":1: optimizer.lr is .nan; allowed: a finite number"),
        arguments("optimizer: {lr: 1e999}", ":1: optimizer.lr is 1e999; allowed: a finite number"),
        arguments(
            "optimizer: {lr: -1e-3}",
            ":1: optimizer.lr is -0.001; allowed: a finite number of at least 0"),
        arguments("optimizer: {lr: 1_000}", ":1: optimizer.lr is 1_000; allowed: a finite number"),
        arguments("optimizer:\n  lr:\n", ":2: optimizer.lr is empty; allowed: a finite number"),
        arguments("optimizer: {lr: [1, 2]}", ":1: optimizer.lr is a list; allowed: a single value"),
        arguments(
            "optimizer: {beta1: .inf}", "optimizer.beta1 is .inf; allowed: a finite number, true"),
        arguments(
            "optimizer: {type: Adam W}", "optimizer.type is Adam W; allowed: the name of an opt"),
        arguments(
            "optimizer: {Beta1: 0.9}", ":1: unknown key optimizer.Beta1; allowed in optimizer"),
        arguments(
            "clip: {global_norm: off}",
            "clip.global_norm is off; allowed: a finite number or none"),
        arguments(
            "schedule: {kind: cos}",
            ":1: schedule.kind is cos; allowed: cosine, linear, constant, wsd"),
        arguments(
            "schedule: {final_lr: ten}",
            ":1: schedule.final_lr is ten; allowed: a learning rate of at least 0, or a share of"
                + " the peak from 0% to 100%"),
        arguments("schedule: {final_lr: -1e-5}", ":1: schedule.final_lr is -1.0e-5; allowed: a le"),
        arguments("schedule: {final_lr: 150%}", ":1: schedule.final_lr is 150.0%; allowed: a lea"),
        arguments("schedule: {final_lr: '%'}", ":1: schedule.final_lr is %; allowed: a learning"),
        arguments("schedule: {final_lr: -5%}", ":1: schedule.final_lr is -5.0%; allowed: a learn"),
        arguments(
            "schedule: {warmup: 1}", "schedule.warmup is 1.0; allowed: a number from 0 to below 1"),
        arguments(
            "schedule: {kind: wsd, warmup: 0.5, decay: 0.75}",
            "schedule.decay is 0.75; allowed: at most 1 - schedule.warmup, 0.5, with kind wsd"),
        arguments(
            "training: {steps: 0}", "training.steps is 0; allowed: a whole number of at least 1"),
        arguments(
            "training: {steps: 3e9}",
            "training.steps is 3e9; allowed: a whole number of at most 2147483647"),
        arguments(
            "training: {batch: 16, micro_batch: 5}",
            "training.micro_batch is 5; allowed: auto or a divisor of training.batch, 16"),
        arguments(
            "training: {device: gpu}",
            "training.device is gpu; allowed: auto, cpu, cuda or cuda:N"),
        arguments(
            "training: {seed: -1}", "training.seed is -1; allowed: a whole number of at least 0"),
        arguments("training: {precision: fp16}", "training.precision is fp16; allowed: fp32, bf16"),
        arguments("training: {init_from: \"a\\nb\"}", "/a b; allowed: one line of printable text"),
        arguments("training: 5", ":1: training is 5; allowed: a mapping with steps, batch,"),
        arguments("", ": the file is empty; expected: a mapping of keys to values"),
        arguments("# nothing\n", ": the file is empty; expected: a mapping of keys to values"),
        arguments("- a\n- b", ": the file holds a list; expected: a mapping of keys to values"),
        arguments(
            "hello", ": the file holds a single value; expected: a mapping of keys to values"),
        arguments(
            "model:\n  width: 1\n  heads: 1\n  width: 2",
            ":4: key width is given twice, first at "),
        arguments(
            "clip:\n  global_norm: 1\nclip.global_norm: 2", ":3: key clip.global_norm is given"),
        arguments("model: {width: 1", ":1: not valid YAML: while parsing a flow mapping; expected"),
        arguments("model:\n\twidth: 1", ":2: not valid YAML: while scanning for the next token"),
        arguments("a: &x 1\nb: *x", ":2: YAML alias *x is not supported; write the value out"),
        arguments(
            "model: {}\n---\nmodel: {}", ": a second document begins here; expected: one doc"),
        arguments("arms: {}\nbase: {}", ": this is a study, not a single run. Use: adamant study"),
        arguments(
            "name: x\ntraining: {}", ":1: unknown key name; allowed: clip, data, groups, me"));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void aRunThatCannotBeUsedIsRefusedInOneLine(String yaml, String expected) throws IOException {
    Path file = Files.writeString(dir.resolve("run.yaml"), yaml);
    Throwable refusal = catchThrowable(() -> Configs.readRun(file, List.of()));
    assertThat(refusal).isInstanceOf(InputException.class);
    assertThat(refusal.getMessage()).startsWith(file.toString()).contains(expected);
    assertThat(refusal.getMessage().lines()).hasSize(1);
  }

  static Stream<Arguments> options() {
    return Stream.of(
        arguments("training.steps", ": expected: KEY=VALUE, such as optimizer.lr=3e-3"),
        arguments("=5", ": expected: KEY=VALUE, such as optimizer.lr=3e-3"),
        arguments("training.steps=", ": training.steps is empty; allowed: a whole number"),
        arguments("training.steps=abc", ": training.steps is abc; allowed: a whole number"),
        arguments("training.steps=[1, 2]", ": training.steps is a list; allowed: a single value"),
        arguments(
            "training.steps={a: 1}", ": training.steps is a mapping; allowed: a single value"),
        arguments("training.steps=[1", ": not valid YAML: while parsing a flow sequence; expected"),
        arguments("traning.steps=5", ": unknown key traning.steps; did you mean training.steps?"),
        arguments("steps=5", ": unknown key steps; did you mean training.steps?"),
        arguments("training=5", ": unknown key training; allowed: clip.coordinate, clip.glob"),
        arguments("a.b.c=5", ": unknown key a.b.c; allowed: clip.coordinate, "));
  }

  @ParameterizedTest
  @MethodSource("options")
  void anOptionThatCannotBeUsedIsNamed(String option, String expected) {
    Throwable refusal = catchThrowable(() -> Configs.parseRun("{}", List.of(option)));
    assertThat(refusal).isInstanceOf(InputException.class);
    assertThat(refusal.getMessage()).startsWith("--set " + option + ": ").contains(expected);
    assertThat(refusal.getMessage().lines()).hasSize(1);
  }

  @Test
  void aDefaultThatDoesNotFitIsBlamedOnTheFile() {
    assertThatThrownBy(() -> Configs.parseRun("model: {heads: 64}", List.of("model.width=64")))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("configuration: model.rotary is 1.0; allowed: 0, or a fraction");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    Path missing = dir.resolve("missing.yaml");
    assertThatThrownBy(() -> Configs.readRun(missing, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(missing + ": no such file");
    Path here = Files.writeString(dir.resolve("gpt-160m.yaml"), "");
    assertThatThrownBy(() -> Configs.readRun(dir.resolve("gpt-106m"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(dir.resolve("gpt-106m") + ": no such file; did you mean " + here + "?");
    assertThatThrownBy(() -> Configs.readRun(dir.resolve("adamw.yaml"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            ": no such file; did you mean " + Path.of("configs", "optimizers", "adamw.yaml") + "?");
    assertThatThrownBy(() -> Configs.readStudy(dir, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(dir + ": this is a directory; expected: a YAML file");
    Path binary = Files.write(dir.resolve("binary"), new byte[] {'a', ':', (byte) 0xff});
    assertThatThrownBy(() -> Configs.readRun(binary, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(binary + ": not UTF-8 text; expected: a YAML file");
    Path large = Files.write(dir.resolve("large"), new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> Configs.readRun(large, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(large + ": over 1 MiB; expected: a YAML file with a configuration");
  }

  @Test
  void aLongValueIsCutShort() {
    assertThatThrownBy(
            () -> Configs.parseRun("training: {steps: %s}".formatted("x".repeat(999)), List.of()))
        .hasMessage(
            "configuration:1: training.steps is "
                + "x".repeat(117)
                + "...; allowed: a whole number");
  }
}
