package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Values to try, by dotted key, as a study's {@code grid} lists them.
 *
 * <pre>
 * grid:
 *   optimizer.lr: [1e-3, 2e-3]                            # a list
 *   optimizer.weight_decay: log(0.01, 1, 5)               # five values of equal ratios
 *   optimizer.beta2: 1 - {4,2,1,.5,.25}*(1-beta1)         # a formula of a key set before
 *   zip: {training.batch: [8, 16], training.steps: [400, 200]}    # vary together
 * </pre>
 *
 * @param axes what varies, in order
 */
record Grid(List<Axis> axes) {
  static final Grid NONE = new Grid(List.of());
  private static final String ZIP = "zip";

  /** Reads a mapping of dotted keys, or of sections of keys, to lists of values or formulas. */
  static Grid of(YamlNode node) {
    YamlNode.Mapping mapping = mapping("grid", node);
    Map<String, Axis> axes = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (key, value) -> {
              if (key.equals(ZIP)) {
                addZipped(axes, value);
              } else if (value instanceof YamlNode.Mapping section) {
                RunKeys.checkedSection(key, value.origin());
                section.entries().forEach((name, list) -> add(axes, key + "." + name, list));
              } else {
                add(axes, key, value);
              }
            });
    Grid grid = new Grid(axes.values().stream().distinct().toList());
    grid.checkSize(node.origin());
    return grid;
  }

  /** The keys that vary, in order. */
  List<String> keys() {
    return axes.stream().flatMap(axis -> axis.keys().stream()).toList();
  }

  /**
   * Every combination: the first key varies slowest.
   *
   * @param merged lays a point over what it belongs to, so that a formula sees all settings
   */
  List<WrittenSettings> points(UnaryOperator<WrittenSettings> merged) {
    List<WrittenSettings> points = List.of(WrittenSettings.NONE);
    for (Axis axis : axes) {
      List<WrittenSettings> longer = new ArrayList<>();
      for (WrittenSettings point : points) {
        for (int i = 0; i < axis.size(); i++) {
          longer.add(point.overlaid(axis.at(i, merged.apply(point))));
        }
      }
      points = longer;
    }
    return points;
  }

  private static YamlNode.Mapping mapping(String key, YamlNode node) {
    if (node instanceof YamlNode.Mapping mapping) {
      return mapping;
    }
    throw InputException.badValue(
            key, node.shown(), "a mapping such as {optimizer.lr: [1e-3, 2e-3]}")
        .at(node.origin());
  }

  private static void addZipped(Map<String, Axis> axes, YamlNode node) {
    Map<String, List<YamlNode.Scalar>> lists = new LinkedHashMap<>();
    mapping("grid zip", node)
        .entries()
        .forEach((key, list) -> lists.put(key, values(key, list, false)));
    if (lists.isEmpty() || lists.values().stream().map(List::size).distinct().count() > 1) {
      List<Integer> lengths = lists.values().stream().map(List::size).toList();
      throw InputException.badValue("grid zip", "lists of lengths " + lengths, "equal lengths")
          .at(node.origin());
    }
    Axis axis = new Axis.Listed(lists);
    lists.keySet().forEach(key -> put(axes, key, axis, node.origin()));
  }

  private static void add(Map<String, Axis> axes, String key, YamlNode node) {
    RunKeys.checked(key, node.origin());
    boolean formula = node instanceof YamlNode.Scalar scalar && isFormula(scalar);
    Axis axis =
        formula
            ? new Axis.Computed(key, formula(key, (YamlNode.Scalar) node), node.origin())
            : new Axis.Listed(Map.of(key, values(key, node, true)));
    put(axes, key, axis, node.origin());
  }

  /** A lone number or word is a forgotten bracket, not a formula. */
  private static boolean isFormula(YamlNode.Scalar scalar) {
    String text = scalar.text().strip();
    return !scalar.absent()
        && Numbers.parse(text).isEmpty()
        && text.chars().anyMatch(c -> "{(*/+".indexOf(c) >= 0);
  }

  private static Expression formula(String key, YamlNode.Scalar scalar) {
    try {
      return Expression.parse(scalar.text());
    } catch (InputException e) {
      throw new InputException(scalar.origin() + ": grid " + key + ": " + e.getMessage(), e);
    }
  }

  private static void put(Map<String, Axis> axes, String key, Axis axis, String origin) {
    if (axes.putIfAbsent(key, axis) != null) {
      throw new InputException(origin + ": grid " + key + " is given twice");
    }
  }

  /** The values of a list; those of a zipped one may come again. */
  private static List<YamlNode.Scalar> values(String key, YamlNode node, boolean once) {
    RunKeys.checked(key, node.origin());
    if (!(node instanceof YamlNode.Sequence list) || list.items().isEmpty()) {
      String found = node instanceof YamlNode.Sequence ? "an empty list" : node.shown();
      throw InputException.badValue(
              "grid " + key,
              found,
              "a list such as [1e-3, 2e-3] or a formula such as log(1e-3, 1e-1, 5)")
          .at(node.origin());
    }
    List<YamlNode.Scalar> values = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    for (YamlNode written : list.items()) {
      YamlNode item = SourceList.single(key, written);
      if (!(item instanceof YamlNode.Scalar scalar) || scalar.absent()) {
        throw InputException.badValue("grid " + key, "a list with " + item.shown(), "single values")
            .at(item.origin());
      }
      if (!seen.add(Numbers.typed(scalar.text())) && once) {
        throw InputException.badValue("grid " + key, scalar.text() + " twice", "each value once")
            .at(item.origin());
      }
      values.add(scalar);
    }
    return List.copyOf(values);
  }

  private void checkSize(String origin) {
    double points = axes.stream().mapToDouble(Axis::size).reduce(1, (a, b) -> a * b);
    if (points > StudyConfig.MAX_RUNS) {
      throw InputException.badValue(
              "grid", Numbers.text(points) + " combinations", "at most " + StudyConfig.MAX_RUNS)
          .at(origin);
    }
  }
}
