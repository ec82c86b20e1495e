package io.adamant.reproduce;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code adamant frozen} measured at frozen weights of a language model, as the numbers of an
 * experiment: measured best rate over that of a law, under the key {@code POINT/RULE/BATCH/LAW},
 * with the point and the law counted from 1, such as {@code 3/SGD/64/1}.
 */
final class FrozenRows {

  /** The name of the experiment. */
  static final String NAME = "frozen";

  private FrozenRows() {}

  /**
   * Reads a folder's {@code frozen.json}.
   *
   * @param folder such as {@code results/frozen}
   * @return empty where nothing was measured; ratios that are not known are NaN
   */
  static Optional<Simulated> read(Path folder) {
    Path file = folder.resolve("frozen.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, Estimate> numbers = new LinkedHashMap<>();
    try {
      int point = 0;
      for (JsonNode each : Json.MAPPER.readTree(file.toFile()).path("points")) {
        point++;
        for (JsonNode cell : each.path("cells")) {
          int law = 0;
          for (JsonNode one : cell.path("laws")) {
            law++;
            String key =
                "%s/%s/%s/%s"
                    .formatted(point, cell.path("rule").asText(), cell.path("batch").asText(), law);
            numbers.put(key, estimate(one, cell.path("draws").asInt(1)));
          }
        }
      }
    } catch (IOException e) {
      throw new InputException(file + " is not what adamant frozen writes: " + e.getMessage(), e);
    }
    return Optional.of(new Simulated(0, numbers, List.of()));
  }

  private static Estimate estimate(JsonNode law, int draws) {
    return law.path("ratio").isNumber()
        ? Estimate.simulated(
            law.path("ratio").asDouble(), law.path("half_width_95").asDouble(Double.NaN), draws)
        : new Estimate(Double.NaN, Double.NaN, 1, 1);
  }
}
