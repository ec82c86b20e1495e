package io.adamant.config;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An arm as written: what it lays over the base, and the settings of each of its runs.
 *
 * @param name of the arm
 * @param origin where it stands
 * @param own its settings
 * @param grid its own, or else the study's
 * @param ownGrid whether the grid is its own
 * @param base what it is laid over
 */
record WrittenArm(
    String name,
    String origin,
    WrittenSettings own,
    Grid grid,
    boolean ownGrid,
    WrittenSettings base) {
  static final String RATE = "optimizer.lr";
  static final String DECAY = "optimizer.weight_decay";
  private static final Pattern MATCH = Pattern.compile("match\\(\\s*(.*?)\\s*\\)");

  List<WrittenSettings> runs() {
    return points().stream().map(this::merged).toList();
  }

  /** The points of the grid. */
  List<WrittenSettings> points() {
    UnaryOperator<WrittenSettings> merged = this::merged;
    return grid.points(merged);
  }

  /** All settings at a point. */
  WrittenSettings merged(WrittenSettings point) {
    return StudyExpansion.merged(base, own, point);
  }

  boolean sets(String key) {
    return own.get(key).isPresent() || grid.keys().contains(key);
  }

  /** The arm that {@code lr: match(ARM)} names. */
  Optional<String> matches() {
    return own.get(RATE)
        .map(rate -> MATCH.matcher(rate.text().strip()))
        .filter(Matcher::matches)
        .map(match -> match.group(1));
  }

  /** Whether it has a decay of its own, not one of the study's grid. */
  boolean ownDecay() {
    return own.get(DECAY).isPresent() || (ownGrid && grid.keys().contains(DECAY));
  }
}
