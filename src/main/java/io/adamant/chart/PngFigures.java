package io.adamant.chart;

import io.adamant.base.DurableFiles;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Band;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Chart.Style;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.knowm.xchart.style.theme.XChartTheme;

/** The charts of a report as PNG files, drawn with XChart. */
public final class PngFigures {
  static final int WIDTH = 1200;
  static final int HEIGHT = 720;
  private static final double TITLE = 0.8 * WIDTH;
  private static final float LINE = 2.4f;
  private static final int FAINT = 60;
  private static final int BAND = 40;
  private static final int OPAQUE = 255;

  /** A line in the legend is a little longer. */
  private static final float SWATCH = 22;

  /** Meanings of lines whose points are marked; the segments only guide the eye. */
  private static final Set<String> MARKED = Set.of(Chart.POINTS, "trained");

  private PngFigures() {}

  /** Writes every chart to {@code <id>.png} and returns the files in the order of the charts. */
  public static List<Path> write(List<Chart> charts, Path directory) {
    return charts.stream()
        .map(chart -> DurableFiles.write(directory.resolve(chart.id() + ".png"), png(chart)))
        .toList();
  }

  private static byte[] png(Chart chart) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      BitmapEncoder.saveBitmap(
          chart.heat().isPresent() ? PngHeat.drawn(chart) : drawn(chart), bytes, BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot draw " + chart.id(), e);
    }
    return bytes.toByteArray();
  }

  public static XYChart drawn(Chart chart) {
    XYChart drawing =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(chart.title())
            .xAxisTitle(chart.x().caption() + meanings(chart))
            .yAxisTitle(chart.y().caption())
            .build();
    style(drawing, chart);
    chart.x().range().ifPresent(range -> addFrame(drawing, range));
    List<Turn> turns = Turn.of(chart);
    for (int i = 0; i < chart.series().size(); i++) {
      Series series = chart.series().get(i);
      series.band().ifPresent(band -> addBand(drawing, band, series.colour()));
      if (!series.line().blank()) {
        addLine(drawing, series, series.name() + " " + i, turns.get(i), inLegend(chart, series));
      }
    }
    return drawing;
  }

  /** What charts of lines and of cells share. */
  static void style(AxesChartStyler style, String title) {
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(new Color(0xE5E7EB));
    style.setChartTitleBoxVisible(false);
    style.setChartTitleFont(titleFont(title));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    style.setLegendBorderColor(Color.WHITE);
    style.setChartPadding(18);
  }

  /**
   * XChart centres a title over the plot and cuts off what a legend beside it leaves no room for.
   */
  static Font titleFont(String title) {
    Font font = new Font(Font.SANS_SERIF, Font.BOLD, 20);
    double width = font.getStringBounds(title, new FontRenderContext(null, true, true)).getWidth();
    return width > TITLE ? font.deriveFont((float) (font.getSize() * TITLE / width)) : font;
  }

  private static void style(XYChart drawing, Chart chart) {
    XYStyler style = drawing.getStyler();
    style.setTheme(new XChartTheme());
    style(style, chart.title());
    style.setLegendPosition(LegendPosition.OutsideE);
    style.setXAxisTickMarkSpacingHint(100);
    style.setXAxisMaxLabelCount(12);
    style.setPlotContentSize(0.98);
    style.setAxisTickPadding(8);
    style.setLocale(Locale.ROOT);
    style.setXAxisLogarithmic(chart.x().log());
    style.setYAxisLogarithmic(chart.y().log());
    if (!chart.x().log()) {
      style.setxAxisTickLabelsFormattingFunction(PngFigures::tick);
    }
    if (!chart.y().log()) {
      style.setyAxisTickLabelsFormattingFunction(PngFigures::tick);
    }
    span(chart.x())
        .ifPresent(
            range -> {
              style.setXAxisMin(range.low());
              style.setXAxisMax(range.high());
            });
    span(chart.y())
        .ifPresent(
            range -> {
              style.setYAxisMin(range.low());
              style.setYAxisMax(range.high());
            });
  }

  /** XChart's own writes .09 below 0.1. */
  private static String tick(double value) {
    return Digits.shortest(value, 6);
  }

  private static Optional<Range> span(Axis axis) {
    return axis.range().map(range -> axis.log() ? decades(range) : range);
  }

  /** At least two powers of ten, the only ticks of a logarithmic axis that XChart labels. */
  private static Range decades(Range range) {
    double low = Math.ceil(Math.log10(range.low()) - 1e-9);
    double high = Math.floor(Math.log10(range.high()) + 1e-9);
    if (high > low) {
      return range;
    }
    if (high < low) {
      return new Range(Math.pow(10, high), Math.pow(10, low));
    }
    double upwards = Math.pow(10, high + 1);
    double downwards = Math.pow(10, low - 1);
    return upwards / range.high() < range.low() / downwards
        ? new Range(range.low(), upwards)
        : new Range(downwards, range.high());
  }

  /**
   * An invisible line with uneven abscissae: XChart ticks evenly spaced data at multiples of their
   * spacing, such as every 11 steps, and anything else at round numbers.
   */
  private static void addFrame(XYChart drawing, Range range) {
    double uneven = range.low() + (range.high() - range.low()) / 700;
    double[] x = {range.low(), uneven, range.high()};
    XYSeries frame =
        drawing.addSeries("frame", x, new double[] {Double.NaN, Double.NaN, Double.NaN});
    frame.setMarker(SeriesMarkers.NONE);
    frame.setShowInLegend(false);
  }

  private static void addLine(
      XYChart drawing, Series series, String id, Turn turn, boolean inLegend) {
    XYSeries line = drawing.addSeries(id, series.line().xs(), series.line().ys());
    line.setLabel(series.name());
    boolean alone = Statistics.present(series.line()).length == 1;
    boolean dots = isDots(series);
    boolean marked = MARKED.contains(series.meaning());
    line.setMarker(alone || dots || marked ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    line.setMarkerColor(colour(series.colour(), OPAQUE));
    line.setLineColor(colour(series.colour(), series.faint() ? FAINT : OPAQUE));
    line.setLineStyle(
        dots ? SeriesLines.NONE : stroke(series.style(), series.faint() ? LINE / 2 : LINE, turn));
    line.setShowInLegend(inLegend);
  }

  /** A few simulated points are dots, so that a formula through them stays visible. */
  static boolean isDots(Series series) {
    return series.meaning().equals("simulated") && series.line().size() <= 60;
  }

  private static String drawnAs(Series series) {
    return isDots(series) ? "dots" : series.style().word();
  }

  /** The legend names each arm once, by its line of the foremost style. */
  private static boolean inLegend(Chart chart, Series series) {
    Style foremost =
        chart.series().stream()
            .filter(other -> other.name().equals(series.name()) && !other.line().blank())
            .map(Series::style)
            .min(Comparator.naturalOrder())
            .orElseThrow();
    return !series.faint() && series.style() == foremost;
  }

  /** A polygon: along the upper edge and back along the lower one. */
  private static void addBand(XYChart drawing, Band band, int colour) {
    List<double[]> points = new ArrayList<>();
    int n = band.low().size();
    IntStream.range(0, n).forEach(i -> add(points, band.high(), i));
    IntStream.range(0, n).forEach(i -> add(points, band.low(), n - 1 - i));
    if (points.size() < 3) {
      return;
    }
    XYSeries area =
        drawing.addSeries(
            "band " + drawing.getSeriesMap().size(),
            points.stream().mapToDouble(p -> p[0]).toArray(),
            points.stream().mapToDouble(p -> p[1]).toArray());
    area.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    area.setFillColor(colour(colour, BAND));
    area.setLineColor(colour(colour, 0));
    area.setMarker(SeriesMarkers.NONE);
    area.setShowInLegend(false);
  }

  private static void add(List<double[]> points, Curve edge, int i) {
    if (Double.isFinite(edge.y(i))) {
      points.add(new double[] {edge.x(i), edge.y(i)});
    }
  }

  private static BasicStroke stroke(Style style, float width, Turn turn) {
    float[] dashes =
        switch (style) {
          case SOLID -> new float[] {1, 0};
          case DASHED -> new float[] {9, 6};
          case DASH_DOTTED -> new float[] {9, 4, 2, 4};
          case DOTTED -> new float[] {2, 5};
        };
    float phase = 0;
    if (turn.count() > 1) {
      float dash = Math.min(style == Style.DOTTED ? 4 : 9, SWATCH / turn.count());
      dashes = new float[] {dash, dash * (turn.count() - 1)};
      phase = dash * turn.index();
    }
    return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, phase);
  }

  private static Color colour(int key, int alpha) {
    Color opaque = Color.decode(Palette.hex(key));
    return new Color(opaque.getRed(), opaque.getGreen(), opaque.getBlue(), alpha);
  }

  /** What the line styles mean, since the legend names the arms only. */
  private static String meanings(Chart chart) {
    List<String> meanings =
        chart.series().stream()
            .filter(series -> !series.faint() && series.colour() != Palette.NEUTRAL)
            .sorted(Comparator.comparing(Series::style))
            .map(s -> drawnAs(s) + ": " + s.meaning())
            .distinct()
            .toList();
    return meanings.size() < 2 ? "" : "   (" + String.join(", ", meanings) + ")";
  }
}
