package io.adamant.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.adamant.config.ModelConfig;
import io.adamant.config.RunConfig;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of all switches: the composed passes against the NDArray reference, in float32. */
class GptFamiliesTest {

  private static final int VOCABULARY = 53;
  private static final int SEPARATOR = 5;
  private static final int BATCH = 3;
  private static final int TIME = 16;

  /** Values of each switch, the default first: YAML of the model section, "" being none. */
  private static final Map<String, List<Map<String, Object>>> SWITCHES = switches();

  private NDManager manager;

  @BeforeEach
  void prepare() {
    TorchRuntime.prepareThread(1);
    manager = NDManager.newBaseManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static Map<String, List<Map<String, Object>>> switches() {
    Map<String, List<Map<String, Object>>> all = new LinkedHashMap<>();
    all.put("mlp", values("mlp", "swiglu", "gelu", "gelu_tanh", "relu2"));
    all.put(
        "positions",
        List.of(
            Map.of(),
            Map.of("rotary", 0.5, "rotary_base", 10_000.0),
            Map.of("positions", "learned"),
            Map.of(
                "rotary_factor", 8.0,
                "rotary_low_freq", 1.0,
                "rotary_high_freq", 4.0,
                "rotary_base", 100.0,
                "rotary_trained_context", 200)));
    all.put(
        "norm",
        List.of(Map.of(), Map.of("norm", "layer"), Map.of("norm", "layer", "bias_norm", true)));
    all.put("kv_heads", values("kv_heads", "auto", 2, 1));
    all.put("head_width", values("head_width", "auto", 12));
    for (String flag : List.of("bias_qkv", "bias_out", "bias_mlp", "qk_norm", "tied", "parallel")) {
      all.put(flag, values(flag, false, true));
    }
    all.put("logit_cap", values("logit_cap", "none", 3.0));
    all.put("documents", values("documents", false, true)); // of the data, not of the model
    return all;
  }

  private static List<Map<String, Object>> values(String key, Object... values) {
    return Stream.of(values).map(value -> Map.of(key, value)).toList();
  }

  private static final List<List<Integer>> COVERING =
      IntStream.range(0, 100)
          .mapToObj(GptFamiliesTest::coveringSet)
          .filter(rows -> rows.size() <= 20)
          .findFirst()
          .orElseThrow();

  static List<List<Integer>> coveringSet() {
    return COVERING;
  }

  /** Choices of a value for each switch, every pair of values of two switches in one of them. */
  private static List<List<Integer>> coveringSet(int seed) {
    List<Integer> counts = SWITCHES.values().stream().map(List::size).toList();
    Set<List<Integer>> missing = new HashSet<>();
    for (int a = 0; a < counts.size(); a++) {
      for (int b = a + 1; b < counts.size(); b++) {
        for (int i = 0; i < counts.get(a); i++) {
          for (int j = 0; j < counts.get(b); j++) {
            missing.add(List.of(a, i, b, j));
          }
        }
      }
    }
    Random random = new Random(seed);
    List<List<Integer>> rows = new ArrayList<>();
    while (!missing.isEmpty()) {
      List<Integer> best = List.of();
      for (int trial = 0; trial < 40; trial++) {
        List<Integer> row = new ArrayList<>(counts.stream().map(random::nextInt).toList());
        for (int change = 0; change < 3 * counts.size(); change++) {
          int column = random.nextInt(counts.size());
          List<Integer> other = new ArrayList<>(row);
          other.set(column, random.nextInt(counts.get(column)));
          row = covers(other, missing) >= covers(row, missing) ? other : row;
        }
        best = covers(row, missing) > covers(best, missing) ? row : best;
      }
      missing.removeAll(pairs(best));
      rows.add(best);
    }
    return rows;
  }

  private static long covers(List<Integer> row, Set<List<Integer>> missing) {
    return pairs(row).stream().filter(missing::contains).count();
  }

  private static Set<List<Integer>> pairs(List<Integer> row) {
    Set<List<Integer>> pairs = new HashSet<>();
    for (int a = 0; a < row.size(); a++) {
      for (int b = a + 1; b < row.size(); b++) {
        pairs.add(List.of(a, row.get(a), b, row.get(b)));
      }
    }
    return pairs;
  }

  /** The default with two switches turned, each such pair. */
  static List<List<Integer>> allPairs() {
    List<Integer> counts = SWITCHES.values().stream().map(List::size).toList();
    Set<List<Integer>> rows = new LinkedHashSet<>();
    for (int a = 0; a < counts.size(); a++) {
      for (int b = a + 1; b < counts.size(); b++) {
        for (int i = 0; i < counts.get(a); i++) {
          for (int j = 0; j < counts.get(b); j++) {
            Integer[] row = new Integer[counts.size()];
            Arrays.fill(row, 0);
            row[a] = i;
            row[b] = j;
            rows.add(List.of(row));
          }
        }
      }
    }
    return List.copyOf(rows);
  }

  /** What a choice means. */
  private record Family(ModelConfig config, OptionalInt separator, String text) {
    static Family of(List<Integer> row) {
      Map<String, Object> chosen = new LinkedHashMap<>();
      int next = 0;
      for (List<Map<String, Object>> values : SWITCHES.values()) {
        chosen.putAll(values.get(row.get(next++)));
      }
      boolean documents = (boolean) chosen.remove("documents");
      Map<String, Object> keys = new LinkedHashMap<>();
      chosen.forEach((key, value) -> keys.put("model." + key, value));
      keys.put("model.layers", 2);
      keys.put("model.width", 32);
      keys.put("model.heads", 4);
      keys.put("model.context", 20);
      keys.put("model.mlp_hidden", 44);
      keys.put("model.init_std", 0.2);
      keys.put("model.norm_eps", 0.05);
      return new Family(
          RunConfig.defaults().with(keys).model(),
          documents ? OptionalInt.of(SEPARATOR) : OptionalInt.empty(),
          chosen + (documents ? ", documents" : ""));
    }
  }

  @ParameterizedTest
  @MethodSource("coveringSet")
  void aModelOfTheCoveringSetAgreesWithTheReference(List<Integer> row) {
    agrees(Family.of(row), new KernelPath(KernelPath.Linear.ONEDNN, false), 2e-6, 2e-5);
    agrees(Family.of(row), new KernelPath(KernelPath.Linear.TORCH, true), 2e-6, 2e-5);
    agrees(Family.of(row), new KernelPath(KernelPath.Linear.BF16, false), 5e-3, 8e-2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aModelOfTheFusedPassesAgreesWithTheReference(boolean gpu) {
    for (List<Integer> row : allPairs()) {
      Family family = Family.of(row);
      if (new ModelSize(family.config(), VOCABULARY).fused() && family.separator().isEmpty()) {
        KernelPath path = new KernelPath(KernelPath.Linear.ONEDNN, false);
        GptKernels kernels = GptKernels.of(manager, family.config(), VOCABULARY, path, -1, gpu);
        agrees(family, "fused, for GPUs " + gpu, kernels, 2e-6, 2e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("allPairs")
  @Tag("slow")
  void aModelWithTwoSwitchesTurnedAgreesWithTheReference(List<Integer> row) {
    agrees(Family.of(row), new KernelPath(KernelPath.Linear.ONEDNN, false), 2e-6, 2e-5);
    agrees(Family.of(row), new KernelPath(KernelPath.Linear.TORCH, true), 2e-6, 2e-5);
  }

  private GptKernels composed(Family family, KernelPath path) {
    int separator = family.separator().orElse(-1);
    return new ComposedGptKernels(manager, family.config(), VOCABULARY, path, separator);
  }

  private Gpt model(Family family, GptKernels kernels) {
    Gpt model = new Gpt(manager, family.config(), VOCABULARY, 7, kernels);
    Random random = new Random(3);
    try (Autograd.Mode off = Autograd.noGrad()) {
      // As training leaves them: at their initial 1 and 0 a kernel could forget them.
      model
          .named()
          .forEach(
              (name, parameter) -> {
                if (name.endsWith("gain") || name.endsWith("bias")) {
                  NDArray array = parameter.getArray();
                  double[] changes = random.doubles(array.size(), -0.5, 0.5).toArray();
                  float[] values = new float[changes.length];
                  for (int i = 0; i < values.length; i++) {
                    values[i] = (float) changes[i];
                  }
                  array.addi(manager.create(values, array.getShape()));
                }
              });
    }
    model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
    return model;
  }

  private NDArray tokens(long seed) {
    long[] values = new Random(seed).longs((long) BATCH * TIME, 0, VOCABULARY).toArray();
    // Documents of several lengths: of one token, at the beginning and at the end.
    for (int at : new int[] {0, 1, 7, TIME + 4, 2 * TIME - 1}) {
      values[at] = SEPARATOR;
    }
    return manager.create(values, new Shape(BATCH, TIME));
  }

  private static Map<String, float[]> takeGradients(Gpt model) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    model
        .named()
        .forEach(
            (name, p) -> {
              gradients.put(name, Autograd.gradient(p.getArray()).toFloatArray());
              Autograd.zeroGradient(p.getArray());
            });
    return gradients;
  }

  private static double distance(float[] a, float[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      norm += (double) b[i] * b[i];
    }
    return Math.sqrt(difference / norm);
  }

  /** Loss and every gradient; documents are run by the reference each alone. */
  private void agrees(
      Family family, KernelPath path, double lossTolerance, double gradientTolerance) {
    agrees(family, path.label(), composed(family, path), lossTolerance, gradientTolerance);
  }

  private void agrees(
      Family family,
      String passes,
      GptKernels kernels,
      double lossTolerance,
      double gradientTolerance) {
    NDArray tokens = tokens(1);
    NDArray targets = tokens(2);
    try (Gpt model = model(family, kernels)) {
      double loss = model.forwardBackward(manager, tokens, targets, 1).getFloat();
      Map<String, float[]> gradients = takeGradients(model);
      double expected = 0;
      try (Autograd.Mode on = Autograd.recording()) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        model.named().forEach((name, p) -> weights.put(name, p.getArray()));
        ReferenceGpt reference = new ReferenceGpt(family.config(), weights);
        for (int[] part : parts(tokens, family.separator())) {
          String where = part[0] + ":" + (part[0] + part[1]) + ", " + part[2] + ":" + part[3];
          NDArray share =
              reference
                  .loss(manager, tokens.get(where), targets.get(where))
                  .mul(
                      manager.create(
                          (float) part[1] * (part[3] - part[2]) / (float) (BATCH * TIME)));
          Autograd.backward(share, manager.create(1f));
          expected += share.getFloat();
        }
      }
      assertThat(loss).isCloseTo(expected, within(lossTolerance * expected));
      Map<String, float[]> right = takeGradients(model);
      right.forEach(
          (name, gradient) ->
              assertThat(distance(gradients.get(name), gradient))
                  .as("%s: %s, %s", family.text(), passes, name)
                  .isLessThan(gradientTolerance));
    }
  }

  /** The whole, or each document: first row, rows, first and last column. */
  private static List<int[]> parts(NDArray tokens, OptionalInt separator) {
    if (separator.isEmpty()) {
      return List.of(new int[] {0, BATCH, 0, TIME});
    }
    long[] ids = tokens.toLongArray();
    List<int[]> parts = new ArrayList<>();
    for (int row = 0; row < BATCH; row++) {
      int from = 0;
      for (int t = 0; t < TIME; t++) {
        if (ids[row * TIME + t] == separator.getAsInt() || t == TIME - 1) {
          parts.add(new int[] {row, 1, from, t + 1});
          from = t + 1;
        }
      }
    }
    return parts;
  }

  @ParameterizedTest
  @EnumSource(KernelPath.Linear.class)
  void recomputingEvaluatingAndLogitsAgreeWithThePass(KernelPath.Linear linear) {
    NDArray tokens = tokens(1);
    NDArray targets = tokens(2);
    for (List<Integer> row : coveringSet()) {
      Family family = Family.of(row);
      try (Gpt model = model(family, composed(family, new KernelPath(linear, false)))) {
        NDArray loss = model.forwardBackward(manager, tokens, targets, 0.5, false, part -> {});
        Map<String, float[]> held = takeGradients(model);
        NDArray again = model.forwardBackward(manager, tokens, targets, 0.5, true, part -> {});
        Map<String, float[]> recomputed = takeGradients(model);
        assertThat(again.getFloat()).isEqualTo(loss.getFloat());
        held.forEach((name, gradient) -> assertThat(recomputed.get(name)).isEqualTo(gradient));
        assertThat(model.evaluate(manager, tokens, targets).getFloat()).isEqualTo(loss.getFloat());
        NDArray rows = model.logits(manager, tokens).logSoftmax(2);
        NDArray likelihoods = rows.gather(targets.expandDims(2), 2);
        assertThat(-likelihoods.mean().getFloat()).isCloseTo(loss.getFloat(), within(1e-5f));
      }
    }
  }

  /** The embedding; all below the last layer's MLP; all but the last norm; layers; every third. */
  private static final List<BiPredicate<String, Integer>> FROZEN =
      List.of(
          (name, i) -> name.startsWith("embedding") || name.startsWith("positions"),
          (name, i) -> !name.matches("layers\\.1\\.mlp.*|final_norm.*|head.*"),
          (name, i) -> !name.startsWith("final_norm"),
          (name, i) -> name.startsWith("layers"),
          (name, i) -> i % 3 == 0,
          (name, i) -> i % 3 != 1);

  @Test
  void frozenParametersTakeNoGradientAndChangeNoneOfTheOthers() {
    for (KernelPath.Linear linear : KernelPath.Linear.values()) {
      KernelPath path = new KernelPath(linear, linear == KernelPath.Linear.TORCH);
      List<List<Integer>> rows = coveringSet();
      int apart = linear == KernelPath.Linear.TORCH ? 1 : 4; // products differ, not the parts
      for (int i = 0; i < rows.size(); i += apart) {
        Family family = Family.of(rows.get(i));
        assertFrozen(family, "composed, " + path.label(), () -> composed(family, path));
      }
      Family family = Family.of(allPairs().get(0));
      for (boolean gpu : new boolean[] {true, false}) {
        assertFrozen(
            family,
            "fused, for GPUs " + gpu + ", " + path.label(),
            () -> GptKernels.of(manager, family.config(), VOCABULARY, path, -1, gpu));
      }
    }
  }

  private void assertFrozen(Family family, String passes, Supplier<GptKernels> kernels) {
    NDArray tokens = tokens(1);
    NDArray targets = tokens(2);
    float loss;
    Map<String, float[]> whole;
    try (Gpt model = model(family, kernels.get())) {
      loss = model.forwardBackward(manager, tokens, targets, 0.5, false, part -> {}).getFloat();
      whole = takeGradients(model);
    }
    for (int k = 0; k < FROZEN.size(); k++) {
      BiPredicate<String, Integer> frozen = FROZEN.get(k);
      boolean recompute = k % 2 == 0;
      try (Gpt model = model(family, kernels.get())) {
        List<String> names = List.copyOf(model.named().keySet());
        Set<String> still = new LinkedHashSet<>();
        for (int i = 0; i < names.size(); i++) {
          if (frozen.test(names.get(i), i)) {
            still.add(names.get(i));
            Autograd.requireGradient(model.named().get(names.get(i)).getArray(), false);
          }
        }
        float same =
            model.forwardBackward(manager, tokens, targets, 0.5, recompute, part -> {}).getFloat();
        assertThat(same).isEqualTo(loss);
        for (String name : names) {
          NDArray array = model.named().get(name).getArray();
          String what = family.text() + ": " + passes + ", " + name + " of " + still;
          if (still.contains(name)) {
            assertThat(JniUtils.getGradient((PtNDArray) array)).as(what).isNull();
          } else {
            assertThat(Autograd.gradient(array).toFloatArray()).as(what).isEqualTo(whole.get(name));
          }
        }
      }
    }
  }

  @Test
  void theDefaultModelsFusedPassesAgreeWithTheComposedOnes() {
    Family family = Family.of(allPairs().get(0));
    NDArray tokens = tokens(1);
    NDArray targets = tokens(2);
    KernelPath path = new KernelPath(KernelPath.Linear.TORCH, false);
    try (Gpt composed = model(family, composed(family, path));
        Gpt fused = new Gpt(manager, family.config(), VOCABULARY, path, 7)) {
      for (Map.Entry<String, Parameter> entry : fused.named().entrySet()) {
        try (Autograd.Mode off = Autograd.noGrad()) {
          Autograd.copy(
              composed.named().get(entry.getKey()).getArray(), entry.getValue().getArray());
        }
        Autograd.requireGradient(entry.getValue().getArray(), true);
      }
      float loss = composed.forwardBackward(manager, tokens, targets, 1).getFloat();
      assertThat(fused.forwardBackward(manager, tokens, targets, 1).getFloat())
          .isCloseTo(loss, within(1e-5f));
      Map<String, float[]> gradients = takeGradients(composed);
      takeGradients(fused)
          .forEach(
              (name, gradient) ->
                  assertThat(distance(gradients.get(name), gradient)).as(name).isLessThan(1e-5));
    }
  }

  @Test
  void theFusedPassesServeWhatDiffersInConstantsAlone() {
    Set<String> fused = new HashSet<>();
    for (List<Integer> row : allPairs()) {
      Family family = Family.of(row);
      if (new ModelSize(family.config(), VOCABULARY).fused() && family.separator().isEmpty()) {
        fused.add(
            family.config().positions()
                + (family.config().tied() ? " tied" : "")
                + " base "
                + family.config().rotaryBase());
      }
    }
    assertThat(fused)
        .containsExactlyInAnyOrder(
            "ROTARY base 500000.0",
            "ROTARY base 10000.0",
            "ROTARY base 100.0",
            "ROTARY tied base 500000.0",
            "ROTARY tied base 10000.0",
            "ROTARY tied base 100.0");
  }
}
