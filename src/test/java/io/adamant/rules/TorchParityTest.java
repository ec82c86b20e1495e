package io.adamant.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules against float64 trajectories of torch's optimizers, recorded by {@code
 * src/test/python/record_trajectories.py}.
 */
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
    Map<String, Object> settings = new HashMap<>(pairs(lines.get(1)));
    Map<String, Object> rates = pairs(lines.get(2));
    String type = (String) settings.remove("type");
    double[] w = row(lines.get(3));
    Rule rule = Rules.create(type, settings, w.length);
    for (int line = 4; line < lines.size(); line += 2) {
      rule.step(
          w, row(lines.get(line)), (Double) rates.get("lr"), (Double) rates.get("weight_decay"));
      assertThat(w).containsExactly(row(lines.get(line + 1)), within(1e-12));
    }
    assertThat(w).hasSize(6);
    assertThat(rule.steps()).isEqualTo(20);
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
