package io.adamant.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.config.ModelConfig;
import io.adamant.model.ModelSize;
import io.adamant.tensor.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What config.json may say and mean, and which files fit it. */
class HuggingFaceModelTest {

  private static final Path OWN = Path.of("src/test/resources/huggingface");

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

  private Path copy(String name) {
    try {
      Path folder = Files.createTempDirectory(temp, name);
      for (String file : new String[] {"config.json", "model.safetensors"}) {
        Files.copy(
            OWN.resolve(name).resolve(file),
            folder.resolve(file),
            StandardCopyOption.REPLACE_EXISTING);
      }
      return folder;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A copy whose config.json has other values: JSON by key, "absent" to take one out. */
  private Path changed(String name, String... changes) throws IOException {
    Path folder = copy(name);
    Path config = folder.resolve("config.json");
    ObjectNode json = (ObjectNode) Json.MAPPER.readTree(config.toFile());
    for (String change : changes) {
      String[] parts = change.split("=", 2);
      if (parts[1].equals("absent")) {
        json.remove(parts[0]);
      } else {
        json.set(parts[0], Json.MAPPER.readTree(parts[1]));
      }
    }
    Files.writeString(config, Json.pretty(json));
    return folder;
  }

  /** A copy whose tensors were changed. */
  private Path rewritten(String name, Consumer<Map<String, NDArray>> change) throws IOException {
    Path folder = copy(name);
    Path file = folder.resolve("model.safetensors");
    Map<String, NDArray> tensors = new LinkedHashMap<>(SafeTensors.read(file, manager));
    change.accept(tensors);
    Files.delete(file);
    SafeTensors.write(file, tensors, Map.of());
    return folder;
  }

  private String refusal(Path folder) {
    try {
      HuggingFaceModel model = HuggingFaceModel.open(folder);
      Map<String, NDArray> live = new LinkedHashMap<>();
      new ModelSize(model.config(), model.rows())
          .shapes()
          .forEach((key, shape) -> live.put(key, manager.zeros(shape)));
      model.restore(live);
    } catch (InputException e) {
      assertThat(e.getMessage().lines()).hasSize(1);
      return e.getMessage();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("not refused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Whatever makes it another model.
        "llama3|hidden_act=\"gelu\"|hidden_act is gelu; expected: silu",
        "llama3|rope_scaling={\"type\":\"linear\",\"factor\":2.0}|rope_scaling is linear",
        "llama3|rope_scaling={\"rope_type\":\"yarn\",\"factor\":2.0}|rope_scaling is yarn",
        "llama3|rope_scaling={\"rope_type\":\"llama3\",\"factor\":2.0}|rope_scaling.low_freq_factor is absent",
        "qwen3|rope_parameters={\"rope_theta\":1e6,\"rope_type\":\"dynamic\"}|rope_parameters is dynamic",
        "qwen3|rope_parameters={\"rope_theta\":1e6,\"attention_factor\":2}|rope_parameters.attention_factor",
        "qwen3|rope_parameters={\"rope_theta\":1e6,\"partial_rotary_factor\":0.5}|partial_rotary_factor is 0.5",
        "llama3|partial_rotary_factor=0.5|partial_rotary_factor is 0.5",
        "llama3|attention_multiplier=0.1|attention_multiplier is 0.1, and what it does",
        "llama3|rope_interleaved=true|rope_interleaved is true",
        "llama3|quantization_config={\"bits\":4}|quantization_config is {\"bits\":4}",
        "qwen3|layer_types=[\"full_attention\",\"linear_attention\"]|layer_types is linear_attention",
        "gpt2|activation_function=\"relu\"|activation_function is relu",
        "gpt2|scale_attn_by_inverse_layer_idx=true|scale_attn_by_inverse_layer_idx is true",
        "gpt2|scale_attn_weights=false|scale_attn_weights is false",
        "gpt2|add_cross_attention=true|add_cross_attention is true",
        "neox|hidden_act=\"relu\"|hidden_act is relu",
        "neox|rope_scaling={\"type\":\"linear\",\"factor\":2.0}|rope_scaling is linear",
        // Whatever is no configuration.
        "llama3|hidden_size=absent|hidden_size is absent",
        "llama3|hidden_size=\"24\"|hidden_size is \"24\"; expected: a whole number above 0",
        "llama3|num_hidden_layers=0|num_hidden_layers is 0",
        "llama3|rms_norm_eps=\"small\"|rms_norm_eps is \"small\"; expected: a finite number",
        "llama3|num_key_value_heads=3|model.kv_heads is 3; allowed: a divisor of model.heads, 4",
        "llama3|attention_bias=1|attention_bias is 1; expected: true or false",
        "llama3|architectures=[\"LlamaModel\"]|architectures is LlamaModel; expected: one of LlamaForCausalLM",
        "llama3|model_type=\"mistral\"|model_type is mistral; expected: llama",
        "gpt2|n_head=5|5 heads do not divide the width 24",
        // A window that hides something.
        "mistral|sliding_window=32|sliding_window is 32, shorter than the context of 64",
        "qwen3|sliding_window=32 layer_types=[\"full_attention\",\"sliding_attention\"]|sliding_window is 32",
        "qwen2|use_sliding_window=true sliding_window=8 max_window_layers=1|sliding_window is 8",
      })
  void aKeyThatIsNotUnderstoodIsRefusedByName(String name, String changes, String message)
      throws IOException {
    Path folder = changed(name, changes.split(" (?=\\w+=)", -1));
    assertThat(refusal(folder)).contains(folder.resolve("config.json").toString(), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama3|_name_or_path=\"x\" attention_dropout=0.1 pretraining_tp=2 use_mrope=false auto=null pruned_heads={}",
        "llama3|torch_dtype=absent dtype=\"bfloat16\" transformers_version=\"5.0.0\" id2label={\"0\":\"a\"}",
        "llama3|architectures=absent",
        "qwen2|sliding_window=8 max_window_layers=1",
        "qwen2|use_sliding_window=true sliding_window=8 max_window_layers=2",
        "qwen2|use_sliding_window=true sliding_window=64 max_window_layers=0",
        "mistral|sliding_window=null",
        "gpt2|attn_pdrop=0.1 n_ctx=64 reorder_and_upcast_attn=true summary_type=\"cls_index\"",
      })
  void whatDoesNotChangeTheModelIsPassedOver(String name, String changes) throws IOException {
    ModelConfig plain = HuggingFaceModel.open(OWN.resolve(name)).config();
    assertThat(HuggingFaceModel.open(changed(name, changes.split(" (?=\\w+=)", -1))).config())
        .isEqualTo(plain);
  }

  /** rope_theta and rope_scaling of transformers 4, rope_parameters of transformers 5. */
  @Test
  void bothWritingsOfRotaryPositionsAreTheSame() throws IOException {
    ModelConfig scaled = HuggingFaceModel.open(OWN.resolve("llama3")).config();
    assertThat(scaled.rotaryFactor()).isEqualTo(8);
    assertThat(scaled.rotaryHighFreq()).isEqualTo(4);
    assertThat(scaled.rotaryTrainedContext()).isEqualTo(32);
    assertThat(scaled.rotaryBase()).isEqualTo(100);
    Path later =
        changed(
            "llama3",
            "rope_theta=absent",
            "rope_scaling=absent",
            "rope_parameters={\"rope_theta\":100.0,\"rope_type\":\"llama3\",\"factor\":8.0,"
                + "\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
                + "\"original_max_position_embeddings\":32}");
    assertThat(HuggingFaceModel.open(later).config()).isEqualTo(scaled);
    Path none = changed("llama3", "rope_theta=absent", "rope_scaling=null");
    assertThat(HuggingFaceModel.open(none).config().rotaryBase()).isEqualTo(10_000);
    assertThat(HuggingFaceModel.open(none).config().rotaryFactor()).isEqualTo(1);
    Path neox =
        changed(
            "neox",
            "rotary_pct=absent",
            "rotary_emb_base=absent",
            "rope_parameters={\"rope_theta\":10000,\"partial_rotary_factor\":0.7,\"rope_type\":\"default\"}");
    assertThat(HuggingFaceModel.open(neox).config())
        .isEqualTo(HuggingFaceModel.open(OWN.resolve("neox")).config());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 64})
  void aWindowAsLongAsTheContextHidesNothing(int context) throws IOException {
    Path folder = changed("mistral", "sliding_window=" + context);
    assertThat(FolderSettings.ofRun(folder, OptionalInt.of(context)))
        .containsEntry("model.context", Integer.toString(context));
  }

  @Test
  void aLongContextIsForThoseWhoAskForIt() throws IOException {
    Path folder = changed("llama3", "max_position_embeddings=131072");
    assertThat(FolderSettings.ofRun(folder, OptionalInt.empty()))
        .containsEntry("model.context", "1024");
    assertThat(FolderSettings.ofRun(folder, OptionalInt.of(4096)))
        .containsEntry("model.context", "4096");
    assertThat(HuggingFaceModel.open(folder).config().context()).isEqualTo(131_072);
  }

  @Test
  void tensorsThatAreAbsentTooManyOrOfAnotherShapeAreRefusedByName() throws IOException {
    String up = "model.layers.1.mlp.up_proj.weight";
    assertThat(refusal(rewritten("mistral", tensors -> tensors.remove(up))))
        .contains("model.safetensors has no tensor " + up);
    assertThat(
            refusal(
                rewritten(
                    "mistral", tensors -> tensors.put(up + "2", manager.zeros(new Shape(2))))))
        .contains("model.safetensors: tensor " + up + "2 is not one of a MistralForCausalLM");
    assertThat(
            refusal(
                rewritten("mistral", tensors -> tensors.put(up, tensors.get(up).reshape(24, 40)))))
        .contains("tensor " + up + " has the shape [24, 40]", "[40, 24]");
  }

  @Test
  void masksAndFrequenciesInAFileArePassedOver() throws IOException {
    Path neox =
        rewritten(
            "neox",
            tensors -> {
              tensors.put(
                  "gpt_neox.layers.0.attention.bias", manager.ones(new Shape(1, 1, 64, 64)));
              tensors.put("gpt_neox.layers.0.attention.masked_bias", manager.create(-1e9f));
              tensors.put(
                  "gpt_neox.layers.0.attention.rotary_emb.inv_freq", manager.ones(new Shape(2)));
            });
    assertThat(HuggingFaceModel.open(neox).architecture()).isEqualTo("GPTNeoXForCausalLM");
    Path gpt2 =
        rewritten(
            "gpt2",
            tensors ->
                tensors.put("transformer.h.1.attn.bias", manager.ones(new Shape(1, 1, 64, 64))));
    assertThat(HuggingFaceModel.open(gpt2).architecture()).isEqualTo("GPT2LMHeadModel");
  }

  @Test
  void namesMayLackThePrefixOfTheBaseModel() throws IOException {
    Path folder =
        rewritten(
            "gpt2",
            tensors -> {
              Map<String, NDArray> all = new LinkedHashMap<>(tensors);
              tensors.clear();
              all.forEach((name, array) -> tensors.put(name.replace("transformer.", ""), array));
              tensors.put("h.0.attn.bias", manager.ones(new Shape(1, 1, 64, 64)));
            });
    String name = "layers.1.mlp.up";
    assertThat(HuggingFaceModel.open(folder).read(name, manager).toByteArray())
        .isEqualTo(HuggingFaceModel.open(OWN.resolve("gpt2")).read(name, manager).toByteArray());
  }

  @Test
  void theHeadOfATiedModelMayBeInTheFileIfItIsTheEmbedding() throws IOException {
    Path same =
        rewritten(
            "gpt2",
            tensors ->
                tensors.put("lm_head.weight", tensors.get("transformer.wte.weight").duplicate()));
    assertThat(HuggingFaceModel.open(same).config().tied()).isTrue();
    Path other =
        rewritten(
            "gpt2",
            tensors ->
                tensors.put("lm_head.weight", tensors.get("transformer.wte.weight").mul(1.001f)));
    assertThat(refusal(other))
        .contains(
            "model.safetensors: tensor lm_head.weight is not transformer.wte.weight",
            "tie_word_embeddings");
  }

  @Test
  void valuesThatAreNotFiniteAreRefusedWithTheirTensor() throws IOException {
    Path folder =
        rewritten(
            "neox",
            tensors ->
                tensors.put(
                    "gpt_neox.final_layer_norm.bias",
                    tensors.get("gpt_neox.final_layer_norm.bias").div(0)));
    assertThat(refusal(folder))
        .contains("model.safetensors: tensor gpt_neox.final_layer_norm.bias", "NaN or infinite");
  }

  /** The tensors of a folder in two files. */
  private Path sharded() throws IOException {
    Path folder = copy("mistral");
    Path file = folder.resolve("model.safetensors");
    Map<String, NDArray> first = new LinkedHashMap<>(SafeTensors.read(file, manager));
    Map<String, NDArray> second = new LinkedHashMap<>();
    Map<String, String> where = new LinkedHashMap<>();
    for (String name : List.copyOf(first.keySet())) {
      boolean moved = name.contains("layers.1");
      where.put(name, moved ? "two.safetensors" : "one.safetensors");
      if (moved) {
        second.put(name, first.remove(name));
      }
    }
    Files.delete(file);
    SafeTensors.write(folder.resolve("one.safetensors"), first, Map.of());
    SafeTensors.write(folder.resolve("two.safetensors"), second, Map.of());
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), Json.line(Map.of("weight_map", where)));
    return folder;
  }

  @Test
  void shardsAreOneModelAndOneThatIsAbsentIsNamed() throws IOException {
    Path folder = sharded();
    String name = "layers.1.attention.qkv";
    assertThat(HuggingFaceModel.open(folder).read(name, manager).toByteArray())
        .isEqualTo(HuggingFaceModel.open(OWN.resolve("mistral")).read(name, manager).toByteArray());
    Files.delete(folder.resolve("two.safetensors"));
    assertThat(refusal(folder)).contains("two.safetensors is absent", "model.layers.1.");
  }

  @Test
  void anIndexThatIsNotWhatIsInTheFilesIsRefused() throws IOException {
    String norm = "model.norm.weight";
    Path wrong = sharded();
    Path index = wrong.resolve("model.safetensors.index.json");
    String text = Files.readString(index);
    Files.writeString(
        index,
        text.replace(
            "\"" + norm + "\":\"one.safetensors\"", "\"" + norm + "\":\"two.safetensors\""));
    assertThat(refusal(wrong)).contains("one.safetensors: tensor " + norm + " is there");
    Files.writeString(
        index, text.replace("\"weight_map\":{", "\"weight_map\":{\"ghost\":\"one.safetensors\","));
    assertThat(refusal(wrong)).contains("one.safetensors has no tensor ghost");
    Files.writeString(index, text.replace("one.safetensors", "../one.safetensors"));
    assertThat(refusal(wrong)).contains("'../one.safetensors'", "the name of a file beside it");
    Files.writeString(index, "{}");
    assertThat(refusal(wrong)).contains("has no weight_map");
    Path twice = sharded();
    Files.delete(twice.resolve("two.safetensors"));
    Files.copy(twice.resolve("one.safetensors"), twice.resolve("two.safetensors"));
    assertThat(refusal(twice)).contains("two.safetensors: tensor", "is in one.safetensors too");
  }

  @Test
  void aFolderWithoutSafetensorsSaysWhatIsThere() throws IOException {
    Path folder = copy("mistral");
    Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    assertThat(refusal(folder))
        .contains("has neither model.safetensors nor", "pytorch_model.bin is not read");
  }

  @Test
  void theHashIsThatOfTheWeights() throws IOException {
    Path folder = copy("mistral");
    String hash = HuggingFaceModel.open(folder).sha256(temp.resolve("cache"));
    assertThat(
            HuggingFaceModel.open(changed("mistral", "pretraining_tp=1"))
                .sha256(temp.resolve("cache")))
        .isEqualTo(hash);
    Path other = rewritten("mistral", tensors -> tensors.get("model.norm.weight").addi(1e-3f));
    assertThat(HuggingFaceModel.open(other).sha256(temp.resolve("cache"))).isNotEqualTo(hash);
    Path shards = sharded();
    String ofShards = HuggingFaceModel.open(shards).sha256(temp.resolve("cache"));
    assertThat(ofShards).isNotEqualTo(hash);
    Path swapped = sharded();
    assertThat(HuggingFaceModel.open(swapped).sha256(temp.resolve("cache"))).isEqualTo(ofShards);
    assertThat(Stream.of(hash, ofShards)).allMatch(text -> text.matches("[0-9a-f]{64}"));
  }
}
