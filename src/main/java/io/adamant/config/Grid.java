package io.adamant.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Values to try, by dotted key, as a study's {@code grid} lists them.
 *
 * @param axes the keys in order with their values in order
 */
record Grid(Map<String, List<YamlNode.Scalar>> axes) {
  static final Grid NONE = new Grid(Map.of());

  /** Reads a mapping of dotted keys, or of sections of keys, to lists of values. */
  static Grid of(YamlNode node) {
    if (!(node instanceof YamlNode.Mapping mapping)) {
      throw ConfigException.badValue(
              "grid", node.shown(), "a mapping such as {optimizer.lr: [1e-3, 2e-3]}")
          .at(node.origin());
    }
    Map<String, List<YamlNode.Scalar>> axes = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (key, value) -> {
              if (value instanceof YamlNode.Mapping section) {
                RunKeys.checkedSection(key, value.origin());
                section.entries().forEach((name, list) -> add(axes, key + "." + name, list));
              } else {
                add(axes, key, value);
              }
            });
    Grid grid = new Grid(axes);
    grid.checkSize(node.origin());
    return grid;
  }

  /** Every combination: the first key varies slowest. */
  List<Settings> points() {
    List<Settings> points = List.of(Settings.NONE);
    for (Map.Entry<String, List<YamlNode.Scalar>> axis : axes.entrySet()) {
      List<Settings> longer = new ArrayList<>();
      for (Settings point : points) {
        for (YamlNode.Scalar value : axis.getValue()) {
          longer.add(point.overlaid(Settings.of(axis.getKey(), value)));
        }
      }
      points = longer;
    }
    return points;
  }

  private static void add(Map<String, List<YamlNode.Scalar>> axes, String key, YamlNode node) {
    RunKeys.checked(key, node.origin());
    if (!(node instanceof YamlNode.Sequence list) || list.items().isEmpty()) {
      String found = node instanceof YamlNode.Sequence ? "an empty list" : node.shown();
      throw ConfigException.badValue("grid " + key, found, "a list such as [1e-3, 2e-3]")
          .at(node.origin());
    }
    if (axes.containsKey(key)) {
      throw new ConfigException(node.origin() + ": grid " + key + " is given twice");
    }
    List<YamlNode.Scalar> values = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    for (YamlNode item : list.items()) {
      if (!(item instanceof YamlNode.Scalar scalar) || scalar.absent()) {
        throw ConfigException.badValue(
                "grid " + key, "a list with " + item.shown(), "single values")
            .at(item.origin());
      }
      if (!seen.add(Numbers.typed(scalar.text()))) {
        throw ConfigException.badValue("grid " + key, scalar.text() + " twice", "each value once")
            .at(item.origin());
      }
      values.add(scalar);
    }
    axes.put(key, List.copyOf(values));
  }

  private void checkSize(String origin) {
    double points = axes.values().stream().mapToDouble(List::size).reduce(1, (a, b) -> a * b);
    if (points > StudyConfig.MAX_RUNS) {
      throw ConfigException.badValue(
              "grid", Numbers.text(points) + " combinations", "at most " + StudyConfig.MAX_RUNS)
          .at(origin);
    }
  }
}
