package io.adamant.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.data.Tokenizer;
import io.adamant.model.Gpt;
import io.adamant.model.KernelPath;
import io.adamant.model.ReferenceGpt;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.TorchRuntime;
import io.adamant.train.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders of other programs with the numbers that their own code computes for them, whatever lies
 * beside the project: logits, losses, gradients, greedy texts, steps of AdamW, and what is broken.
 */
class FixturesTest {

  private static final Path MODELS = Path.of("../shared/models");

  /** Made by src/test/bench/torch_families.py. */
  private static final Path OWN = Path.of("src/test/resources/huggingface");

  private NDManager manager;

  @BeforeEach
  void open() {
    TorchRuntime.prepareThread(1);
    manager = NDManager.newBaseManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** What computes: the model in plain operations, or the passes that train. */
  enum Through {
    REFERENCE,
    PASSES
  }

  static Stream<Arguments> sound() throws IOException {
    return Stream.concat(trained(), through(folders(OWN, "expected.json")));
  }

  /** Those that were trained long enough to write. */
  static Stream<Arguments> trained() throws IOException {
    return through(folders(MODELS, "expected.json"));
  }

  private static Stream<Arguments> through(Stream<Path> folders) {
    return folders.flatMap(
        path -> Stream.of(Through.values()).map(through -> Arguments.of(path, through)));
  }

  static Stream<Path> all() throws IOException {
    return folders(MODELS.resolve("broken"), "config.json");
  }

  private static Stream<Path> folders(Path root, String file) throws IOException {
    if (!Files.isDirectory(root)) {
      return Stream.of(root);
    }
    try (Stream<Path> folders = Files.list(root)) {
      List<Path> found =
          folders.filter(folder -> Files.exists(folder.resolve(file))).sorted().toList();
      assertThat(found).as("folders in %s", root).isNotEmpty();
      return found.stream();
    }
  }

  private static void requireThere(Path folder) {
    assumeThat(folder).as("%s is there", folder).isDirectory();
  }

  private static JsonNode expected(Path folder) throws IOException {
    return Json.MAPPER.readTree(folder.resolve("expected.json").toFile());
  }

  private static StoredModel stored(Path folder) {
    return StoredModel.open(folder, StoredModel.Choice.LAST);
  }

  /** A model with its weights, and what it computes with them. */
  private record Subject(Map<String, NDArray> weights, Logits logits, Loss loss) {
    interface Logits {
      NDArray of(NDManager scope, NDArray ids);
    }

    /** Adds gradients to those of the weights. */
    interface Loss {
      double of(NDManager scope, NDArray inputs, NDArray targets);
    }
  }

  private Subject subject(Path folder, Through through) {
    StoredModel stored = stored(folder);
    Map<String, NDArray> weights = new LinkedHashMap<>();
    if (through == Through.PASSES) {
      Gpt gpt =
          new Gpt(manager, stored.config(), stored.vocabulary(), KernelPath.of("torch+sdpa"), 1);
      gpt.named().forEach((name, parameter) -> weights.put(name, parameter.getArray()));
      stored.restore(weights);
      weights.values().forEach(array -> Autograd.requireGradient(array, true));
      return new Subject(
          weights,
          gpt::logits,
          (scope, inputs, targets) -> gpt.forwardBackward(scope, inputs, targets, 1).getFloat());
    }
    weights.putAll(stored.read(manager));
    weights.values().forEach(array -> Autograd.requireGradient(array, true));
    ReferenceGpt reference = new ReferenceGpt(stored.config(), weights);
    return new Subject(
        weights,
        (scope, ids) -> {
          try (Autograd.Mode off = Autograd.noGrad()) {
            return reference.logits(scope, ids);
          }
        },
        (scope, inputs, targets) -> {
          try (Autograd.Mode on = Autograd.recording()) {
            NDArray value = reference.loss(scope, inputs, targets);
            Autograd.backward(value, scope.create(1f));
            return value.getFloat();
          }
        });
  }

  private NDArray ids(JsonNode... rows) {
    long[] ids =
        Stream.of(rows)
            .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
            .mapToLong(JsonNode::asLong)
            .toArray();
    return manager.create(ids, new Shape(rows.length, ids.length / rows.length));
  }

  private static int[] ints(JsonNode row) {
    return StreamSupport.stream(row.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  @ParameterizedTest
  @MethodSource("sound")
  void logitsAreThoseOfTheModelsOwnCode(Path folder, Through through) throws IOException {
    requireThere(folder);
    Subject model = subject(folder, through);
    for (JsonNode prompt : expected(folder).get("prompts")) {
      NDArray logits = model.logits().of(manager, ids(prompt.get("ids")));
      for (int i = 0; i < prompt.get("positions").size(); i++) {
        NDArray row = logits.get(0, prompt.get("positions").get(i).asLong());
        JsonNode first = prompt.get("logits_first32_f64").get(i);
        for (int j = 0; j < first.size(); j++) {
          assertThat((double) row.getFloat(j)).isCloseTo(first.get(j).asDouble(), within(1e-4));
        }
        double largest = row.max().getFloat();
        double sum = 0;
        for (float logit : row.toFloatArray()) {
          sum += Math.exp(logit - largest);
        }
        assertThat(largest + Math.log(sum))
            .isCloseTo(prompt.get("logsumexp_f64").get(i).asDouble(), within(1e-5));
        assertThat(row.argMax().getLong()).isEqualTo(prompt.get("argmax").get(i).asLong());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("trained")
  void theGreedyTextIsTheSame(Path folder, Through through) throws IOException {
    requireThere(folder);
    JsonNode greedy = expected(folder).get("greedy");
    Subject model = subject(folder, through);
    List<Integer> text = new ArrayList<>();
    for (int id : ints(greedy.get("prompt_ids"))) {
      text.add(id);
    }
    int prompt = text.size();
    while (text.size() < prompt + greedy.get("ids").size()) {
      try (NDManager step = manager.newSubManager()) {
        long[] ids = text.stream().mapToLong(Integer::longValue).toArray();
        NDArray logits = model.logits().of(step, step.create(ids, new Shape(1, ids.length)));
        text.add((int) logits.get(0, ids.length - 1).argMax().getLong());
      }
    }
    assertThat(text.subList(prompt, text.size()).stream().mapToInt(Integer::intValue).toArray())
        .isEqualTo(ints(greedy.get("ids")));
    try (Tokenizer tokenizer = stored(folder).tokenizer()) {
      assertThat(tokenizer.decode(text.stream().mapToInt(Integer::intValue).toArray()))
          .isEqualTo(greedy.get("text").asText());
    }
  }

  /** The loss, the gradient's norm as a whole and by tensor of the file, and five steps. */
  @ParameterizedTest
  @MethodSource("sound")
  void theGradientAndFiveStepsAreTheSame(Path folder, Through through) throws IOException {
    requireThere(folder);
    Subject model = subject(folder, through);
    JsonNode batch = expected(folder).get("batch");
    NDArray rows = ids(batch.get("rows").get(0), batch.get("rows").get(1));
    NDArray inputs = rows.get(":, :-1");
    NDArray targets = rows.get(":, 1:");
    double first = model.loss().of(manager, inputs, targets);
    assertThat(first).isCloseTo(batch.get("mean_cross_entropy_f64").asDouble(), within(2e-6));
    requireGradients(folder, model.weights(), batch);
    JsonNode adamw = expected(folder).path("adamw");
    Map<String, NDArray> m = new HashMap<>();
    Map<String, NDArray> v = new HashMap<>();
    for (int step = 1; adamw.isObject() && step <= 5; step++) {
      adamw(model.weights(), m, v, step);
      double expected =
          step == 5
              ? adamw.get("loss_after_step_5_f64").asDouble()
              : adamw.get("losses_before_each_step_f64").get(step).asDouble();
      try (NDManager scope = manager.newSubManager()) {
        assertThat(model.loss().of(scope, inputs, targets))
            .as("loss after step %s", step)
            .isCloseTo(expected, within(5e-6));
      }
    }
  }

  private void requireGradients(Path folder, Map<String, NDArray> weights, JsonNode batch) {
    double squares = 0;
    Map<String, Double> byTensor = new LinkedHashMap<>();
    StoredModel stored = stored(folder);
    TensorTable table =
        Family.of(new ConfigReader(folder, Json.object(folder.resolve("config.json"))))
            .tensors(stored.config(), stored.vocabulary());
    for (TensorTable.Tensor tensor : table.tensors()) {
      NDArray gradient = Autograd.gradient(weights.get(tensor.own()));
      double sum = 0;
      for (float value : tensor.write(gradient, manager).toFloatArray()) {
        sum += (double) value * value;
      }
      byTensor.put(tensor.foreign(), Math.sqrt(sum));
      squares += sum;
    }
    double norm = batch.get("grad_norm_f64").asDouble();
    assertThat(Math.sqrt(squares)).isCloseTo(norm, within(2e-6 * norm));
    JsonNode expected = batch.get("grad_norm_by_tensor_f64");
    assertThat(byTensor.keySet()).containsExactlyInAnyOrderElementsOf(() -> expected.fieldNames());
    byTensor.forEach(
        (tensor, value) -> {
          double wanted = expected.get(tensor).asDouble();
          assertThat(value).as(tensor).isCloseTo(wanted, within(1e-5 * wanted + 1e-8));
        });
  }

  /** Decoupled decay of matrices; GPT-2's key biases step by noise, which no loss sees. */
  private static void adamw(
      Map<String, NDArray> weights, Map<String, NDArray> m, Map<String, NDArray> v, int t) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      weights.forEach(
          (name, w) -> {
            try (NDManager scope = w.getManager().newSubManager()) {
              NDArray g = Autograd.gradient(w).mul(1);
              g.attach(scope);
              m.computeIfAbsent(name, key -> w.getManager().zeros(w.getShape()));
              v.computeIfAbsent(name, key -> w.getManager().zeros(w.getShape()));
              m.get(name).muli(0.9f).addi(g.mul(0.1f));
              v.get(name).muli(0.95f).addi(g.square().mul(0.05f));
              if (w.getShape().dimension() == 2) {
                w.muli(1 - 1e-3f * 0.1f);
              }
              NDArray root = v.get(name).div((float) (1 - Math.pow(0.95, t))).sqrt().add(1e-8f);
              w.subi(m.get(name).div((float) (1 - Math.pow(0.9, t))).div(root).mul(1e-3f));
              Autograd.zeroGradient(w);
            }
          });
    }
  }

  static Stream<Path> withTokenizers() throws IOException {
    return folders(MODELS, "tokenizer.json");
  }

  @ParameterizedTest
  @MethodSource("withTokenizers")
  void theTokenizerGivesTheIdsOfItsOwnLibrary(Path folder) throws IOException {
    Path file = MODELS.resolve("tokenizer_expected.json");
    assumeThat(file).exists();
    try (Tokenizer tokenizer = stored(folder).tokenizer()) {
      for (JsonNode text : Json.MAPPER.readTree(file.toFile())) {
        int[] ids = ints(text.get("ids"));
        assertThat(tokenizer.encode(text.get("text").asText())).isEqualTo(ids);
        assertThat(tokenizer.decode(ids)).isEqualTo(text.get("decoded").asText());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsBrokenIsRefusedInOneLineThatNamesIt(Path folder) throws IOException {
    requireThere(folder);
    String name = folder.getFileName().toString();
    JsonNode about = Json.MAPPER.readTree(folder.resolveSibling("cases.json").toFile()).get(name);
    if (about.get("expect").asText().equals("accept")) {
      assertThat(stored(folder).read(manager)).isNotEmpty();
      return;
    }
    List<String> names =
        StreamSupport.stream(about.get("a_good_message_names").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    assertThatThrownBy(() -> stored(folder).read(manager))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(name)
        .hasMessageContainingAll(names.toArray(CharSequence[]::new))
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }
}
