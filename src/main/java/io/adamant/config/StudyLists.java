package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what a study says of seeds: its own, and those that confirm its winners. */
final class StudyLists {
  private static final List<String> CONFIRM = List.of("seeds", "neighbours", "arms");

  private StudyLists() {}

  static List<Long> seeds(String key, YamlNode node) {
    String allowed = "a list of whole numbers of at least 0, such as [1, 2, 3]";
    if (!(node instanceof YamlNode.Sequence list)) {
      throw InputException.badValue(key, node.shown(), allowed);
    }
    List<Long> seeds = new ArrayList<>();
    for (YamlNode item : list.items()) {
      OptionalLong seed =
          item instanceof YamlNode.Scalar scalar
              ? Numbers.parseWhole(scalar.text())
              : OptionalLong.empty();
      seeds.add(
          seed.orElseThrow(
              () -> InputException.badValue(key, "a list with " + item.shown(), allowed)));
    }
    return seeds;
  }

  static ConfirmConfig confirm(YamlNode node) {
    if (!(node instanceof YamlNode.Mapping mapping)) {
      throw InputException.badValue(
          "confirm", node.shown(), "a mapping such as {seeds: [11, 12, 13], neighbours: true}");
    }
    Map<String, YamlNode> entries = mapping.entries();
    for (Map.Entry<String, YamlNode> entry : entries.entrySet()) {
      if (!CONFIRM.contains(entry.getKey())) {
        throw new InputException(
            entry.getValue().origin()
                + ": unknown key confirm."
                + entry.getKey()
                + "; "
                + Suggestion.hint(entry.getKey(), CONFIRM));
      }
    }
    if (!entries.containsKey("seeds")) {
      throw InputException.badValue(
          "confirm.seeds", "missing", "a list of whole numbers of at least 0, such as [11, 12]");
    }
    boolean neighbours =
        !entries.containsKey("neighbours") || neighbours(entries.get("neighbours"));
    List<String> arms = entries.containsKey("arms") ? arms(entries.get("arms")) : List.of();
    return new ConfirmConfig(seeds("confirm.seeds", entries.get("seeds")), neighbours, arms);
  }

  private static boolean neighbours(YamlNode node) {
    Optional<Boolean> value =
        node instanceof YamlNode.Scalar scalar ? Numbers.bool(scalar.text()) : Optional.empty();
    return value.orElseThrow(
        () -> InputException.badValue("confirm.neighbours", node.shown(), "true or false"));
  }

  private static List<String> arms(YamlNode node) {
    List<String> arms = new ArrayList<>();
    if (node instanceof YamlNode.Sequence list) {
      for (YamlNode item : list.items()) {
        arms.add(item.shown());
      }
    }
    if (arms.isEmpty()) {
      throw InputException.badValue("confirm.arms", node.shown(), "a list of names of arms");
    }
    return arms;
  }
}
