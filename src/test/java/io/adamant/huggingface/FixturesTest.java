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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders of other programs with the numbers that their own code computes for them, whatever lies
 * beside the project: logits, losses, gradients, greedy texts, steps of AdamW, and what is broken.
 */
class FixturesTest {

  private static final Path MODELS = Path.of("../shared/models");
  private static final String NONE = "no fixtures";

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

  static List<String> sound() throws IOException {
    return folders(MODELS, "expected.json");
  }

  static List<String> all() throws IOException {
    return folders(MODELS.resolve("broken"), "config.json");
  }

  private static List<String> folders(Path root, String file) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of(NONE);
    }
    try (Stream<Path> folders = Files.list(root)) {
      List<String> names =
          folders
              .filter(folder -> Files.exists(folder.resolve(file)))
              .map(folder -> folder.getFileName().toString())
              .sorted()
              .toList();
      assertThat(names).as("folders in %s", root).isNotEmpty();
      return names;
    }
  }

  private static Path folder(String name) {
    assumeThat(name).as("%s is not there", MODELS).isNotEqualTo(NONE);
    return MODELS.resolve(name);
  }

  private static JsonNode expected(Path folder) throws IOException {
    return Json.MAPPER.readTree(folder.resolve("expected.json").toFile());
  }

  private Map<String, NDArray> weights(StoredModel model) {
    return model.read(manager);
  }

  private ReferenceGpt model(Path folder) {
    StoredModel model = StoredModel.open(folder, StoredModel.Choice.LAST);
    return new ReferenceGpt(model.config(), weights(model));
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
  void logitsAreThoseOfTheModelsOwnCode(String name) throws IOException {
    Path folder = folder(name);
    ReferenceGpt model = model(folder);
    for (JsonNode prompt : expected(folder).get("prompts")) {
      NDArray logits = model.logits(manager, ids(prompt.get("ids")));
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
  @MethodSource("sound")
  void theGreedyTextIsTheSame(String name) throws IOException {
    Path folder = folder(name);
    ReferenceGpt model = model(folder);
    JsonNode greedy = expected(folder).get("greedy");
    List<Integer> text = new ArrayList<>();
    for (int id : ints(greedy.get("prompt_ids"))) {
      text.add(id);
    }
    int prompt = text.size();
    while (text.size() < prompt + greedy.get("ids").size()) {
      try (NDManager step = manager.newSubManager()) {
        long[] ids = text.stream().mapToLong(Integer::longValue).toArray();
        NDArray logits = model.logits(step, step.create(ids, new Shape(1, ids.length)));
        text.add((int) logits.get(0, ids.length - 1).argMax().getLong());
      }
    }
    assertThat(text.subList(prompt, text.size()).stream().mapToInt(Integer::intValue).toArray())
        .isEqualTo(ints(greedy.get("ids")));
    try (Tokenizer tokenizer = StoredModel.open(folder, StoredModel.Choice.LAST).tokenizer()) {
      assertThat(tokenizer.decode(text.stream().mapToInt(Integer::intValue).toArray()))
          .isEqualTo(greedy.get("text").asText());
    }
  }

  /** The loss, the gradient's norm as a whole and by tensor of the file, and five steps. */
  @ParameterizedTest
  @MethodSource("sound")
  void theGradientAndFiveStepsAreTheSame(String name) throws IOException {
    Path folder = folder(name);
    StoredModel stored = StoredModel.open(folder, StoredModel.Choice.LAST);
    Map<String, NDArray> weights = weights(stored);
    weights.values().forEach(array -> Autograd.requireGradient(array, true));
    ReferenceGpt model = new ReferenceGpt(stored.config(), weights);
    JsonNode batch = expected(folder).get("batch");
    NDArray rows = ids(batch.get("rows").get(0), batch.get("rows").get(1));
    NDArray inputs = rows.get(":, :-1");
    NDArray targets = rows.get(":, 1:");
    JsonNode adamw = expected(folder).get("adamw");
    Map<String, NDArray> m = new HashMap<>();
    Map<String, NDArray> v = new HashMap<>();
    for (int step = 0; step <= 5; step++) {
      double loss;
      try (NDManager scope = manager.newSubManager();
          Autograd.Mode on = Autograd.recording()) {
        NDArray value = model.loss(scope, inputs, targets);
        loss = value.getFloat();
        if (step < 5) {
          Autograd.backward(value, scope.create(1f));
        }
      }
      if (step == 0) {
        assertThat(loss).isCloseTo(batch.get("mean_cross_entropy_f64").asDouble(), within(2e-6));
        requireGradients(stored, weights, folder, batch);
      }
      double expected =
          step == 5
              ? adamw.get("loss_after_step_5_f64").asDouble()
              : adamw.get("losses_before_each_step_f64").get(step).asDouble();
      assertThat(loss).as("loss before step %s", step + 1).isCloseTo(expected, within(5e-6));
      if (step < 5) {
        adamw(weights, m, v, step + 1);
      }
    }
  }

  private void requireGradients(
      StoredModel stored, Map<String, NDArray> weights, Path folder, JsonNode batch)
      throws IOException {
    double squares = 0;
    Map<String, Double> byTensor = new LinkedHashMap<>();
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

  @Test
  void theTokenizerGivesTheIdsOfItsOwnLibrary() throws IOException {
    Path file = MODELS.resolve("tokenizer_expected.json");
    assumeThat(Files.exists(file)).as("%s is there", file).isTrue();
    for (String name : sound()) {
      try (Tokenizer tokenizer =
          StoredModel.open(MODELS.resolve(name), StoredModel.Choice.LAST).tokenizer()) {
        for (JsonNode text : Json.MAPPER.readTree(file.toFile())) {
          int[] ids = ints(text.get("ids"));
          assertThat(tokenizer.encode(text.get("text").asText())).isEqualTo(ids);
          assertThat(tokenizer.decode(ids)).isEqualTo(text.get("decoded").asText());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsBrokenIsRefusedInOneLineThatNamesIt(String name) throws IOException {
    Path folder = folder(name).resolveSibling("broken").resolve(name);
    JsonNode about = Json.MAPPER.readTree(folder.resolveSibling("cases.json").toFile()).get(name);
    if (about.get("expect").asText().equals("accept")) {
      assertThat(weights(StoredModel.open(folder, StoredModel.Choice.LAST))).isNotEmpty();
      return;
    }
    List<String> names =
        StreamSupport.stream(about.get("a_good_message_names").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    assertThatThrownBy(() -> weights(StoredModel.open(folder, StoredModel.Choice.LAST)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(name)
        .hasMessageContainingAll(names.toArray(CharSequence[]::new))
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }
}
