package io.adamant.report;

import java.util.List;
import java.util.Optional;

/**
 * A line chart, independent of who draws it: {@link HtmlReport} with ECharts, {@link PngFigures}
 * with XChart, from the same content.
 *
 * <p>On a logarithmic axis a value of 0 or below cannot be drawn: it is taken as missing.
 *
 * @param id names the chart within its report and its PNG file: lower-case letters, digits, -
 * @param title what is shown
 * @param x horizontal axis
 * @param y vertical axis
 * @param series the lines; where two overlap the later one is on top
 */
public record Chart(String id, String title, Axis x, Axis y, List<Series> series) {

  /**
   * Validates.
   *
   * @throws IllegalArgumentException if the id cannot be a file name
   */
  public Chart {
    if (!id.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException("chart id is " + id + "; lower-case letters, digits, -");
    }
    boolean log = y.log();
    series = series.stream().map(line -> log ? line.positive() : line).toList();
  }

  /**
   * An axis.
   *
   * @param label what it counts
   * @param unit its unit, empty for a pure number
   * @param log whether it is logarithmic
   * @param range what it spans; empty leaves that to the data
   */
  public record Axis(String label, String unit, boolean log, Optional<Range> range) {
    /**
     * Label and unit.
     *
     * @return for example {@code loss (nats per token)}
     */
    public String caption() {
      return unit.isEmpty() ? label : label + " (" + unit + ")";
    }

    /**
     * The same spanning something else.
     *
     * @param newRange what it spans
     * @return a copy
     */
    public Axis spanning(Range newRange) {
      return new Axis(label, unit, log, Optional.of(newRange));
    }
  }

  /** How a line is drawn, which says what it is. */
  public enum Style {
    /** What was measured. */
    SOLID,
    /** What a theory predicts from other measurements. */
    DASHED,
    /** What needs no measurement: parameter-free predictions and fixed levels. */
    DOTTED
  }

  /**
   * A line.
   *
   * @param name of its arm, or of a level that belongs to none
   * @param meaning what the line is, such as {@code measured}; the same for all of one style
   * @param style how it is drawn
   * @param colour key into {@link Palette}: the same for all lines of an arm
   * @param faint whether it is only the background of another line
   * @param line its points
   * @param band what it scatters in
   */
  public record Series(
      String name,
      String meaning,
      Style style,
      int colour,
      boolean faint,
      Curve line,
      Optional<Band> band) {

    Series positive() {
      return new Series(
          name,
          meaning,
          style,
          colour,
          faint,
          onlyPositive(line),
          band.map(b -> new Band(onlyPositive(b.low()), onlyPositive(b.high()))));
    }

    private static Curve onlyPositive(Curve curve) {
      return curve.map(y -> y > 0 ? y : Double.NaN);
    }
  }

  /**
   * A band around a line, at its abscissae.
   *
   * @param low lower edge
   * @param high upper edge
   */
  public record Band(Curve low, Curve high) {

    /**
     * Validates.
     *
     * @throws IllegalArgumentException if the edges do not have as many points
     */
    public Band {
      if (low.size() != high.size()) {
        throw new IllegalArgumentException(
            "band has " + low.size() + " lower and " + high.size() + " upper points");
      }
    }
  }
}
