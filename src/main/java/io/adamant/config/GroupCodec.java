package io.adamant.config;

import io.adamant.base.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/** Parameter groups as keys {@code groups.NAME.KEY}, and back. */
final class GroupCodec {
  static final String SECTION = "groups";
  private static final String RUNS_OWN = "inherit";

  private GroupCodec() {}

  static Map<String, GroupConfig> decode(SettingsReader in) {
    SortedMap<String, Map<String, String>> byName = new TreeMap<>();
    for (String key : in.settings().keys()) {
      if (key.startsWith(SECTION + ".")) {
        String[] parts = key.split("\\.", 3);
        byName
            .computeIfAbsent(parts[1], name -> new TreeMap<>())
            .put(parts[2], in.text(key, "a finite number, true, false or a text", ""));
      }
    }
    SortedMap<String, GroupConfig> groups = new TreeMap<>();
    byName.keySet().forEach(name -> groups.put(name, group(in, name, byName.get(name))));
    return Collections.unmodifiableSortedMap(groups);
  }

  private static GroupConfig group(SettingsReader in, String name, Map<String, String> written) {
    String prefix = SECTION + "." + GroupConfig.checkedName(name) + ".";
    Map<String, Object> settings = new TreeMap<>();
    written.forEach(
        (key, text) -> {
          if (!encodeShared(GroupConfig.scaled("x", 1)).containsKey(key)) {
            settings.put(key, text);
          }
        });
    double decay = in.numberOr(RUNS_OWN, -1, prefix + "weight_decay", -1);
    if (decay < 0 && !written.getOrDefault("weight_decay", RUNS_OWN).equals(RUNS_OWN)) {
      throw InputException.badValue(
          prefix + "weight_decay", decay, "a finite number of at least 0, or " + RUNS_OWN);
    }
    double lrScale = in.number(prefix + "lr_scale", 1);
    String type = written.getOrDefault("optimizer", RUNS_OWN);
    try {
      return new GroupConfig(
          written.getOrDefault("match", ""),
          lrScale,
          decay < 0 ? OptionalDouble.empty() : OptionalDouble.of(decay),
          type.equals(RUNS_OWN) ? "" : type,
          settings);
    } catch (InputException e) {
      throw e.within(prefix);
    }
  }

  /** Keys without {@code groups.}, such as {@code embedding.match}. */
  static Map<String, Object> encode(Map<String, GroupConfig> groups) {
    Map<String, Object> map = new LinkedHashMap<>();
    groups.forEach(
        (name, group) -> {
          encodeShared(group).forEach((key, value) -> map.put(name + "." + key, value));
          group.settings().forEach((key, value) -> map.put(name + "." + key, value));
        });
    return map;
  }

  private static Map<String, Object> encodeShared(GroupConfig group) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("match", group.match());
    map.put("lr_scale", group.lrScale());
    map.put(
        "weight_decay",
        group.weightDecay().isPresent() ? (Object) group.weightDecay().orElse(0) : RUNS_OWN);
    map.put("optimizer", group.optimizer().isEmpty() ? RUNS_OWN : group.optimizer());
    return map;
  }
}
