package io.adamant.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tensors in float32 and float64 against recorded float64 trajectories of torch itself. */
class TorchParityTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "adamw",
        "adamw-large-eps",
        "rmsprop-as-adamw",
        "sgd",
        "sgdm-dampening-0",
        "sgdm-dampening-0.9"
      })
  void matchesTorch(String recording) throws IOException {
    List<String> lines = read(recording);
    double[] start = row(lines.get(3));
    int steps = (lines.size() - 4) / 2;
    double[][] gradients = new double[steps][];
    double[][] torch = new double[steps][];
    for (int k = 0; k < steps; k++) {
      gradients[k] = row(lines.get(4 + 2 * k));
      torch[k] = row(lines.get(5 + 2 * k));
    }
    assertThat(steps).isEqualTo(20);
    compare(lines, start, gradients, torch, false, 2e-5);
    compare(lines, start, gradients, torch, true, 1e-12);
  }

  private static void compare(
      List<String> lines,
      double[] start,
      double[][] gradients,
      double[][] torch,
      boolean float64,
      double tolerance) {
    Map<String, Object> settings = new HashMap<>(pairs(lines.get(1)));
    Map<String, Object> rates = pairs(lines.get(2));
    String rule = (String) settings.remove("type");
    double lr = (Double) rates.get("lr");
    double decay = (Double) rates.get("weight_decay");
    try (FusedOptimizer optimizer =
        Optimizers.create(rule, settings, LearningRate.constant(lr), decay)) {
      int[] shape = {start.length};
      double[][] w =
          Replay.run(optimizer, float64, start, shape, gradients, s -> lr, decay).weights();
      for (int k = 0; k < w.length; k++) {
        double largest = Arrays.stream(torch[k]).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < start.length; i++) {
          assertThat(Math.abs(w[k][i] - torch[k][i]))
              .as("float64 %s: step %d, coordinate %d", float64, k + 1, i)
              .isLessThanOrEqualTo(tolerance * largest);
        }
      }
    }
  }

  private static List<String> read(String recording) throws IOException {
    try (InputStream in =
        TorchParityTest.class.getResourceAsStream("/torch/" + recording + ".csv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  /** "# a=1 b=x" as a map, numbers as doubles. */
  private static Map<String, Object> pairs(String line) {
    Map<String, Object> pairs = new HashMap<>();
    for (String pair : line.substring(2).split(" ", -1)) {
      List<String> parts = Arrays.asList(pair.split("=", -1));
      boolean number = parts.get(1).matches("[-+.0-9e]+");
      pairs.put(parts.get(0), number ? Double.valueOf(parts.get(1)) : parts.get(1));
    }
    return pairs;
  }

  private static double[] row(String line) {
    return Arrays.stream(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
  }
}
