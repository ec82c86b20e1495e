package io.adamant.report;

import io.adamant.results.RunData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Gathers runs into arms: those of one arm that differ in nothing but their seed. */
final class Grouping {
  private Grouping() {}

  private record Key(String study, String arm, Map<String, String> setting) {}

  static List<ArmRuns> arms(List<RunData> runs, List<StudyNames> named) {
    Map<Key, List<RunData>> groups = new LinkedHashMap<>();
    for (RunData run : runs) {
      Key key = new Key(run.study(), run.arm(), run.setting());
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(run);
    }
    Map<String, List<Key>> byArm =
        groups.keySet().stream()
            .collect(Collectors.groupingBy(key -> key.study() + "/" + key.arm()));
    boolean several = groups.keySet().stream().map(Key::study).distinct().count() > 1;
    List<ArmRuns> arms = new ArrayList<>();
    groups.forEach(
        (key, members) -> {
          List<Key> siblings = byArm.get(key.study() + "/" + key.arm());
          String name = (several ? key.study() + "/" : "") + key.arm() + coordinates(key, siblings);
          arms.add(new ArmRuns(name, key.study(), key.arm(), members));
        });
    List<String> studies = runs.stream().map(RunData::study).distinct().toList();
    Comparator<ArmRuns> order =
        Comparator.<ArmRuns>comparingInt(arm -> studies.indexOf(arm.study()))
            .thenComparingInt(arm -> place(arm, named))
            .thenComparing(ArmRuns::arm)
            .thenComparingDouble(arm -> arm.config().optimizer().lr())
            .thenComparing(ArmRuns::name);
    return arms.stream().sorted(order).toList();
  }

  /** What tells a point of a grid from the others of its arm, for example {@code lr=0.002}. */
  private static String coordinates(Key key, List<Key> siblings) {
    return Differences.keys(siblings.stream().map(Key::setting).toList()).stream()
        .map(k -> " " + Differences.name(k) + "=" + key.setting().getOrDefault(k, ""))
        .collect(Collectors.joining());
  }

  private static int place(ArmRuns arm, List<StudyNames> named) {
    Set<Integer> places = new LinkedHashSet<>();
    for (StudyNames names : named) {
      boolean same = names.name().isEmpty() || names.name().equals(arm.study());
      if (same && names.arms().contains(arm.arm())) {
        places.add(names.arms().indexOf(arm.arm()));
      }
    }
    return places.stream().findFirst().orElse(Integer.MAX_VALUE);
  }
}
