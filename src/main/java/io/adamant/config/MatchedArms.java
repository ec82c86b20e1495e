package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import io.adamant.base.Services;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The arms of a study in numbers: those that say {@code lr: match(ARM)} after the arm that they
 * name, one run for each rate that it has.
 *
 * <p>A grid of rates or decays that the study has for all arms is replaced by the matches; other
 * keys that both arms vary are paired by their values. A decay that the arm itself sets is kept.
 */
final class MatchedArms {
  private final Map<String, WrittenArm> written = new LinkedHashMap<>();
  private final Map<String, Arm> known = new LinkedHashMap<>();
  private final String source; // of the study

  MatchedArms(List<WrittenArm> arms, String source) {
    arms.forEach(arm -> written.put(arm.name(), arm));
    this.source = source;
  }

  /** All arms, in the study's order. */
  List<Arm> arms() {
    return written.values().stream().map(arm -> arm(arm, List.of())).toList();
  }

  private Arm arm(WrittenArm arm, List<String> asking) {
    Arm found = known.get(arm.name());
    if (found == null) {
      Optional<String> other = arm.matches();
      found = other.isPresent() ? matched(arm, other.get(), asking) : plain(arm);
      known.put(arm.name(), found);
    }
    return found;
  }

  private static Arm plain(WrittenArm written) {
    List<Arm.Point> points = new ArrayList<>();
    for (WrittenSettings settings : written.runs()) {
      RunConfig run = decode(written, settings);
      points.add(new Arm.Point(coordinates(written.grid().keys(), run), run));
    }
    return checked(written, points, Optional.empty());
  }

  private Arm matched(WrittenArm arm, String other, List<String> asking) {
    String origin = arm.own().get(WrittenArm.RATE).orElseThrow().origin();
    List<String> chain = new ArrayList<>(asking);
    chain.add(arm.name());
    if (chain.contains(other)) {
      throw bad(
          other,
          "an arm whose rate is a number; this one leads back: " + arrows(chain, other),
          origin);
    }
    WrittenArm named = written.get(other);
    if (named == null) {
      List<String> others = new ArrayList<>(written.keySet());
      others.remove(arm.name());
      throw bad(
          other,
          others.isEmpty()
              ? "a number, since " + source + " has no other arm"
              : "match of another arm of " + source + ": " + String.join(", ", others),
          origin);
    }
    if (arm.ownGrid() && arm.grid().keys().contains(WrittenArm.RATE)) {
      throw bad(other, "a match, or a grid of its own over the rate, not both", origin);
    }
    Arm from = arm(named, chain);
    List<String> replaced = new ArrayList<>(List.of(WrittenArm.RATE));
    if (!arm.ownDecay()) {
      replaced.add(WrittenArm.DECAY);
    }
    List<String> keys = new ArrayList<>(arm.grid().keys());
    keys.removeAll(replaced);
    Map<Map<String, String>, Arm.Point> points = new LinkedHashMap<>();
    for (WrittenSettings point : arm.points()) {
      WrittenSettings settings =
          StudyExpansion.merged(
              arm.base(), arm.own().without(List.of(WrittenArm.RATE)), point.without(replaced));
      for (Arm.Point theirs : from.points()) {
        add(points, arm, settings, keys, theirs, origin);
      }
    }
    if (points.isEmpty()) {
      throw bad(other, "an arm that has the values of this one's grid over " + keys, origin);
    }
    return checked(arm, List.copyOf(points.values()), Optional.of(other));
  }

  /** The run that matches one of the other arm's, if both have the same values of shared keys. */
  private static void add(
      Map<Map<String, String>, Arm.Point> points,
      WrittenArm arm,
      WrittenSettings settings,
      List<String> keys,
      Arm.Point theirs,
      String origin) {
    RunConfig draft = decode(arm, settings.without(List.of(WrittenArm.RATE)));
    Map<String, String> own = coordinates(keys, draft);
    if (own.entrySet().stream().anyMatch(key -> differs(theirs.coordinates(), key))) {
      return;
    }
    OptimizerConfig match;
    try {
      match = theory().matched(theirs.config().optimizer(), draft.optimizer());
    } catch (InputException e) {
      throw e.at(origin + ": arm " + arm.name() + ": match(" + arm.matches().orElse("") + ")");
    }
    WrittenSettings resolved = settings.overlaid(number(WrittenArm.RATE, match.lr(), origin));
    if (!arm.ownDecay()) {
      resolved = resolved.overlaid(number(WrittenArm.DECAY, match.weightDecay(), origin));
    }
    RunConfig run = decode(arm, resolved);
    List<String> all = new ArrayList<>(keys);
    all.add(WrittenArm.RATE);
    if (!all.contains(WrittenArm.DECAY)) {
      all.add(WrittenArm.DECAY);
    }
    Map<String, String> coordinates = coordinates(all, run);
    points.putIfAbsent(coordinates, new Arm.Point(coordinates, run));
  }

  private static boolean differs(Map<String, String> theirs, Map.Entry<String, String> own) {
    return theirs.containsKey(own.getKey()) && !theirs.get(own.getKey()).equals(own.getValue());
  }

  private static RateMatch theory() {
    return Services.load(RateMatch.class).stream()
        .findFirst()
        .orElseThrow(() -> new InputException("no theory of rates on the class path"));
  }

  private static WrittenSettings number(String key, double value, String origin) {
    return WrittenSettings.of(key, new YamlNode.Scalar(Numbers.text(value), false, origin));
  }

  private static Map<String, String> coordinates(List<String> keys, RunConfig run) {
    Map<String, String> flat = Configs.flatten(run);
    Map<String, String> coordinates = new LinkedHashMap<>();
    keys.forEach(key -> coordinates.put(key, flat.get(key)));
    return coordinates;
  }

  private static RunConfig decode(WrittenArm arm, WrittenSettings settings) {
    return RunCodec.decode(ImportedSettings.complete(settings), arm.origin(), "arm " + arm.name());
  }

  private static Arm checked(WrittenArm arm, List<Arm.Point> points, Optional<String> matches) {
    try {
      return new Arm(arm.name(), points, matches);
    } catch (InputException e) {
      throw e.at(arm.origin());
    }
  }

  private static InputException bad(String other, String allowed, String origin) {
    return InputException.badValue(WrittenArm.RATE, "match(" + other + ")", allowed).at(origin);
  }

  private static String arrows(List<String> chain, String last) {
    return String.join(" → ", chain) + " → " + last;
  }
}
