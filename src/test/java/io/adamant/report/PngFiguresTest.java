package io.adamant.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.chart.Chart;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Palette;
import io.adamant.chart.PngFigures;
import io.adamant.chart.Range;
import io.adamant.stats.Curve;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

/** Figures show what the page shows. */
class PngFiguresTest {
  @TempDir Path folder;

  private List<Chart> charts() {
    StudyFixture study = StudyFixture.quickstart(folder.resolve("quickstart"));
    study.diverged("sgd", StudyFixture.config("sgd", 30, 0), 1, 120);
    return StudyReport.of(StudyData.read(List.of(study.root()))).charts();
  }

  @Test
  void everyLineIsDrawnOnceInItsColour() {
    for (Chart chart : charts()) {
      XYChart drawing = PngFigures.drawn(chart);
      List<XYSeries> lines =
          drawing.getSeriesMap().values().stream()
              .filter(s -> !s.getName().equals("frame") && !s.getName().startsWith("band "))
              .toList();
      assertThat(lines).hasSameSizeAs(chart.series());
      for (int i = 0; i < lines.size(); i++) {
        Series series = chart.series().get(i);
        assertThat(lines.get(i).getLabel()).isEqualTo(series.name());
        assertThat(lines.get(i).getXData()).containsExactly(series.line().xs());
        assertThat(lines.get(i).getYData()).containsExactly(series.line().ys());
        Color colour = lines.get(i).getLineColor();
        assertThat(new Color(colour.getRed(), colour.getGreen(), colour.getBlue()))
            .isEqualTo(Color.decode(Palette.hex(series.colour())));
      }
      long named = lines.stream().filter(XYSeries::isShowInLegend).count();
      assertThat(named).isEqualTo(chart.series().stream().map(Series::name).distinct().count());
      assertThat(drawing.getYAxisTitle()).isEqualTo(chart.y().caption());
      assertThat(drawing.getStyler().isYAxisLogarithmic()).isEqualTo(chart.y().log());
    }
  }

  @Test
  void aFigureIsAPictureWithItsColours() throws IOException {
    Chart loss = charts().get(0);
    List<Path> files = PngFigures.write(List.of(loss), folder.resolve("figures"));
    assertThat(files).containsExactly(folder.resolve("figures/validation-loss.png"));
    BufferedImage image = ImageIO.read(files.get(0).toFile());
    assertThat(image.getWidth()).isEqualTo(1200);
    for (Series series : loss.series()) {
      assertThat(pixels(image, Color.decode(Palette.hex(series.colour())))).isGreaterThan(50);
    }
  }

  @Test
  void aSinglePointIsSeen() throws IOException {
    Chart.Axis axis = new Chart.Axis("x", "", false, new Range(0, 2));
    Curve point = Curve.of(new double[] {0.5, 1}, new double[] {Double.NaN, 1});
    Series series = new Series("a", "measured", Chart.Style.SOLID, 0, point);
    Chart chart = new Chart("one", "One point", axis, axis, List.of(series));
    Path file = PngFigures.write(List.of(chart), folder).get(0);
    BufferedImage image = ImageIO.read(file.toFile()).getSubimage(80, 80, 900, 500);
    assertThat(pixels(image, Color.decode(Palette.hex(0)))).isGreaterThan(20);
  }

  @Test
  void aLongTitleStaysWithinTheFigure() throws IOException {
    Chart.Axis axis = new Chart.Axis("x", "", false, new Range(0, 2));
    Curve line = Curve.of(new double[] {0, 2}, new double[] {0, 2});
    Series series = new Series("sgd_coordinate_clip", "measured", Chart.Style.SOLID, 0, line);
    Chart chart = new Chart("long", "A title of words ".repeat(7), axis, axis, List.of(series));
    Path file = PngFigures.write(List.of(chart), folder).get(0);
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(pixels(image.getSubimage(0, 0, 18, 50), Color.WHITE)).isEqualTo(18 * 50);
    assertThat(pixels(image.getSubimage(1182, 0, 18, 50), Color.WHITE)).isEqualTo(18 * 50);
    int inked = 1164 * 50 - pixels(image.getSubimage(18, 0, 1164, 50), Color.WHITE);
    assertThat(inked).as("the title is there").isGreaterThan(500);
  }

  private static int pixels(BufferedImage image, Color colour) {
    int count = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        count += image.getRGB(x, y) == colour.getRGB() ? 1 : 0;
      }
    }
    return count;
  }
}
