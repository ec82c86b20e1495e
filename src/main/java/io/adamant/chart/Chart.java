package io.adamant.chart;

import io.adamant.stats.Curve;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A chart of lines, or of coloured cells, independent of who draws it: {@link ChartPage} with
 * ECharts, {@link PngFigures} with XChart, from the same content.
 *
 * <p>On a logarithmic axis a value of 0 or below cannot be drawn: it is taken as missing.
 *
 * @param id names the chart within its report and its PNG file: lower-case letters, digits, -
 * @param title what is shown
 * @param x horizontal axis
 * @param y vertical axis
 * @param series the lines; where two overlap the later one is on top
 * @param notes what the chart says, in plain sentences below its title
 * @param heat cells instead of lines
 */
public record Chart(
    String id,
    String title,
    Axis x,
    Axis y,
    List<Series> series,
    List<String> notes,
    Optional<Heat> heat) {
  /** Meaning of a line whose few points are marked, since its segments only guide the eye. */
  public static final String POINTS = "mean over seeds";

  /** A chart of lines without notes. */
  public Chart(String id, String title, Axis x, Axis y, List<Series> series) {
    this(id, title, x, y, series, List.of());
  }

  /** A chart of lines. */
  public Chart(String id, String title, Axis x, Axis y, List<Series> series, List<String> notes) {
    this(id, title, x, y, series, notes, Optional.empty());
  }

  /** A chart of cells with the meaning of its columns, such as {@code beta2}, and of its rows. */
  public static Chart of(String id, String title, String x, String y, Heat heat) {
    Axis columns = new Axis(x, "", false, Optional.empty());
    Axis rows = new Axis(y, "", false, Optional.empty());
    return new Chart(id, title, columns, rows, List.of(), List.of(), Optional.of(heat));
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
    series = series.stream().map(line -> line.closed(y)).map(s -> log ? s.positive() : s).toList();
    notes = List.copyOf(notes);
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
    /** An axis that does not leave its range to the data. */
    public Axis(String label, String unit, boolean log, Range range) {
      this(label, unit, log, Optional.of(range));
    }

    /** Label and unit, for example {@code loss (nats per token)}. */
    public String caption() {
      return unit.isEmpty() ? label : label + " (" + unit + ")";
    }
  }

  /** How a line is drawn, which says what it is. */
  public enum Style {
    /** What was measured. */
    SOLID,
    /** What a theory predicts from other measurements; the loss of averaged weights. */
    DASHED,
    /** What comes from gradients that the optimizer did not see or does not remember. */
    DASH_DOTTED,
    /** What needs no measurement: parameter-free predictions and fixed levels. */
    DOTTED;

    /** Its name as texts have it, such as {@code dash-dotted}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
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

    /** A line that is no background and has no band. */
    public Series(String name, String meaning, Style style, int colour, Curve line) {
      this(name, meaning, style, colour, false, line, Optional.empty());
    }

    /** The same under another name. */
    Series named(String newName) {
      return new Series(newName, meaning, style, colour, faint, line, band);
    }

    /** The same as the background of another line. */
    public Series behind() {
      return new Series(name, meaning, style, colour, true, line, band);
    }

    /** The same through other points. */
    public Series through(Curve newLine) {
      return new Series(name, meaning, style, colour, faint, newLine, band);
    }

    /** The same in a band. */
    public Series within(Curve low, Curve high) {
      return within(Optional.of(new Band(low, high)));
    }

    /** The same in a band, if there is one. */
    public Series within(Optional<Band> newBand) {
      return new Series(name, meaning, style, colour, faint, line, newBand);
    }

    /** Whether it has no point to draw. */
    public boolean blank() {
      return line.blank();
    }

    /** With a band that ends at the axis where an edge has no value or cannot be drawn. */
    Series closed(Axis y) {
      if (band.isEmpty() || y.range().isEmpty()) {
        return this;
      }
      Range range = y.range().get();
      double bottom = y.log() ? range.low() : Double.NEGATIVE_INFINITY;
      double[] lows = band.get().low().ys();
      double[] highs = band.get().high().ys();
      for (int i = 0; i < lows.length; i++) {
        if (i < line.size() && Double.isFinite(line.y(i))) {
          lows[i] = Double.isNaN(lows[i]) || lows[i] < bottom ? range.low() : lows[i];
          highs[i] = Double.isNaN(highs[i]) ? range.high() : highs[i];
        }
      }
      double[] x = band.get().low().xs();
      return within(Curve.of(x, lows), Curve.of(x, highs));
    }

    Series positive() {
      return through(onlyPositive(line))
          .within(band.map(b -> new Band(onlyPositive(b.low()), onlyPositive(b.high()))));
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
