package io.adamant.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.ModelSize;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The expected numbers were worked out by hand for L = 2, C = 8, H = 2, T = 16, F = 24, V = 100 and
 * R = 32 rows, where N = 1600 + 2 (256 + 576 + 16) + 8 = 3304.
 */
class GpuPlanTest {

  private static final long N = 3304;

  @TempDir Path temp;

  private static RunConfig run(String... overrides) {
    String yaml =
        """
        model: {layers: 2, width: 8, heads: 2, context: 16, mlp_hidden: 24}
        data: {corpus: none.txt, tokenizer: none.json, vocab: 100}
        training: {steps: 10, batch: 4, micro_batch: 2, precision: bf16}
        """;
    return Configs.parseRun(yaml, List.of(overrides));
  }

  private static ModelSize size(RunConfig run, int vocabulary) {
    return new ModelSize(run.model(), vocabulary);
  }

  private static GpuMemoryModel memory(String... overrides) {
    RunConfig run = run(overrides);
    return new GpuMemoryModel(run, size(run, 100), 2 * N, 0);
  }

  private static GpuTimeBound bound(String... overrides) {
    RunConfig run = run(overrides);
    return new GpuTimeBound(run, size(run, 100), GpuCard.H100, 2 * N);
  }

  private static GpuPlan plan(RunConfig run, GpuCard card) {
    return GpuPlan.of(run, card, Optional.empty(), List.of(), 1);
  }

  @Test
  void memoryIsCountedPartByPart() {
    assertThat(memory().terms())
        .containsExactly(
            Map.entry("CUDA and libraries", 858_993_459L),
            Map.entry("weights", 13_216L),
            Map.entry("gradients", 13_216L),
            Map.entry("optimizer state", 26_432L),
            Map.entry("mask, rotary tables", 1_280L), // 4 * 16 (16 + 4)
            Map.entry("converted weights", 3_328L), // 2 * 2 (256 + 576)
            Map.entry("activations", 19_456L), // 2 layers of 32 (2 (48 + 96) + 8 + 8)
            Map.entry("residual stream", 2_048L),
            Map.entry("largest temporary", 37_824L), // the head: 1024 + 4800 + 32000
            Map.entry("measurements", 0L),
            Map.entry("allocator", 3_133L)); // 5 % of 62656
    assertThat(memory().peak())
        .isEqualTo(memory().terms().values().stream().mapToLong(n -> n).sum());
  }

  @Test
  void float32TakesWhatItsNumbersTake() {
    GpuMemoryModel fp32 = memory("training.precision=fp32");
    assertThat(fp32.convertedElements()).isEqualTo(1_152); // 2 (192 + 384)
    assertThat(fp32.activations()).isEqualTo(37_888); // 2 layers of 32 (4 * 144 + 16)
    assertThat(fp32.head()).isEqualTo(34_048); // 2048 + 6400 + 25600
    assertThat(fp32.layerBackward()).isEqualTo(13_312); // 10240 + 3072
  }

  @Test
  void theLargestTemporaryIsOfTheHeadTheMlpOrAttention() {
    assertThat(memory().layerBackward()).isEqualTo(7_424); // 64 * 80 + 2304
    assertThat(memory("model.mlp_hidden=8").layerBackward()).isEqualTo(4_736); // 7 C > 3 F + C
    RunConfig many = run("training.batch=64", "training.micro_batch=64"); // R = 1024
    // 2^27 / V = 512 rows, and never fewer than 256.
    assertThat(new GpuMemoryModel(many, size(many, 1 << 18), 0, 0).head()).isEqualTo(1_354_792_960);
    assertThat(new GpuMemoryModel(many, size(many, 1 << 20), 0, 0).head())
        .isEqualTo(2_734_718_976L);
    // R = 16 rows of C = 768: the head's gradient times its weight, 4 V C, is the largest.
    assertThat(memory("model.width=768", "training.micro_batch=1").head()).isEqualTo(817_152);
    RunConfig narrow = run("training.batch=64", "training.micro_batch=64");
    GpuMemoryModel few = new GpuMemoryModel(narrow, size(narrow, 2), 0, 0);
    assertThat(few.terms().get("largest temporary"))
        .isEqualTo(few.layerBackward())
        .isGreaterThan(few.head());
  }

  @Test
  void recomputedActivationsAreInputsAndOneLayer() {
    GpuMemoryModel again = memory("training.checkpoint_activations=true");
    assertThat(again.activations()).isEqualTo(11_776); // 2 * 32 * 32 + 9728
    assertThat(again.peak()).isLessThan(memory().peak());
    assertThat(memory("training.micro_batch=4").peak()).isGreaterThan(memory().peak());
    assertThat(memory("training.micro_batch=1").peak()).isLessThan(memory().peak());
  }

  @ParameterizedTest
  @CsvSource({
    // FLOPs a token, bytes a token, bytes a micro-batch
    "bf16, false, 16560, 6432, 96768",
    "bf16, true, 20400, 8064, 96768",
    "fp32, false, 16560, 8960, 73472",
    "fp32, true, 20400, 11520, 73472",
  })
  void workIsCounted(String precision, boolean again, long flops, long bytes, long each) {
    GpuTimeBound bound =
        bound("training.precision=" + precision, "training.checkpoint_activations=" + again);
    assertThat(bound.flopsPerToken()).isEqualTo(flops);
    assertThat(bound.bytesPerToken()).isEqualTo(bytes);
    assertThat(bound.bytesPerMicroBatch()).isEqualTo(each);
    assertThat(bound.bytesPerStep()).isEqualTo(28 * N);
  }

  @Test
  void dimensionsThatDoNotTurnAreCopied() {
    // Half of the 16 numbers of queries and keys: 3 e less each, in 2 layers, in both passes.
    assertThat(bound("model.rotary=0.5").bytesPerToken()).isEqualTo(6432 - 8 * 3 * 2 * 2 * 2);
  }

  @Test
  void theHeadsGradientIsAddedChunkByChunk() {
    RunConfig run = run("training.batch=64", "training.micro_batch=64"); // R = 1024
    GpuTimeBound two = new GpuTimeBound(run, size(run, 1 << 18), GpuCard.L4, 0); // chunks of 512
    assertThat(two.bytesPerMicroBatch()).isEqualTo(51_968 + (8L << 18) * (46 + 2 * 10));
  }

  /** What src/test/bench/traffic.py counts on the kernels, with 8192 rows in bfloat16. */
  @Test
  void bytesAreThoseOfTheKernels() {
    RunConfig run =
        Configs.readRun(Path.of("configs/models/gpt-160m.yaml"), List.of("training.micro_batch=4"));
    GpuTimeBound bound = new GpuTimeBound(run, size(run, 50_304), GpuCard.H100, 0);
    double attention = 12 * 28 * 768;
    double row = bound.bytesPerToken() - attention + bound.bytesPerMicroBatch() / 8192.0;
    assertThat(row).isCloseTo(3.82e6, within(0.01 * 3.82e6));
  }

  @Test
  void anOptimizerWithoutStateReadsAndWritesLess() {
    RunConfig run = run();
    assertThat(new GpuTimeBound(run, size(run, 100), GpuCard.L4, 0).bytesPerStep())
        .isEqualTo(12 * N);
  }

  @Test
  void timeIsWorkOverTheDataSheetsRates() {
    Map<String, Double> parts = bound().parts(300, 5);
    double products = 640 * 16560 / 989e12;
    double passes = 640 * 6432 / 3.35e12;
    double weights = 20 * 96768 / 3.35e12;
    assertThat(parts.keySet())
        .containsExactly(
            "products",
            "elementwise passes",
            "weights, gradients",
            "optimizer step",
            "validation",
            "measurements");
    assertClose(parts.get("products"), products);
    assertClose(parts.get("elementwise passes"), passes);
    assertClose(parts.get("weights, gradients"), weights);
    assertClose(parts.get("optimizer step"), 10 * 28 * N / 3.35e12);
    assertClose(parts.get("validation"), 100 * (16560 / 989e12 + 6432 / 3.35e12));
    assertClose(parts.get("measurements"), (products + passes + weights) / 2); // 5 of 10 steps
    Map<String, Double> again = bound("training.checkpoint_activations=true").parts(300, 0);
    assertThat(again).doesNotContainKey("measurements");
    assertThat(again.get("validation")).isEqualTo(parts.get("validation")); // forward only
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-12 * expected));
  }

  @Test
  void productsAreFormedAtTheRateOfTheirFormat() {
    RunConfig fp32 = run("training.precision=fp32");
    RunConfig tf32 = run("training.precision=fp32", "training.tf32=true");
    assertThat(GpuCard.A100_80.tflops(run().training())).isEqualTo(312);
    assertThat(GpuCard.A100_80.tflops(tf32.training())).isEqualTo(156);
    assertThat(GpuCard.A100_80.tflops(fp32.training())).isEqualTo(19.5);
  }

  @Test
  void autoIsTheLargestDivisorThatFits() {
    RunConfig run =
        Configs.readRun(
            Path.of("configs/models/gpt-160m.yaml"),
            List.of("training.micro_batch=auto", "training.batch=512"));
    int before = Integer.MAX_VALUE;
    for (GpuCard card : List.of(GpuCard.H200, GpuCard.L40S, GpuCard.L4)) {
      GpuPlan plan = plan(run, card);
      int chosen = plan.largest().orElseThrow();
      assertThat(plan.run().config().training().microBatch()).isEqualTo(chosen).isLessThan(before);
      assertThat(plan.fits()).isTrue();
      before = chosen;
      int larger = 2 * chosen;
      RunConfig more = run.with("training.micro_batch", larger);
      assertThat(plan(more, card).fits()).as(card + " with " + larger).isFalse();
      assertThat(plan(more, card).largest()).hasValue(chosen);
    }
    assertThat(before).isLessThan(64);
    assertThat(GpuPlan.RESERVE + GpuMemoryModel.RUNTIME).isEqualTo(2L << 30);
  }

  @Test
  void whatFitsNowhereIsPlannedAllTheSame() {
    RunConfig huge = run("model.layers=96", "model.width=12288", "training.micro_batch=auto");
    GpuPlan plan = plan(huge, GpuCard.L4);
    assertThat(plan.largest()).isEmpty();
    assertThat(plan.fits()).isFalse();
    assertThat(plan.run().config().training().microBatch()).isEqualTo(1);
  }

  @Test
  void theStudysModelIsBoundWhereGoodProgramsCannotReach() {
    RunConfig run = Configs.readRun(Path.of("configs/models/gpt-160m.yaml"), List.of());
    GpuPlan plan = plan(run, GpuCard.H100);
    assertThat(plan.run().size().parametersWith(plan.run().vocabulary())).isEqualTo(162_179_328);
    assertThat(plan.run().size().parameters()).isEqualTo(162_220_800);
    // Products alone would allow 1,157,000.
    assertThat(plan.tokensPerSecond()).isBetween(400_000.0, 550_000.0);
    assertThat(plan(run, GpuCard.L4).tokensPerSecond()).isLessThan(plan.tokensPerSecond() / 7);
  }

  @Test
  void dataThatAreHereAreCounted() {
    RunConfig resolved = TestRuns.config(TestRuns.corpus(temp), "training.device=cpu");
    RunConfig run = resolved.with("training.kernels", "auto");
    try (TokenDataset data = TestRuns.data(run, temp.resolve("cache"))) {
      GpuPlan with = GpuPlan.of(run, GpuCard.L4, Optional.of(data), List.of(), 1);
      GpuPlan without = plan(run, GpuCard.L4);
      assertThat(with.run().epochs()).hasValue(Training.checkData(run, data).epochs(40 * 4));
      assertThat(without.run().epochs()).isEmpty();
      assertThat(without.run().memory()).isEqualTo(with.run().memory());
      // 1024 tokens before and after 20 steps; then all, which nobody knows without the data.
      long all = data.validation().size() / 16 * 16;
      assertThat(with.run().time().get("validation") / without.run().time().get("validation"))
          .isCloseTo((2048.0 + all) / 2048, within(0.02));
    }
  }

  @ParameterizedTest
  @EnumSource(GpuCard.class)
  void everyConfigurationIsPlannedOnEveryCard(GpuCard card) throws IOException {
    for (RunConfig run : configurations()) {
      if (card == GpuCard.V100_16 || card == GpuCard.V100_32) {
        assertThatThrownBy(() -> plan(run, card))
            .isInstanceOf(InputException.class)
            .hasMessage(
                "training.precision is bf16; allowed: fp32 on "
                    + card.word()
                    + ", which has no bfloat16");
        continue;
      }
      GpuPlan plan = plan(run, card);
      assertThat(plan.largest()).as(card + " " + run).isPresent();
      assertThat(plan.run().seconds()).isPositive().isFinite();
      assertThat(plan.run().peakBytes()).isGreaterThan(12 * plan.run().size().parameters());
    }
  }

  /** Of a study the first run of every arm. */
  private static List<RunConfig> configurations() throws IOException {
    List<RunConfig> runs = new ArrayList<>();
    for (String folder : List.of("configs/models", "configs/paper")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        for (Path file : files.sorted().toList()) {
          if (Files.readString(file).contains("\narms:")) {
            Set<String> arms = new HashSet<>();
            Configs.readStudy(file, List.of()).plan().stream()
                .filter(run -> arms.add(run.arm()))
                .map(PlannedRun::config)
                .forEach(runs::add);
          } else {
            runs.add(Configs.readRun(file, List.of()));
          }
        }
      }
    }
    assertThat(runs).hasSizeGreaterThan(10);
    return runs;
  }

  /** A rank computes its share and keeps one sum less of the tree; what it sends takes time. */
  @Test
  void ranksShareTheBatch() {
    RunConfig run =
        Configs.parseRun(
            """
            model: {layers: 12, width: 768, heads: 12, context: 1024}
            data: {vocab: 50257}
            optimizer: {type: adamw, lr: 1e-3}
            training: {steps: 100, batch: 64, precision: bf16, reduction: tree, leaves: 8,
                       micro_batch: 4, eval_tokens: 0, eval_every: 0}
            """,
            List.of());
    GpuPlan one = GpuPlan.of(run, GpuCard.H100, Optional.empty(), List.of(), 1);
    GpuPlan four = GpuPlan.of(run, GpuCard.H100, Optional.empty(), List.of(), 4);
    assertThat(one.exchangedBytes()).isZero();
    long trained = one.run().size().trained();
    assertThat(four.exchangedBytes()).isEqualTo(4.0 * trained * 2 * 3 / 4);
    assertThat(four.run().time().get("exchange"))
        .isCloseTo(100 * four.exchangedBytes() / 450e9, within(1e-9));
    assertThat(four.run().time().get("products"))
        .isCloseTo(one.run().time().get("products") / 4, within(1e-9));
    assertThat(one.run().memory().get("gradients")).isEqualTo(4 * 4 * trained); // log2(8) kept
    assertThat(four.run().memory().get("gradients")).isEqualTo(4 * 2 * trained); // log2(2) kept
    assertThat(four.run().tokens()).isEqualTo(one.run().tokens());
    assertThatThrownBy(() -> GpuPlan.of(run, GpuCard.H100, Optional.empty(), List.of(), 3))
        .hasMessageContaining("a run can be trained on 1, 2, 4, 8");
  }
}
