package io.adamant.chart;

import io.adamant.chart.Chart.Heat;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/** Coloured cells drawn with XChart, each with its value. */
final class PngHeat {
  private PngHeat() {}

  static HeatMapChart drawn(Chart chart) {
    Heat heat = chart.heat().orElseThrow();
    HeatMapChart drawing =
        new HeatMapChartBuilder()
            .width(PngFigures.WIDTH)
            .height(PngFigures.HEIGHT)
            .title(chart.title())
            .xAxisTitle(chart.x().caption())
            .yAxisTitle(chart.y().caption())
            .build();
    HeatMapStyler style = drawing.getStyler();
    PngFigures.style(style, chart.title());
    style.setPlotContentSize(1);
    style.setShowValue(true);
    style.setValueFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    style.setValueFontColor(Color.BLACK);
    style.setHeatMapValueDecimalPattern("0.###;0.##"); // shares of diverged seeds are negative
    style.setLegendVisible(false); // each cell says its value
    style.setMin(heat.range().low());
    style.setMax(heat.range().high());
    style.setRangeColors(Palette.SCALE.stream().map(Color::decode).toArray(Color[]::new));
    List<Number[]> cells = new ArrayList<>();
    for (int row = 0; row < heat.rows().size(); row++) {
      for (int column = 0; column < heat.columns().size(); column++) {
        double value = heat.cells().get(row).get(column).value();
        if (Double.isFinite(value)) {
          cells.add(new Number[] {column, row, value});
        }
      }
    }
    drawing.addSeries("value", heat.columns(), heat.rows(), cells);
    return drawing;
  }
}
