package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.config.Precision;
import io.adamant.model.KernelPath;
import io.adamant.tensor.CpuFeatures;
import io.adamant.train.TestRuns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What {@code bench} prints: its numbers fit each other, and what it recommends was the fastest.
 */
class BenchCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> PARTS =
      List.of("data", "forward", "head", "backward", "clip", "optimizer", "hooks");

  @TempDir Path temp;

  private Invocation bench(String... options) {
    List<String> arguments = new ArrayList<>(List.of("bench", "--steps", "5", "--warmup", "2"));
    for (String key :
        List.of(
            "model.layers=1",
            "model.width=16",
            "model.heads=2",
            "model.context=16",
            "data.corpus=" + TestRuns.corpus(temp),
            "data.tokenizer=bytes",
            "data.vocab=257",
            "training.batch=4",
            "training.device=cpu",
            "training.threads=1",
            "measure.every=1")) {
      arguments.addAll(List.of("--set", key));
    }
    arguments.addAll(Arrays.asList(options));
    Invocation bench = Invocation.of(arguments.toArray(new String[0]));
    assertThat(bench.exitCode()).as(bench.err()).isZero();
    return bench;
  }

  private static JsonNode json(Invocation bench) throws JsonProcessingException {
    return JSON.readTree(bench.out());
  }

  @Test
  void theFusingExecutorIsMeasuredOnlyWhereAskedFor() throws JsonProcessingException {
    assertThat(json(bench("--json", "--fuse")).get("executor").asText()).isEqualTo("fusing");
    assertThat(json(bench("--json")).get("executor").asText()).isEqualTo("plain");
    assertThat(bench("--fuse").out()).containsPattern("executor +fusing");
  }

  @Test
  void sharesAreTimesByTheTimeOfAStep() throws JsonProcessingException {
    JsonNode result = json(bench("--json"));
    double step = result.get("ms_per_step").asDouble();
    double sum = 0;
    for (String part : PARTS) {
      double share = result.get(part + "_share").asDouble();
      assertThat(share).as(part).isPositive();
      assertThat(share).isCloseTo(result.get(part + "_ms").asDouble() / step, within(1e-12));
      sum += share;
    }
    assertThat(sum).isBetween(0.5, 1.1);
    double kernels = 0;
    for (String part : List.of("forward", "head", "backward")) {
      kernels += result.get(part + "_share").asDouble();
    }
    assertThat(result.get("outside_kernels").asDouble()).isCloseTo(1 - kernels, within(1e-12));
    assertThat(result.get("tokens_per_s").asDouble() * step / 1e3).isCloseTo(4 * 16, within(1e-9));
    assertThat(result.get("tokens_per_step").asInt()).isEqualTo(4 * 16);
  }

  @ParameterizedTest
  @Tag("slow")
  @EnumSource(Precision.class)
  void everyAvailablePathIsMeasuredAndTheFastestRecommended(Precision precision)
      throws JsonProcessingException {
    String set = "training.precision=" + precision.name().toLowerCase(Locale.ROOT);
    JsonNode result = json(bench("--choose", "--json", "--set", set));

    List<String> measured = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    for (JsonNode path : result.get("paths")) {
      measured.add(path.get("kernels").asText());
      times.add(path.get("ms_per_step").asDouble());
      assertThat(path.has("backward_share")).isTrue();
    }
    assertThat(measured)
        .containsExactlyInAnyOrderElementsOf(
            KernelPath.available(CpuFeatures.detect(), Device.cpu(), precision).stream()
                .map(KernelPath::label)
                .toList());
    assertThat(measured)
        .allSatisfy(
            path -> assertThat(path.startsWith("bf16")).isEqualTo(precision == Precision.BF16));
    assertThat(times).isSorted();
    assertThat(result.get("recommended").asText()).isEqualTo(measured.get(0));
    assertThat(result.get("configured").asText()).isIn(measured);
  }

  @Test
  @Tag("slow")
  void theTableEndsWithWhatToSet() {
    List<String> lines =
        bench("--choose", "--set", "training.kernels=torch+sdpa").out().lines().toList();
    assertThat(lines.get(0)).matches("kernels +tokens/s +ms/step");
    String fastest = lines.get(1).split(" ", 2)[0];
    assertThat(lines.get(lines.size() - 1))
        .startsWith("recommended")
        .contains(
            fastest.equals("torch+sdpa")
                ? "torch+sdpa, which this configuration uses"
                : "--set training.kernels=" + fastest + " instead of torch+sdpa");
  }
}
