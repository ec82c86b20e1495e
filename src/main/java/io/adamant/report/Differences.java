package io.adamant.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What tells configurations apart and what they share. */
final class Differences {
  private Differences() {}

  /** Keys whose value is not the same everywhere; a missing key is a value of its own. */
  static List<String> keys(List<Map<String, String>> settings) {
    Set<String> all = new LinkedHashSet<>();
    settings.forEach(setting -> all.addAll(setting.keySet()));
    return all.stream()
        .filter(key -> settings.stream().map(s -> s.getOrDefault(key, "")).distinct().count() > 1)
        .toList();
  }

  /** The settings that are the same everywhere. */
  static Map<String, String> shared(List<Map<String, String>> settings) {
    List<String> differing = keys(settings);
    Map<String, String> shared = new LinkedHashMap<>();
    settings.forEach(shared::putAll);
    shared.keySet().removeAll(differing);
    return shared;
  }

  /** The keys without their section, where that leaves them distinct. */
  static List<String> shortened(List<String> keys) {
    List<String> names = keys.stream().map(Differences::name).toList();
    return keys.stream()
        .map(key -> Collections.frequency(names, name(key)) == 1 ? name(key) : key)
        .toList();
  }

  /** A key without its section. */
  static String name(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
