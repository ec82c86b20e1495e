package io.adamant.stats;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * The points of a grid search that differ in their learning rate alone, and what such a search asks
 * of them. A point whose loss is not finite, since its run diverged or is not done, is never the
 * best.
 *
 * @param <P> a point: whatever was run at a rate
 */
public final class RateGrid<P> {

  /** Where a rate lies among those that were tried. */
  public enum Edge {
    /** Between two others. */
    NONE,
    /** No lower one was tried. */
    LOWEST,
    /** A lower one was tried, but no higher one. */
    HIGHEST
  }

  private final NavigableMap<Double, P> points = new TreeMap<>();
  private final ToDoubleFunction<P> loss;

  /**
   * A grid without points.
   *
   * @param loss of a point, in nats per token
   */
  public RateGrid(ToDoubleFunction<P> loss) {
    this.loss = loss;
  }

  /**
   * A grid of points.
   *
   * @param points by rate
   * @param loss of a point, in nats per token
   */
  public RateGrid(Map<Double, P> points, ToDoubleFunction<P> loss) {
    this(loss);
    this.points.putAll(points);
  }

  /**
   * The point of the lowest loss, whatever the points differ in.
   *
   * @param points any
   * @param loss of a point
   * @param <P> a point
   * @return of equal ones the first; empty where no loss is finite
   */
  public static <P> Optional<P> best(Collection<P> points, ToDoubleFunction<P> loss) {
    return points.stream()
        .filter(point -> Double.isFinite(loss.applyAsDouble(point)))
        .min(Comparator.comparingDouble(loss));
  }

  /**
   * Adds a point.
   *
   * @param rate learning rate
   * @param point what was run at it
   */
  public void put(double rate, P point) {
    points.put(rate, point);
  }

  /**
   * All points.
   *
   * @return by rising rate
   */
  public NavigableMap<Double, P> points() {
    return Collections.unmodifiableNavigableMap(points);
  }

  /**
   * The rate of the lowest loss.
   *
   * @return of equal ones the lowest rate; empty where no loss is finite
   */
  public Optional<Double> best() {
    return best(points.keySet(), rate -> loss.applyAsDouble(points.get(rate)));
  }

  /**
   * The lowest loss.
   *
   * @return +∞ where none is finite
   */
  public double lowest() {
    return best().map(points::get).map(loss::applyAsDouble).orElse(Double.POSITIVE_INFINITY);
  }

  /**
   * The rates next to one.
   *
   * @param rate any
   * @return the next lower one, then the next higher one, as far as they were tried
   */
  public List<Double> neighbours(double rate) {
    List<Double> neighbours = new ArrayList<>();
    Optional.ofNullable(points.lowerKey(rate)).ifPresent(neighbours::add);
    Optional.ofNullable(points.higherKey(rate)).ifPresent(neighbours::add);
    return neighbours;
  }

  /**
   * Whether a rate lies on an edge of the grid: a better one may lie beyond it.
   *
   * @param rate one of the grid
   * @return the lower edge where there is no other rate
   */
  public Edge edge(double rate) {
    if (rate == points.firstKey()) {
      return Edge.LOWEST;
    }
    return rate == points.lastKey() ? Edge.HIGHEST : Edge.NONE;
  }
}
