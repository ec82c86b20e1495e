package io.adamant.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.Gpt;
import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.results.RunSummary;
import io.adamant.tensor.Autograd;
import io.adamant.theory.UpdateRms;
import io.adamant.train.ProgressListener;
import io.adamant.train.StepView;
import io.adamant.train.TestRuns;
import io.adamant.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hook against sums over gradients that a test keeps itself, and in real training. */
class GradientMemoryTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KEPT = 32;

  @TempDir Path temp;

  private final List<float[]> history = new ArrayList<>();

  private GradientMemory hook(int every, int coordinates) {
    return new GradientMemory(
        MeasurePlan.of(1000, 1, every), SyntheticRun::grouping, KEPT, coordinates);
  }

  /** A step that the hook follows. */
  private StepView follow(SyntheticRun run, GradientMemory hook, double mean) {
    StepView view = run.step(mean);
    history.add(gradient(run).toFloatArray());
    try (Autograd.Mode off = Autograd.noGrad()) {
      hook.follow(view.step(), view.groups());
    }
    return view;
  }

  private static NDArray gradient(SyntheticRun run) {
    return run.groups().get(0).gradients().get(0);
  }

  private static JsonNode line(GradientMemory hook, StepView view, String group) {
    return JSON.valueToTree(hook.observe(view)).at("/memory/" + group);
  }

  private static SyntheticRun run(String type, Map<String, Object> settings, int size) {
    return new SyntheticRun(type, settings, LearningRate.constant(1e-3))
        .with("a.weight", size, 0.1, 1, 0);
  }

  private static double[] squareAndNext(List<double[]> x) {
    double square = 0;
    double next = 0;
    for (int t = 0; t < x.size(); t++) {
      for (int i = 0; i < x.get(t).length; i++) {
        square += x.get(t)[i] * x.get(t)[i] / x.size();
        next += t == 0 ? 0 : x.get(t)[i] * x.get(t - 1)[i] / (x.size() - 1);
      }
    }
    return new double[] {square, next};
  }

  /** Without v; the mean changes its sign at every step, and a step is left out. */
  @Test
  void momentsAreThoseOfTheGradientsThatCounted() {
    try (SyntheticRun run = run("sgdm", Map.of("beta1", 0.5), 200)) {
      GradientMemory hook = hook(10, 1000);
      hook.begin(run.groups());
      StepView view = null;
      for (int step = 1; step <= 50; step++) {
        view = follow(run, hook, step % 2 == 0 ? 0.5 : -0.5);
        if (step == 40) { // the guard left a step out: no count, gradients that mean nothing
          gradient(run).set(new float[200]);
          gradient(run).addi(Float.NaN);
          hook.follow(41, run.groups());
        }
      }
      gradient(run).set(history.get(49));
      JsonNode line = line(hook, view, "a");
      List<double[]> last = new ArrayList<>();
      history.subList(50 - KEPT, 50).forEach(g -> last.add(doubles(g)));
      double[] moments = squareAndNext(last);
      assertThat(line.get("remembered").asInt()).isEqualTo(KEPT);
      assertThat(line.get("lag_1").asDouble()).isCloseTo(moments[1] / moments[0], within(1e-5));
      assertThat(line.get("lag_1_high").asDouble()).isNegative();
      assertThat(line.get("lag_2").asDouble()).isPositive();
      // The momentum is linear in the gradients: opposing ones cancel.
      assertThat(line.get("factor_memory").asDouble()).isLessThan(0.95);
      assertThat(line.get("factor_coordinates").asDouble()).isEqualTo(1);
      double rms = Math.sqrt(mean(run.groups().get(0), "m") / (moments[0] / 200));
      assertThat(line.get("update_rms").asDouble()).isCloseTo(rms, within(1e-5));
    }
  }

  private static double mean(ParameterGroup group, String state) {
    double sum = 0;
    float[] values =
        group.state().tensors().get(group.state().states().indexOf(state)).get(0).toFloatArray();
    for (float value : values) {
      sum += (double) value * value / values.length;
    }
    return sum;
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  /** With v: each gradient over its own denominator, and the update in parts. */
  @Test
  void coordinatesCountAsTheUpdateCountsThem() {
    double eps = 0.1;
    Map<String, Object> settings = Map.of("beta1", 0.8, "beta2", 0.95, "eps", eps);
    try (SyntheticRun run = run("adamw", settings, 300)) {
      GradientMemory hook = hook(10, 1000);
      hook.begin(run.groups());
      StepView view = null;
      for (int step = 1; step <= 45; step++) {
        view = follow(run, hook, 0.3);
      }
      List<double[]> scaled = new ArrayList<>();
      double[] v = new double[300];
      for (int t = 0; t < 45; t++) {
        double[] x = doubles(history.get(t));
        for (int i = 0; i < 300; i++) {
          v[i] = 0.95 * v[i] + 0.05 * x[i] * x[i];
          x[i] /= Math.sqrt(v[i] / (1 - Math.pow(0.95, t + 1))) + eps;
        }
        scaled.add(x);
      }
      double[] moments = squareAndNext(scaled.subList(45 - KEPT, 45));
      JsonNode line = line(hook, view, "a");
      assertThat(line.get("lag_1").asDouble()).isCloseTo(moments[1] / moments[0], within(1e-5));
      double u = 0;
      ParameterGroup group = run.groups().get(0);
      try (NDList directions = group.optimizer().directions(group.state(), group.gradients())) {
        for (float value : directions.get(0).toFloatArray()) {
          u += (double) value * value / 300;
        }
      }
      assertThat(line.get("update_rms").asDouble()).isCloseTo(Math.sqrt(u), within(1e-5));
      double product = 1;
      for (String factor :
          List.of(
              "update_rms_white",
              "factor_memory",
              "factor_coordinates",
              "factor_eps",
              "factor_rest")) {
        product *= line.get(factor).asDouble();
      }
      assertThat(product).isCloseTo(Math.sqrt(u), within(1e-5));
      assertThat(line.get("factor_eps").asDouble()).isBetween(0.85, 0.95);
      assertThat(line.at("/kernels/beta_0.8/update_rms").asDouble())
          .isCloseTo(Math.sqrt(u) / line.get("factor_eps").asDouble(), within(0.06));
      // 0.9^32 = 0.03: the ring does not hold that memory.
      assertThat(line.get("kernels").has("beta_0.9")).isFalse();
      assertThat(JSON.valueToTree(hook.observe(view)).at("/memory/all")).isEqualTo(line);
    }
  }

  /** White noise of another momentum, and a change of regime that the prediction does not know. */
  @Test
  void predictionsAreOfOtherCoordinatesAndLaterSteps() {
    try (SyntheticRun run = run("adamw", Map.of("beta1", 0.8, "beta2", 0.95), 20_000)) {
      GradientMemory hook = hook(10, 8000);
      hook.begin(run.groups());
      JsonNode noise = null;
      JsonNode changed = null;
      for (int step = 1; step <= 70; step++) {
        StepView view = follow(run, hook, step <= 60 ? 0 : 1);
        if (step % 10 == 0) {
          JsonNode line = line(hook, view, "a");
          noise = step == 60 ? line : noise;
          changed = line;
        }
      }
      for (double beta : new double[] {0, 0.5, 0.8}) {
        assertThat(noise.at("/kernels/beta_" + beta + "/update_rms").asDouble())
            .as("beta1 = %s", beta)
            .isCloseTo(UpdateRms.secondOrder(beta, 0.95, 0), within(0.01));
      }
      assertThat(noise.get("factor_memory").asDouble()).isCloseTo(1, within(0.02));
      assertThat(noise.get("factor_rest").asDouble()).isCloseTo(1, within(0.03));
      // 0.8^21 < 0.01: of the measurements at 10, 20, 30 ..., that of 30 is old enough at 60.
      assertThat(noise.get("ahead_from").asInt()).isEqualTo(30);
      assertThat(noise.get("update_rms_ahead").asDouble())
          .isCloseTo(noise.get("update_rms_tested").asDouble(), within(0.015));
      assertThat(changed.get("ahead_from").asInt()).isEqualTo(40);
      assertThat(changed.get("update_rms_tested").asDouble())
          .isGreaterThan(1.5 * changed.get("update_rms_ahead_high").asDouble());
    }
  }

  private static RunSummary train(
      RunConfig config, TokenDataset data, Path root, BooleanSupplier stop) {
    MeasurePlan plan = MeasurePlan.of(config.training().steps(), 4, 5);
    GradientMemory hook = new GradientMemory(plan, Gpt::group, KEPT, 64);
    return new Training(config, data, List.of(hook), ProgressListener.NONE).train(root, stop);
  }

  private static List<JsonNode> lines(Path root) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve("metrics.jsonl"))) {
      if (JSON.readTree(line).has("memory")) {
        lines.add(JSON.readTree(line).get("memory"));
      }
    }
    return lines;
  }

  @Test
  void rememberingChangesNoBitAndAResumedRunSaysHowMuchItRemembers() throws IOException {
    RunConfig config = TestRuns.config(TestRuns.corpus(temp));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary off = TestRuns.train(config, data, temp.resolve("off"));
      RunSummary on = train(config, data, temp.resolve("on"), () -> false);
      AtomicInteger left = new AtomicInteger(17);
      train(config, data, temp.resolve("parts"), () -> left.decrementAndGet() == 0);
      RunSummary resumed = train(config, data, temp.resolve("parts"), () -> false);
      assertThat(on.weightsSha256()).isEqualTo(off.weightsSha256());
      assertThat(resumed.weightsSha256()).isEqualTo(off.weightsSha256());
      List<JsonNode> lines = lines(temp.resolve("on"));
      assertThat(lines)
          .extracting(line -> line.at("/all/remembered").asInt())
          .containsExactly(5, 10, 15, 20, 25, 30, 32, 32);
      assertThat(lines.get(7).properties())
          .extracting(Map.Entry::getKey)
          .startsWith("all")
          .containsExactlyInAnyOrder("all", "embedding", "attention", "mlp", "norm", "head");
      assertThat(lines.get(0).get("all").has("lag_1")).isFalse();
      assertThat(lines.get(7).at("/head/lag_1").isNumber()).isTrue();
      assertThat(lines(temp.resolve("parts")))
          .extracting(line -> line.at("/all/remembered").asInt())
          .containsExactly(5, 10, 15, 2, 7, 12, 17, 22); // its first step only says where it begins
    }
  }
}
