package io.adamant.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.adamant.config.ModelConfig;
import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.config.Shapes;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.TorchRuntime;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels against the NDArray reference, and what a language model must satisfy. */
class GptTest {

  private static final int VOCABULARY = 53;

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

  private NDArray tokens(long seed, int batch, int time) {
    Random random = new Random(seed);
    long[] values = random.longs((long) batch * time, 0, VOCABULARY).toArray();
    return manager.create(values, new Shape(batch, time));
  }

  /** With the passes for GPUs or for CPUs. */
  private Gpt model(ModelConfig config, KernelPath path, boolean gpu) {
    return new Gpt(
        manager, config, VOCABULARY, 7, GptKernels.of(manager, config, VOCABULARY, path, -1, gpu));
  }

  private static Map<String, NDArray> arrays(Gpt model) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    model.named().forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
    return arrays;
  }

  private static double[] gradient(Parameter parameter) {
    float[] g = Autograd.gradient(parameter.getArray()).toFloatArray();
    double[] copy = new double[g.length];
    for (int i = 0; i < g.length; i++) {
      copy[i] = g[i];
    }
    return copy;
  }

  private static double relativeDistance(double[] a, double[] b) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      difference += (a[i] - b[i]) * (a[i] - b[i]);
      norm += b[i] * b[i];
    }
    return Math.sqrt(difference / norm);
  }

  @ParameterizedTest(name = "{0}, attention fused {1}, width {2}, heads {3}, T {5}, batch {6}")
  @CsvSource({
    "TORCH, false, 32, 4, 1.0, 16, 3, 1e-6, 1e-5",
    "TORCH, true, 32, 4, 1.0, 16, 3, 1e-6, 1e-5",
    "ONEDNN, true, 32, 4, 1.0, 16, 3, 1e-6, 1e-5",
    "ONEDNN, false, 30, 3, 0.5, 7, 1, 1e-6, 1e-5",
    "ONEDNN, true, 33, 3, 0.4, 1, 1, 1e-6, 1e-5",
    "TORCH, false, 36, 2, 0.0, 5, 2, 1e-6, 1e-5",
    "ONEDNN, false, 32, 4, 1.0, 150, 2, 1e-6, 1e-5", // two blocks of 64 queries and a part
    "BF16, false, 32, 4, 1.0, 16, 3, 2e-3, 6e-2",
    "BF16, false, 32, 4, 1.0, 150, 2, 2e-3, 6e-2",
    "BF16, true, 30, 3, 0.5, 1, 1, 1e-2, 1e-1",
  })
  void kernelsAgreeWithTheReferenceInLossAndGradient(
      KernelPath.Linear linear,
      boolean fused,
      int width,
      int heads,
      double rotary,
      int time,
      int batch,
      double lossTolerance,
      double gradientTolerance) {
    ModelConfig config = Shapes.model(2, width, heads, Math.max(16, time), 44, rotary, 0.2);
    NDArray tokens = tokens(1, batch, time);
    NDArray targets = tokens(2, batch, time);
    for (boolean gpu : new boolean[] {true, false}) {
      agrees(
          config,
          new KernelPath(linear, fused),
          gpu,
          tokens,
          targets,
          lossTolerance,
          gradientTolerance);
    }
  }

  private void agrees(
      ModelConfig config,
      KernelPath path,
      boolean gpu,
      NDArray tokens,
      NDArray targets,
      double lossTolerance,
      double gradientTolerance) {
    long time = tokens.getShape().get(1);
    NDArray one = manager.create(1f);
    try (Gpt model = model(config, path, gpu);
        Autograd.Mode on = Autograd.recording()) {
      unequalGains(model);
      model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
      NDArray loss = model.forwardBackward(manager, tokens, targets, 1);
      Map<String, double[]> gradients = new LinkedHashMap<>();
      model.named().forEach((name, p) -> gradients.put(name, gradient(p)));
      model.named().values().forEach(p -> Autograd.zeroGradient(p.getArray()));

      ReferenceGpt reference = new ReferenceGpt(config, arrays(model));
      NDArray expected = reference.loss(manager, tokens, targets);
      Autograd.backward(expected, one);

      assertThat((double) loss.getFloat())
          .isCloseTo(expected.getFloat(), within(lossTolerance * expected.getFloat()));
      model
          .named()
          .forEach(
              (name, p) -> {
                double[] right = gradient(p);
                assertThat(relativeDistance(gradients.get(name), right))
                    .as("%s, for GPUs %s", name, gpu)
                    .isLessThan(time == 1 && name.contains("qkv") ? 1 : gradientTolerance);
              });
    }
  }

  /** Gains as training leaves them: at their initial 1 a kernel could forget them. */
  private void unequalGains(Gpt model) {
    try (Autograd.Mode off = Autograd.noGrad()) {
      model
          .named()
          .forEach(
              (name, p) -> {
                if (name.endsWith("norm.gain")) {
                  NDArray gain = p.getArray();
                  NDArray factors =
                      manager.arange(0f, (float) gain.size(), 1f).mul(0.7f).sin().mul(0.5f);
                  gain.muli(factors.add(1f));
                }
              });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recomputingActivationsAndEvaluatingGiveTheSameBits(boolean gpu) {
    ModelConfig config = Shapes.model(2, 32, 4, 16, 44, 0.5, 0.2);
    NDArray tokens = tokens(1, 3, 16);
    NDArray targets = tokens(2, 3, 16);
    for (KernelPath.Linear linear : KernelPath.Linear.values()) {
      try (Gpt model = model(config, new KernelPath(linear, false), gpu)) {
        model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
        NDArray loss = model.forwardBackward(manager, tokens, targets, 0.5, false, part -> {});
        Map<String, double[]> held = new LinkedHashMap<>();
        model.named().forEach((name, p) -> held.put(name, gradient(p)));
        model.named().values().forEach(p -> Autograd.zeroGradient(p.getArray()));
        NDArray again = model.forwardBackward(manager, tokens, targets, 0.5, true, part -> {});

        assertThat(again.getFloat()).isEqualTo(loss.getFloat());
        model.named().forEach((name, p) -> assertThat(gradient(p)).isEqualTo(held.get(name)));
        try (Autograd.Mode off = Autograd.noGrad()) {
          assertThat(model.evaluate(manager, tokens, targets).getFloat())
              .isEqualTo(loss.getFloat());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPartIsReportedWhenItsGradientsAreThereAndNoneOfTheNext(boolean gpu) {
    ModelConfig config = Shapes.model(2, 32, 4, 16, 44, 0.5, 0.2);
    KernelPath path = new KernelPath(KernelPath.Linear.TORCH, true);
    try (Gpt model = model(config, path, gpu)) {
      model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
      Map<Gpt.Part, Set<String>> there = new LinkedHashMap<>();
      model.forwardBackward(
          manager,
          tokens(1, 3, 16),
          tokens(2, 3, 16),
          1,
          false,
          part -> {
            Set<String> groups = new TreeSet<>();
            model
                .named()
                .forEach(
                    (name, p) -> {
                      if (Arrays.stream(gradient(p)).anyMatch(g -> g != 0)) {
                        groups.add(name.replaceAll("\\..*", ""));
                      }
                    });
            there.put(part, groups);
          });
      assertThat(List.copyOf(there.keySet())).containsExactly(Gpt.Part.values());
      assertThat(there.get(Gpt.Part.FORWARD)).isEmpty();
      assertThat(there.get(Gpt.Part.HEAD)).containsExactly("final_norm", "head");
      assertThat(there.get(Gpt.Part.BACKWARD))
          .containsExactly("embedding", "final_norm", "head", "layers");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gradientsAddUpOverMicroBatchesWithTheirShares(boolean gpu) {
    ModelConfig config = Shapes.model(1, 32, 4, 16, 44, 1.0, 0.2);
    NDArray tokens = tokens(1, 2, 16);
    NDArray targets = tokens(2, 2, 16);
    KernelPath path = new KernelPath(KernelPath.Linear.ONEDNN, true);
    try (Gpt model = model(config, path, gpu)) {
      model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
      model.forwardBackward(manager, tokens, targets, 1);
      Map<String, double[]> whole = new LinkedHashMap<>();
      model.named().forEach((name, p) -> whole.put(name, gradient(p)));
      model.named().values().forEach(p -> Autograd.zeroGradient(p.getArray()));
      for (int i = 0; i < 2; i++) {
        NDArray half = tokens.get(i + ":" + (i + 1));
        model.forwardBackward(manager, half, targets.get(i + ":" + (i + 1)), 0.5);
      }
      model
          .named()
          .forEach(
              (name, p) ->
                  assertThat(relativeDistance(gradient(p), whole.get(name)))
                      .as(name)
                      .isLessThan(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOutputHeadInSeveralChunksAgreesWithTheReference(boolean gpu) {
    ModelConfig config = Shapes.model(1, 8, 2, 64, 16, 1.0, 0.5);
    int vocabulary = 9_001; // 256 rows a chunk: 320 rows are a whole one and a part
    Random random = new Random(3);
    long[] ids = random.longs(5 * 64, 0, vocabulary).toArray();
    NDArray tokens = manager.create(ids, new Shape(5, 64));
    NDArray targets = tokens.flip(0);
    NDArray one = manager.create(1f);
    KernelPath path = new KernelPath(KernelPath.Linear.ONEDNN, true);
    try (Gpt model =
        new Gpt(
            manager,
            config,
            vocabulary,
            7,
            GptKernels.of(manager, config, vocabulary, path, -1, gpu))) {
      model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
      NDArray loss = model.forwardBackward(manager, tokens, targets, 1);
      Map<String, double[]> gradients = new LinkedHashMap<>();
      model.named().forEach((name, p) -> gradients.put(name, gradient(p)));
      model.named().values().forEach(p -> Autograd.zeroGradient(p.getArray()));
      try (Autograd.Mode on = Autograd.recording()) {
        NDArray expected = new ReferenceGpt(config, arrays(model)).loss(manager, tokens, targets);
        Autograd.backward(expected, one);
        assertThat((double) loss.getFloat()).isCloseTo(expected.getFloat(), within(1e-5));
      }
      model
          .named()
          .forEach(
              (name, p) ->
                  assertThat(relativeDistance(gradients.get(name), gradient(p)))
                      .as(name)
                      .isLessThan(1e-4));
    }
  }

  @Test
  void theReferencesGradientDoesNotReadMemoryThatJavaHasFreed() throws InterruptedException {
    ModelConfig config = Shapes.model(1, 8, 2, 8, 16, 0.5, 0.5);
    KernelPath path = new KernelPath(KernelPath.Linear.TORCH, true);
    try (Gpt model = new Gpt(manager, config, VOCABULARY, path, 7);
        Autograd.Mode on = Autograd.recording()) {
      model.named().values().forEach(p -> Autograd.requireGradient(p.getArray(), true));
      Map<String, double[]> atOnce = new LinkedHashMap<>();
      for (int pass = 0; pass < 2; pass++) {
        model.named().values().forEach(p -> Autograd.zeroGradient(p.getArray()));
        NDArray loss =
            new ReferenceGpt(config, arrays(model)).loss(manager, tokens(1, 2, 8), tokens(2, 2, 8));
        for (int i = 0; i < 5 * pass; i++) {
          System.gc();
          Thread.sleep(20);
          for (int size = 0; size < 500; size++) { // what was freed is used again
            ByteBuffer.allocateDirect(1 + size % 16);
          }
        }
        Autograd.backward(loss, manager.create(1f));
        for (Map.Entry<String, Parameter> entry : model.named().entrySet()) {
          double[] now = gradient(entry.getValue());
          double[] before = atOnce.putIfAbsent(entry.getKey(), now);
          assertThat(now).isEqualTo(before == null ? now : before);
        }
      }
    }
  }

  @Test
  void untrainedLossIsThatOfAUniformGuess() {
    ModelConfig config = Shapes.model(4, 128, 4, 128, 344, 1.0, 0.02);
    try (Gpt model =
        new Gpt(manager, config, 4096, new KernelPath(KernelPath.Linear.TORCH, true), 1)) {
      float loss = model.evaluate(manager, tokens(3, 4, 128), tokens(4, 4, 128)).getFloat();
      assertThat((double) loss).isCloseTo(Math.log(4096), within(0.05));
    }
  }

  @Test
  void aTokenNeverChangesLogitsBeforeIt() {
    ModelConfig config = Shapes.model(2, 32, 4, 16, 88, 1.0, 0.2);
    for (boolean fused : new boolean[] {false, true}) {
      try (Gpt model =
          new Gpt(
              manager, config, VOCABULARY, new KernelPath(KernelPath.Linear.ONEDNN, fused), 1)) {
        NDArray before = model.logits(manager, tokens(5, 2, 16));
        for (int t = 0; t < 16; t++) {
          long[] values = tokens(5, 2, 16).toLongArray();
          values[t] = (values[t] + 1) % VOCABULARY;
          NDArray after = model.logits(manager, manager.create(values, new Shape(2, 16)));
          float[] change = after.sub(before).abs().max(new int[] {2}).toFloatArray();
          for (int i = 0; i < t; i++) {
            assertThat(change[i]).as("position %d, changed %d", i, t).isZero();
          }
          assertThat(change[t]).as("the position itself").isPositive();
          assertThat(change[16 + t]).as("the other sequence").isZero();
        }
      }
    }
  }

  @Test
  void sameSeedSameWeightsAndAnotherSeedOthers() {
    ModelConfig config = Shapes.model(2, 32, 4, 16, 88, 1.0, 0.02);
    KernelPath path = new KernelPath(KernelPath.Linear.TORCH, true);
    try (Gpt a = new Gpt(manager, config, VOCABULARY, path, 1);
        Gpt b = new Gpt(manager, config, VOCABULARY, path, 1);
        Gpt c = new Gpt(manager, config, VOCABULARY, path, 2)) {
      String name = "layers.1.mlp.down";
      float[] first = a.named().get(name).getArray().toFloatArray();
      assertThat(b.named().get(name).getArray().toFloatArray()).isEqualTo(first);
      assertThat(c.named().get(name).getArray().toFloatArray()).isNotEqualTo(first);
      double sum = 0;
      for (float w : first) {
        sum += w * w;
      }
      assertThat(Math.sqrt(sum / first.length)).isCloseTo(0.02 / 2, within(0.0005));
      assertThat(a.size().parameters())
          .isEqualTo(2L * VOCABULARY * 32 + 2 * (4 * 32 * 32 + 3 * 88 * 32 + 2 * 32) + 32);
    }
  }

  @Test
  void groupsFollowNames() {
    assertThat(Gpt.group("embedding.weight")).isEqualTo("embedding");
    assertThat(Gpt.group("layers.3.attention.qkv")).isEqualTo("attention");
    assertThat(Gpt.group("layers.3.mlp.down")).isEqualTo("mlp");
    assertThat(Gpt.group("layers.3.mlp_norm.gain")).isEqualTo("norm");
    assertThat(Gpt.group("final_norm.gain")).isEqualTo("norm");
    assertThat(Gpt.group("head.weight")).isEqualTo("head");
    assertThat(Gpt.group("positions.weight")).isEqualTo("embedding");
    assertThat(Gpt.group("layers.3.attention.qkv_bias")).isEqualTo("attention");
    assertThat(Gpt.group("layers.3.attention.q_norm.gain")).isEqualTo("norm");
    assertThat(Gpt.group("layers.3.mlp.down_bias")).isEqualTo("mlp");
    assertThat(Gpt.group("layers.3.mlp_norm.bias")).isEqualTo("norm");
  }

  @Test
  void asADjlBlockItGivesTheSameLogits() {
    ModelConfig config = Shapes.model(2, 32, 4, 16, 88, 1.0, 0.2);
    try (Gpt model =
        new Gpt(manager, config, VOCABULARY, new KernelPath(KernelPath.Linear.TORCH, true), 1)) {
      NDArray tokens = tokens(1, 2, 16);
      NDList out = model.forward(new ParameterStore(manager, false), new NDList(tokens), false);
      assertThat(out.singletonOrThrow().getShape()).isEqualTo(new Shape(2, 16, VOCABULARY));
      assertThat(out.singletonOrThrow().toFloatArray())
          .isEqualTo(model.logits(manager, tokens).toFloatArray());
    }
  }

  @Test
  void thePathIsAFunctionOfProcessorDevicePrecisionAndContext() {
    CpuFeatures avx2 = new CpuFeatures("amd64", "any", java.util.Set.of("avx2"));
    CpuFeatures arm = new CpuFeatures("aarch64", "any", java.util.Set.of("asimd"));
    assertThat(KernelPath.choose(avx2, Device.cpu(), Precision.FP32, 1024).label())
        .isEqualTo("onednn+explicit");
    assertThat(KernelPath.choose(avx2, Device.cpu(), Precision.FP32, 1025).label())
        .isEqualTo("onednn+sdpa");
    assertThat(KernelPath.choose(arm, Device.cpu(), Precision.FP32, 128).label())
        .isEqualTo("torch+explicit");
    assertThat(KernelPath.choose(avx2, Device.gpu(), Precision.FP32, 128).label())
        .isEqualTo("torch+sdpa");
    assertThat(KernelPath.choose(avx2, Device.cpu(), Precision.BF16, 4096).label())
        .isEqualTo("bf16+explicit");
    assertThat(KernelPath.choose(avx2, Device.gpu(), Precision.BF16, 128).label())
        .isEqualTo("bf16+sdpa");
  }

  @ParameterizedTest
  @CsvSource({"1,8,2,16,24,100", "3,20,5,7,33,257", "4,64,4,32,176,1000"})
  void everyParameterIsCounted(int layers, int width, int heads, int context, int f, int v) {
    ModelConfig config = Shapes.model(layers, width, heads, context, f, 1.0, 0.02);
    ModelSize size = new ModelSize(config, v);
    KernelPath path = KernelPath.choose(CpuFeatures.detect(), Device.cpu(), Precision.FP32, 64);
    try (Gpt model = new Gpt(manager, config, v, path, 1)) {
      Map<String, Shape> shapes = new LinkedHashMap<>();
      model.named().forEach((name, parameter) -> shapes.put(name, parameter.getShape()));
      assertThat(size.shapes()).isEqualTo(shapes);
      assertThat(size.parameters())
          .isEqualTo(shapes.values().stream().mapToLong(Shape::size).sum());
    }
    long products = size.parameters() - (long) v * width;
    assertThat(size.flopsPerToken()).isEqualTo(6 * products + 12L * layers * width * context);
    assertThat(size.byGroup().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(size.parameters());
  }

  @Test
  void whatIsLookedUpIsNotMultipliedAndATiedHeadIs() {
    RunConfig grouped =
        RunConfig.defaults()
            .with(Map.of("model.kv_heads", 2, "model.head_width", 48, "model.tied", true));
    ModelSize size = new ModelSize(grouped.model(), 1000);
    long products = 1000L * 128 + 4L * (128L * 384 + 128L * 192 + 3L * 128 * 344);
    long gains = 9L * 128;
    assertThat(size.flopsPerToken()).isEqualTo(6 * (products + gains) + 12L * 4 * 192 * 128);
    ModelSize learned = new ModelSize(grouped.with("model.positions", "learned").model(), 1000);
    assertThat(learned.parameters()).isEqualTo(size.parameters() + 128L * 128);
    assertThat(learned.flopsPerToken()).isEqualTo(size.flopsPerToken());
  }

  @Test
  void gainsBeginAsOneBiasesAsZeroAndPositionsLikeMatrices() {
    ModelConfig config =
        RunConfig.defaults()
            .with("model.preset", "gpt2")
            .with(Map.of("model.width", 96, "model.layers", 2, "model.qk_norm", true))
            .model();
    KernelPath path = new KernelPath(KernelPath.Linear.TORCH, true);
    try (Gpt model = new Gpt(manager, config, VOCABULARY, path, 1)) {
      model
          .named()
          .forEach(
              (name, parameter) -> {
                NDArray array = parameter.getArray();
                boolean back = name.endsWith("attention.out") || name.endsWith("mlp.down");
                if (name.endsWith("gain") || name.endsWith("bias")) {
                  float value = name.endsWith("gain") ? 1 : 0;
                  assertThat(array.toFloatArray()).as(name).containsOnly(value);
                } else {
                  assertThat(Math.sqrt(array.square().mean().getFloat()))
                      .as(name)
                      .isCloseTo(back ? 0.01 : 0.02, within(0.0008));
                }
              });
    }
  }
}
