package io.adamant.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** From what a study says to its runs: arms over the base, grids over arms, seeds over both. */
final class StudyExpansion {
  private static final String TYPE = "optimizer.type";

  private StudyExpansion() {}

  /**
   * The settings of one run: the base, over it the arm, over it a point of the grid.
   *
   * <p>An optimizer of another type than the base's starts from its own defaults: momentum, decay
   * or rate of the one mean something else, or nothing, to the other.
   */
  static WrittenSettings merged(WrittenSettings base, WrittenSettings arm, WrittenSettings point) {
    WrittenSettings own = arm.overlaid(point);
    Optional<String> type = own.get(TYPE).map(YamlNode.Scalar::text);
    boolean another = type.isPresent() && !type.get().equals(typeOf(base));
    return (another ? base.withoutOptimizer() : base).overlaid(own);
  }

  /** The runs of a study: arms in order, within them points in order, within those seeds. */
  static List<PlannedRun> plan(StudyConfig study) {
    List<PlannedRun> runs = new ArrayList<>();
    for (Arm arm : study.arms()) {
      List<String> varying = varying(arm);
      for (Arm.Point point : arm.points()) {
        String label = label(arm, point, varying);
        for (long seed : study.seeds()) {
          RunConfig run = point.config().with("training.seed", seed);
          String seeded = study.seeds().size() > 1 ? label + " seed=" + seed : label;
          runs.add(new PlannedRun(arm.name(), seeded, run));
        }
      }
    }
    return List.copyOf(runs);
  }

  private static String typeOf(WrittenSettings base) {
    return base.get(TYPE).map(YamlNode.Scalar::text).orElse(OptimizerConfig.defaults().type());
  }

  private static List<String> varying(Arm arm) {
    return arm.points().get(0).coordinates().keySet().stream()
        .filter(key -> arm.points().stream().map(p -> at(p, key)).distinct().count() > 1)
        .toList();
  }

  private static String at(Arm.Point point, String key) {
    return point.coordinates().getOrDefault(key, "");
  }

  private static String label(Arm arm, Arm.Point point, List<String> varying) {
    Map<String, Integer> uses = new LinkedHashMap<>();
    varying.forEach(key -> uses.merge(lastPart(key), 1, Integer::sum));
    StringBuilder label = new StringBuilder(arm.name());
    for (String key : varying) {
      // Keys of one name, such as optimizer.decay and schedule.decay, need their sections.
      String shown = uses.getOrDefault(lastPart(key), 0) > 1 ? key : lastPart(key);
      label.append(' ').append(shown).append('=').append(at(point, key));
    }
    return label.toString();
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
