package io.adamant.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.Tokenizer;
import io.adamant.huggingface.HuggingFaceExport.Format;
import io.adamant.model.ModelSize;
import io.adamant.tensor.SafeTensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is read as the same model, to the bit; what cannot be written is refused. */
class HuggingFaceExportTest {

  private static final int ROWS = 300;
  private static final String ALL_BIASES =
      "norm: layer, bias_norm: true, bias_qkv: true, bias_out: true, bias_mlp: true";

  @TempDir Path temp;
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** A model section by its keys, as {@code key: value, ...}. */
  private static ModelConfig model(String keys) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String pair : ("layers: 2, width: 16, heads: 4, context: 32, " + keys).split(", ", -1)) {
      String[] parts = pair.split(": ", 2);
      if (parts.length == 2) {
        values.put("model." + parts[0], parts[1]);
      }
    }
    return RunConfig.defaults().with(values).model();
  }

  static Stream<Arguments> families() {
    return Stream.of(
        Arguments.of("LlamaForCausalLM", ""), // Adamant's default
        Arguments.of("LlamaForCausalLM", "kv_heads: 2, head_width: 6, tied: true"),
        Arguments.of("LlamaForCausalLM", "bias_qkv: true, bias_out: true, bias_mlp: true"),
        Arguments.of(
            "LlamaForCausalLM",
            "rotary_factor: 8, rotary_low_freq: 1, rotary_high_freq: 4, rotary_trained_context: 16"),
        Arguments.of("Qwen2ForCausalLM", "bias_qkv: true, kv_heads: 1, norm_eps: 1e-5"),
        Arguments.of("Qwen3ForCausalLM", "qk_norm: true, head_width: 10, kv_heads: 2"),
        Arguments.of("Qwen3ForCausalLM", "qk_norm: true, bias_qkv: true, bias_out: true"),
        Arguments.of(
            "GPT2LMHeadModel",
            ALL_BIASES + ", positions: learned, mlp: gelu_tanh, tied: true, norm_eps: 1e-5"),
        Arguments.of("GPT2LMHeadModel", ALL_BIASES + ", positions: learned, mlp: gelu"),
        Arguments.of("GPTNeoXForCausalLM", ALL_BIASES + ", mlp: gelu, rotary: 0.5, parallel: true"),
        Arguments.of(
            "GPTNeoXForCausalLM",
            "norm: layer, bias_norm: true, bias_mlp: true, mlp: gelu_tanh, tied: true"));
  }

  private Map<String, NDArray> weights(ModelConfig config) {
    Random random = new Random(5);
    Map<String, NDArray> weights = new LinkedHashMap<>();
    new ModelSize(config, ROWS)
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[(int) shape.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
              }
              weights.put(name, manager.create(values, shape));
            });
    return weights;
  }

  private static HuggingFaceExport export(ModelConfig config, Map<String, NDArray> weights) {
    return new HuggingFaceExport(
        config, ROWS, (name, scope) -> weights.get(name), Map.of("run_id", "0123456789ab"));
  }

  private Map<String, NDArray> zeros(ModelConfig config) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    new ModelSize(config, ROWS)
        .shapes()
        .forEach((name, shape) -> arrays.put(name, manager.zeros(shape)));
    return arrays;
  }

  @ParameterizedTest
  @MethodSource("families")
  void whatIsWrittenIsReadAsTheSameModelToTheBit(String architecture, String keys)
      throws IOException {
    ModelConfig config = model(keys);
    Map<String, NDArray> weights = weights(config);
    for (long largest : new long[] {1L << 40, 8_000}) {
      Path folder = temp.resolve("model-" + largest);
      assertThat(export(config, weights).write(folder, Optional.empty(), Format.FP32, largest))
          .isEqualTo(architecture);
      HuggingFaceModel back = HuggingFaceModel.open(folder);
      assertThat(back.architecture()).isEqualTo(architecture);
      assertThat(back.rows()).isEqualTo(ROWS);
      // The rows of the embedding say what vocabulary_multiple said.
      back.requireSame(RunConfig.defaults().with(config));
      Map<String, NDArray> read = zeros(config);
      back.restore(read);
      weights.forEach(
          (name, array) ->
              assertThat(read.get(name).toByteArray()).as(name).isEqualTo(array.toByteArray()));
      for (String name : List.of("layers.1.attention.qkv", "layers.0.mlp.down")) {
        assertThat(back.read(name, manager).toByteArray())
            .isEqualTo(weights.get(name).toByteArray());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void brainFloatsAreTheWeightsRounded(String architecture, String keys) throws IOException {
    ModelConfig config = model(keys);
    Map<String, NDArray> weights = weights(config);
    Path folder = temp.resolve("model");
    export(config, weights).write(folder, Optional.empty(), Format.BF16, 1L << 40);
    assertThat(json(folder, "config.json").get("torch_dtype").asText()).isEqualTo("bfloat16");
    Map<String, NDArray> read = zeros(config);
    HuggingFaceModel.open(folder).restore(read);
    weights.forEach(
        (name, array) -> {
          float[] exact = array.toFloatArray();
          float[] rounded = read.get(name).toFloatArray();
          for (int i = 0; i < exact.length; i++) {
            assertThat(Float.floatToIntBits(rounded[i]) & 0xffff).isZero();
            assertThat(Math.abs(rounded[i] - exact[i]))
                .isLessThanOrEqualTo(Math.abs(exact[i]) / 256);
          }
        });
  }

  private static JsonNode json(Path folder, String name) throws IOException {
    return Json.MAPPER.readTree(folder.resolve(name).toFile());
  }

  @Test
  void shardsAreNoLargerThanAskedForAndTheIndexHasEveryTensor() throws IOException {
    ModelConfig config = model("");
    Path folder = temp.resolve("model");
    export(config, weights(config)).write(folder, Optional.empty(), Format.FP32, 8_000);
    JsonNode index = json(folder, "model.safetensors.index.json");
    long total = 4 * new ModelSize(config, ROWS).parameters();
    assertThat(index.get("metadata").get("total_size").asLong()).isEqualTo(total);
    long sum = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path path : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        assertThat(path.getFileName().toString()).matches("model-0000\\d-of-0000\\d.safetensors");
        try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
          long bytes = file.shapes().values().stream().mapToLong(Shape::size).sum() * 4;
          assertThat(bytes <= 8_000 || file.shapes().size() == 1).as("%s", path).isTrue();
          sum += bytes;
          file.shapes()
              .keySet()
              .forEach(
                  name ->
                      assertThat(index.get("weight_map").get(name).asText())
                          .isEqualTo(path.getFileName().toString()));
        }
      }
    }
    assertThat(sum).isEqualTo(total);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logit_cap: 30|model.logit_cap is 30.0",
        "mlp: relu2|model.mlp is relu2; allowed: swiglu in the layout LlamaForCausalLM",
        "mlp: gelu|model.mlp is gelu",
        "positions: none|model.positions is none",
        "rotary: 0.5|model.rotary is 0.5",
        "parallel: true|model.parallel is true",
        "bias_out: true|model.bias_out is true",
        "bias_qkv: true, bias_mlp: true|model.bias_mlp is true",
        "qk_norm: true, bias_qkv: true|model.bias_out is false",
        "positions: learned, mlp: gelu|model.norm is rms; allowed: layer in the layout GPT2LMHeadModel",
        "positions: learned, norm: layer, mlp: gelu|model.bias_norm is false",
        "norm: layer, bias_norm: true, bias_mlp: true, mlp: gelu, kv_heads: 2|model.kv_heads is 2",
        "norm: layer, bias_norm: true, bias_mlp: true, mlp: gelu, head_width: 6|model.head_width is 6",
        "norm: layer, bias_norm: true, bias_mlp: true, mlp: gelu, rotary_factor: 2|model.rotary_factor",
        "norm: layer, bias_norm: true, bias_mlp: true, mlp: relu2|model.mlp is relu2",
      })
  void whatALayoutCannotExpressIsRefusedWithItsKey(String keys, String message) {
    ModelConfig config = model(keys);
    assertThatThrownBy(
            () ->
                export(config, Map.of())
                    .write(temp.resolve("model"), Optional.empty(), Format.FP32, 1L << 40))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void aFolderIsWrittenWholeOrNotAtAllAndNeverOver() throws IOException {
    ModelConfig config = model("");
    Map<String, NDArray> weights = weights(config);
    Path folder = temp.resolve("deep/model");
    HuggingFaceExport failing =
        new HuggingFaceExport(
            config,
            ROWS,
            (name, scope) -> {
              if (name.equals("head.weight")) {
                throw new IOException("gone");
              }
              return weights.get(name);
            },
            Map.of());
    assertThatThrownBy(() -> failing.write(folder, Optional.empty(), Format.FP32, 1L << 40))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(folder.getParent()).isEmptyDirectory();
    export(config, weights).write(folder, Optional.empty(), Format.FP32, 1L << 40);
    assertThatThrownBy(
            () -> export(config, weights).write(folder, Optional.empty(), Format.FP32, 1L << 40))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder + " exists");
    assertThat(folder.getParent()).isDirectoryContaining(path -> path.equals(folder));
    try (Stream<Path> all = Files.list(folder.getParent())) {
      assertThat(all).hasSize(1);
    }
  }

  @Test
  void theFolderSaysWhereTheModelComesFromAndWhatEndsATextIs() throws IOException {
    ModelConfig config = model("");
    Path folder = temp.resolve("model");
    try (Tokenizer tokenizer = Tokenizer.of("gpt2", ROWS)) {
      export(config, weights(config)).write(folder, Optional.of(tokenizer), Format.FP32, 1L << 40);
      assertThat(json(folder, "config.json").get("eos_token_id").asInt()).isEqualTo(ROWS - 1);
      assertThat(json(folder, "generation_config.json").get("eos_token_id").asInt())
          .isEqualTo(ROWS - 1);
      assertThat(json(folder, "tokenizer_config.json").get("eos_token").asText())
          .isEqualTo("<|endoftext|>");
      HuggingFaceModel.open(folder).requireTokenizerFits();
      try (Tokenizer back = Tokenizer.of(folder.resolve("tokenizer.json").toString(), 0)) {
        assertThat(back.encode("one text")).isEqualTo(tokenizer.encode("one text"));
        assertThat(back.endOfText()).isEqualTo(ROWS - 1);
      }
    }
    assertThat(json(folder, "adamant.json").get("run_id").asText()).isEqualTo("0123456789ab");
    assertThat(Files.readString(folder.resolve("model.safetensors"), StandardCharsets.ISO_8859_1))
        .contains("\"__metadata__\":{\"adamant.run_id\":\"0123456789ab\",\"format\":\"pt\"}");
  }

  @Test
  void aShorterContextTakesTheFirstRowsOfThePositions() throws IOException {
    ModelConfig config = model(ALL_BIASES + ", positions: learned, mlp: gelu");
    Map<String, NDArray> weights = weights(config);
    Path folder = temp.resolve("model");
    export(config, weights).write(folder, Optional.empty(), Format.FP32, 1L << 40);
    Map<String, NDArray> shorter = zeros(config);
    shorter.put("positions.weight", manager.create(new Shape(10, 16), DataType.FLOAT32));
    HuggingFaceModel.open(folder).restore(shorter);
    assertThat(
            shorter
                .get("positions.weight")
                .contentEquals(weights.get("positions.weight").get(":10")))
        .isTrue();
    shorter.put("positions.weight", manager.create(new Shape(40, 16), DataType.FLOAT32));
    assertThatThrownBy(() -> HuggingFaceModel.open(folder).restore(shorter))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("positions.weight is [32, 16], the model has [40, 16]");
  }
}
