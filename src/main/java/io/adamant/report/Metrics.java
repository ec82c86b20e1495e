package io.adamant.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.chart.Curve;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What {@code metrics.jsonl} recorded, one curve over steps a key.
 *
 * <p>Keys are those of the file; what is measured by parameter group has dotted keys such as {@code
 * groups.all.update_rms}, see {@link #group}; an element of an array has its index as the last part
 * of its key. A truth value is 0 or 1, null is NaN. Keys that this version does not know are kept,
 * so newer measurements can be read.
 *
 * <p>The last line is ignored where it is torn, that is, no complete object. Where the file goes
 * back to an earlier step, as after a run that was continued from a checkpoint, the later lines
 * count.
 */
public final class Metrics {
  private final Map<String, Column> columns = new LinkedHashMap<>();
  private long lastStep;

  private Metrics() {}

  /**
   * Reads the file.
   *
   * @param file {@code metrics.jsonl}; a missing file is one without lines
   * @return its curves
   * @throws InputException if a line other than a torn last one is no JSON object with a step
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Metrics read(Path file) {
    Metrics metrics = new Metrics();
    if (!Files.isRegularFile(file)) {
      return metrics;
    }
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      int number = 0;
      String line = reader.readLine();
      while (line != null) {
        number++;
        String next = reader.readLine();
        metrics.addLine(line, file + ":" + number, next == null);
        line = next;
      }
      return metrics;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * The key of a measurement by parameter group.
   *
   * @param group {@code all}, {@code embedding}, {@code attention}, {@code mlp}, {@code norm} or
   *     {@code head}
   * @param quantity for example {@code update_rms}
   * @return its key
   */
  public static String group(String group, String quantity) {
    return "groups." + group + "." + quantity;
  }

  /**
   * A curve over steps.
   *
   * @param key for example {@code train_loss}
   * @return its points in order of steps; empty where nothing was recorded
   */
  public Curve curve(String key) {
    return columns.containsKey(key) ? columns.get(key).curve() : Curve.empty();
  }

  /**
   * What was recorded.
   *
   * @return the keys in the order of their first appearance
   */
  public Set<String> keys() {
    return Collections.unmodifiableSet(columns.keySet());
  }

  /**
   * The last step recorded.
   *
   * @return from 1; 0 where nothing was
   */
  public long lastStep() {
    return lastStep;
  }

  private void addLine(String line, String where, boolean last) {
    if (line.isBlank()) {
      return;
    }
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      if (last) {
        return;
      }
      throw new InputException(where + ": not readable as JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.path("step").isNumber()) {
      if (last) {
        return;
      }
      throw new InputException(where + ": no step; allowed: one JSON object a line with a step");
    }
    long step = node.path("step").asLong();
    if (step <= lastStep) {
      columns.values().forEach(column -> column.dropFrom(step));
    }
    lastStep = step;
    addObject("", node, step);
  }

  private void addObject(String prefix, JsonNode node, long step) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String key = prefix + field.getKey();
      JsonNode value = field.getValue();
      if (value.isArray()) {
        for (int i = 0; i < value.size(); i++) {
          addValue(key + "." + i, value.get(i), step);
        }
      } else {
        addValue(key, value, step);
      }
    }
  }

  private void addValue(String key, JsonNode value, long step) {
    if (value.isObject()) {
      addObject(key + ".", value, step);
    } else if (value.isNumber()) {
      add(key, step, value.asDouble());
    } else if (value.isBoolean()) {
      add(key, step, value.asBoolean() ? 1 : 0);
    } else if (value.isNull()) {
      add(key, step, Double.NaN);
    }
  }

  private void add(String key, long step, double value) {
    columns.computeIfAbsent(key, k -> new Column()).add(step, value);
  }

  /** A growing curve. */
  private static final class Column {
    private long[] steps = new long[64];
    private double[] values = new double[64];
    private int size;

    void add(long step, double value) {
      if (size == steps.length) {
        steps = Arrays.copyOf(steps, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      steps[size] = step;
      values[size] = value;
      size++;
    }

    void dropFrom(long step) {
      while (size > 0 && steps[size - 1] >= step) {
        size--;
      }
    }

    Curve curve() {
      return Curve.of(
          Arrays.stream(steps, 0, size).asDoubleStream().toArray(), Arrays.copyOf(values, size));
    }
  }
}
