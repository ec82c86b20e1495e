package io.adamant.config;

import io.adamant.base.InputException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * WrittenSettings of a run as they were written: values by dotted key, not yet interpreted.
 *
 * <p>A run is a set of sections of single values, so nested YAML, dotted keys, {@code --set}
 * options and a study's arms all reduce to this one flat form, in which one laid over another is a
 * map laid over another.
 */
record WrittenSettings(Map<String, YamlNode.Scalar> values) {
  static final WrittenSettings NONE = new WrittenSettings(Map.of());

  WrittenSettings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** Flattens a mapping of sections, refusing keys that no run has. */
  static WrittenSettings of(YamlNode.Mapping mapping) {
    Map<String, YamlNode.Scalar> flat = new LinkedHashMap<>();
    mapping.entries().forEach((key, node) -> addTopLevel(flat, key, node));
    return new WrittenSettings(flat);
  }

  /** A single setting. */
  static WrittenSettings of(String key, YamlNode node) {
    Map<String, YamlNode.Scalar> flat = new LinkedHashMap<>();
    add(flat, RunKeys.checked(key, node.origin()), node);
    return new WrittenSettings(flat);
  }

  Optional<YamlNode.Scalar> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** The text of a setting that is there, not yet interpreted. */
  String text(String key, String allowed) {
    YamlNode.Scalar scalar = get(key).orElseThrow();
    if (scalar.absent()) {
      throw InputException.badValue(key, "empty", allowed);
    }
    return scalar.text();
  }

  /** These settings with others laid over them. */
  WrittenSettings overlaid(WrittenSettings others) {
    Map<String, YamlNode.Scalar> merged = new LinkedHashMap<>(values);
    merged.putAll(others.values);
    return new WrittenSettings(merged);
  }

  /** These settings without some. */
  WrittenSettings without(Collection<String> keys) {
    Map<String, YamlNode.Scalar> kept = new LinkedHashMap<>(values);
    kept.keySet().removeAll(keys);
    return new WrittenSettings(kept);
  }

  /** These settings without those of the optimizer. */
  WrittenSettings withoutOptimizer() {
    Map<String, YamlNode.Scalar> kept = new LinkedHashMap<>(values);
    kept.keySet().removeIf(key -> key.startsWith("optimizer."));
    return new WrittenSettings(kept);
  }

  private static void addTopLevel(Map<String, YamlNode.Scalar> flat, String key, YamlNode node) {
    if (key.indexOf('.') >= 0) {
      add(flat, RunKeys.checked(key, node.origin()), node);
      return;
    }
    RunKeys.checkedSection(key, node.origin());
    if (node instanceof YamlNode.Mapping section) {
      section.entries().forEach((name, value) -> addWithin(flat, key, name, value));
    } else if (!(node instanceof YamlNode.Scalar scalar && scalar.absent())) {
      // A section whose lines are all commented out is an empty section, not an error.
      throw InputException.badValue(
              key, node.shown(), "a mapping with " + String.join(", ", RunKeys.namesIn(key)))
          .at(node.origin());
    }
  }

  /** A key of a section; a parameter group is a section within the section of groups. */
  private static void addWithin(
      Map<String, YamlNode.Scalar> flat, String section, String name, YamlNode node) {
    String key = section + "." + name;
    if (section.equals(RunCodec.GROUPS) && node instanceof YamlNode.Mapping group) {
      group.entries().forEach((inner, value) -> addWithin(flat, key, inner, value));
    } else {
      add(flat, RunKeys.checked(key, node.origin()), node);
    }
  }

  private static void add(Map<String, YamlNode.Scalar> flat, String key, YamlNode written) {
    YamlNode node = SourceList.single(key, written);
    if (!(node instanceof YamlNode.Scalar scalar)) {
      throw InputException.badValue(key, node.shown(), "a single value").at(node.origin());
    }
    YamlNode.Scalar earlier = flat.putIfAbsent(key, scalar);
    if (earlier != null) {
      throw new InputException(
          "%s: key %s is given twice, first at %s"
              .formatted(scalar.origin(), key, earlier.origin()));
    }
  }

  /** The keys in order. */
  List<String> keys() {
    return List.copyOf(values.keySet());
  }
}
