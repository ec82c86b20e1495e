package io.adamant.results;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A place that lines of metrics are written to in addition to {@code metrics.jsonl}, which alone is
 * read again. A run resumed from a checkpoint repeats steps; a sink must then show the later ones.
 */
interface MetricsSink extends AutoCloseable {

  /** Training starts, or resumes after some steps. */
  void begin(long stepsDone);

  /** Takes lines in order of step. */
  void append(List<StepMetrics> lines);

  @Override
  void close();

  /** The finite numbers of a line by dotted key, in order; a truth value is 0 or 1. */
  static Map<String, Double> numbers(StepMetrics line) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    collect("", line.toMap(), numbers);
    numbers.remove("step");
    return numbers;
  }

  private static void collect(String prefix, Map<?, ?> map, Map<String, Double> into) {
    map.forEach(
        (key, value) -> {
          String name = prefix + key;
          if (value instanceof Map<?, ?> inner) {
            collect(name + ".", inner, into);
          } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            into.put(name, number.doubleValue());
          } else if (value instanceof Boolean flag) {
            into.put(name, flag ? 1.0 : 0.0);
          }
        });
  }
}
