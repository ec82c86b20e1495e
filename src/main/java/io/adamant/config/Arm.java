package io.adamant.config;

import io.adamant.base.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One side of a comparison: a named run, or a named grid of them.
 *
 * @param name letters, digits, {@code . _ -}; unique in its study
 * @param points the runs of the grid in order; one where nothing varies
 * @param matches the arm whose rates and decays its own follow from; empty if they were given
 */
public record Arm(String name, List<Point> points, Optional<String> matches) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /**
   * One run of an arm.
   *
   * @param coordinates the values of the grid's keys at this point, texts by dotted key
   * @param config the resolved run; its seed is replaced by the study's
   */
  public record Point(Map<String, String> coordinates, RunConfig config) {

    /** Copies the coordinates, keeping their order. */
    public Point {
      coordinates = Collections.unmodifiableMap(new LinkedHashMap<>(coordinates));
    }
  }

  /**
   * Validates.
   *
   * @throws InputException if the name is malformed, there is no point, points have different keys
   *     or two have the same coordinates
   */
  public Arm {
    Checks.matching(
        "arms." + name,
        name,
        NAME,
        "a name of at most 64 letters, digits, . _ - that begins with a letter or digit");
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new InputException("arm " + name + " has no point; expected: at least one");
    }
    if (points.stream().map(p -> p.coordinates().keySet()).distinct().count() > 1) {
      throw new InputException("arm " + name + " varies different keys at different points");
    }
    if (points.stream().map(Point::coordinates).distinct().count() < points.size()) {
      throw new InputException("arm " + name + " has two points with the same coordinates");
    }
  }

  /**
   * An arm whose rates were given.
   *
   * @param name letters, digits, {@code . _ -}; unique in its study
   * @param points the runs of the grid in order
   * @throws InputException as for the other constructor
   */
  public Arm(String name, List<Point> points) {
    this(name, points, Optional.empty());
  }

  /**
   * An arm of a single run.
   *
   * @param name name of the arm
   * @param config the run
   * @return the arm
   */
  public static Arm of(String name, RunConfig config) {
    return new Arm(name, List.of(new Point(Map.of(), config)));
  }
}
