package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Reads what a study says of seeds, its own and those that confirm its winners, and of rungs. */
final class StudyLists {
  private static final List<String> CONFIRM = List.of("seeds", "neighbours", "arms");

  private static final List<String> STOP = List.of("rungs", "first", "factor", "within");

  private StudyLists() {}

  static List<Long> seeds(String key, YamlNode node) {
    return list(key, node, "a list of whole numbers of at least 0, such as [1, 2, 3]");
  }

  private static List<Long> list(String key, YamlNode node, String allowed) {
    if (!(node instanceof YamlNode.Sequence list)) {
      throw InputException.badValue(key, node.shown(), allowed);
    }
    List<Long> numbers = new ArrayList<>();
    for (YamlNode item : list.items()) {
      numbers.add(
          whole(item)
              .orElseThrow(
                  () -> InputException.badValue(key, "a list with " + item.shown(), allowed)));
    }
    return numbers;
  }

  private static OptionalLong whole(YamlNode node) {
    return node instanceof YamlNode.Scalar scalar
        ? Numbers.parseWhole(scalar.text())
        : OptionalLong.empty();
  }

  static ConfirmConfig confirm(YamlNode node) {
    if (!(node instanceof YamlNode.Mapping mapping)) {
      throw InputException.badValue(
          "confirm", node.shown(), "a mapping such as {seeds: [11, 12, 13], neighbours: true}");
    }
    Map<String, YamlNode> entries = mapping.entries();
    requireKnown("confirm", entries, CONFIRM);
    if (!entries.containsKey("seeds")) {
      throw InputException.badValue(
          "confirm.seeds", "missing", "a list of whole numbers of at least 0, such as [11, 12]");
    }
    boolean neighbours =
        !entries.containsKey("neighbours") || neighbours(entries.get("neighbours"));
    List<String> arms = entries.containsKey("arms") ? arms(entries.get("arms")) : List.of();
    return new ConfirmConfig(seeds("confirm.seeds", entries.get("seeds")), neighbours, arms);
  }

  static StopConfig stop(YamlNode node) {
    if (!(node instanceof YamlNode.Mapping mapping)) {
      throw InputException.badValue(
          "stop", node.shown(), "a mapping such as {first: 100, factor: 4}");
    }
    Map<String, YamlNode> entries = mapping.entries();
    requireKnown("stop", entries, STOP);
    YamlNode rungs = entries.get("rungs");
    YamlNode first = entries.get("first");
    YamlNode factor = entries.get("factor");
    YamlNode within = entries.get("within");
    return new StopConfig(
        rungs == null ? List.of() : rungs(rungs),
        first == null ? 0 : first(first),
        factor == null ? StopConfig.USUAL_FACTOR : factor(factor),
        within == null ? StopConfig.Within.ARM : within(within));
  }

  private static List<Long> rungs(YamlNode node) {
    String allowed = "a list of rising steps of at least 1, such as [100, 300]";
    List<Long> rungs = list("stop.rungs", node, allowed);
    if (rungs.isEmpty()) {
      throw InputException.badValue("stop.rungs", "an empty list", allowed);
    }
    return rungs;
  }

  private static long first(YamlNode node) {
    long first = whole(node).orElse(0);
    if (first < 1) {
      throw InputException.badValue("stop.first", node.shown(), "a step of at least 1");
    }
    return first;
  }

  private static double factor(YamlNode node) {
    OptionalDouble value =
        node instanceof YamlNode.Scalar scalar
            ? Numbers.parse(scalar.text())
            : OptionalDouble.empty();
    return value.orElseThrow(
        () -> InputException.badValue("stop.factor", node.shown(), "a number above 1, such as 4"));
  }

  private static StopConfig.Within within(YamlNode node) {
    return switch (node.shown()) {
      case "arm" -> StopConfig.Within.ARM;
      case "study" -> StopConfig.Within.STUDY;
      default -> throw InputException.badValue("stop.within", node.shown(), "arm or study");
    };
  }

  private static void requireKnown(String key, Map<String, YamlNode> entries, List<String> known) {
    for (Map.Entry<String, YamlNode> entry : entries.entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw new InputException(
            entry.getValue().origin()
                + ": unknown key "
                + key
                + "."
                + entry.getKey()
                + "; "
                + Suggestion.hint(entry.getKey(), known));
      }
    }
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
