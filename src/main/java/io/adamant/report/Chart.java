package io.adamant.report;

import java.util.List;
import java.util.Optional;

/**
 * A chart of lines, or of coloured cells, independent of who draws it: {@link HtmlReport} with
 * ECharts, {@link PngFigures} with XChart, from the same content.
 *
 * <p>On a logarithmic axis a value of 0 or below cannot be drawn: it is taken as missing.
 *
 * @param id names the chart within its report and its PNG file: lower-case letters, digits, -
 * @param title what is shown
 * @param x horizontal axis
 * @param y vertical axis
 * @param series the lines; where two overlap the later one is on top
 * @param heat cells instead of lines
 */
public record Chart(
    String id, String title, Axis x, Axis y, List<Series> series, Optional<Heat> heat) {
  /** Meaning of a line whose few points are marked, since its segments only guide the eye. */
  public static final String POINTS = "mean over seeds";

  /**
   * A chart of lines.
   *
   * @param id as above
   * @param title what is shown
   * @param x horizontal axis
   * @param y vertical axis
   * @param series the lines
   */
  public Chart(String id, String title, Axis x, Axis y, List<Series> series) {
    this(id, title, x, y, series, Optional.empty());
  }

  /**
   * A chart of cells.
   *
   * @param id as above
   * @param title what is shown
   * @param x what the columns are, such as {@code beta2}
   * @param y what the rows are
   * @param heat the cells
   * @return the chart
   */
  public static Chart of(String id, String title, String x, String y, Heat heat) {
    return new Chart(
        id,
        title,
        new Axis(x, "", false, Optional.empty()),
        new Axis(y, "", false, Optional.empty()),
        List.of(),
        Optional.of(heat));
  }

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

  /**
   * Coloured cells: the lower a value the darker.
   *
   * @param columns names, left to right
   * @param rows names, from below
   * @param cells by row, by column
   * @param range what the colours span; values beyond it have the colour of its end
   */
  public record Heat(List<String> columns, List<String> rows, List<List<Cell>> cells, Range range) {

    /**
     * Validates.
     *
     * @throws IllegalArgumentException if there are not as many cells as rows and columns need
     */
    public Heat {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
      cells = cells.stream().map(List::copyOf).toList();
      int width = columns.size();
      if (cells.size() != rows.size() || cells.stream().anyMatch(row -> row.size() != width)) {
        throw new IllegalArgumentException(
            "cells are not " + rows.size() + " rows of " + width + " columns");
      }
    }

    /**
     * A cell.
     *
     * @param value that gives it its colour; NaN leaves it grey
     * @param label what stands in it, may be empty
     */
    public record Cell(double value, String label) {}
  }
}
