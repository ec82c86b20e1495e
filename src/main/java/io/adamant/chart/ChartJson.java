package io.adamant.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** Charts as compact JSON for {@code page.js}: abscissae that lines share are written once. */
public final class ChartJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final MathContext DIGITS = new MathContext(6);

  private final ArrayNode abscissae = NODES.arrayNode();

  private ChartJson() {}

  /** {@code {"xs": [[..]], "charts": [..], "dark": {..}}}, safe within a script element. */
  public static String of(List<Chart> charts) {
    ChartJson json = new ChartJson();
    ArrayNode array = NODES.arrayNode();
    charts.forEach(chart -> array.add(json.chart(chart)));
    ObjectNode root = NODES.objectNode();
    root.set("xs", json.abscissae);
    root.set("charts", array);
    ObjectNode dark = root.putObject("dark");
    for (int key = Palette.NEUTRAL; key < Palette.size(); key++) {
      dark.put(Palette.hex(key), Palette.dark(key));
    }
    return inScript(root);
  }

  /** Text of a node, safe within a script element. */
  public static String inScript(JsonNode node) {
    return node.toString().replace("<", "\\u003c");
  }

  /** A number of four digits, for lines too many to read a value from. */
  public static JsonNode brief(double value) {
    return number(value, new MathContext(4));
  }

  private ObjectNode chart(Chart chart) {
    ObjectNode node = NODES.objectNode();
    node.put("id", chart.id());
    node.put("title", chart.title());
    node.set("x", axis(chart.x()));
    node.set("y", axis(chart.y()));
    ArrayNode series = node.putArray("series");
    List<Turn> turns = Turn.of(chart);
    for (int i = 0; i < turns.size(); i++) {
      ObjectNode line = series(chart.series().get(i));
      if (turns.get(i).count() > 1) {
        line.put("turn", turns.get(i).index());
        line.put("turns", turns.get(i).count());
      }
      series.add(line);
    }
    chart.heat().ifPresent(heat -> node.set("heat", heat(heat)));
    return node;
  }

  private static ObjectNode heat(Chart.Heat heat) {
    ObjectNode node = NODES.objectNode();
    heat.columns().forEach(node.putArray("columns")::add);
    heat.rows().forEach(node.putArray("rows")::add);
    span(node, heat.range());
    ArrayNode cells = node.putArray("cells");
    for (int row = 0; row < heat.rows().size(); row++) {
      for (int column = 0; column < heat.columns().size(); column++) {
        Chart.Heat.Cell cell = heat.cells().get(row).get(column);
        cells.addArray().add(column).add(row).add(number(cell.value())).add(cell.label());
      }
    }
    return node;
  }

  private static ObjectNode axis(Axis axis) {
    ObjectNode node = NODES.objectNode();
    node.put("caption", axis.caption());
    node.put("log", axis.log());
    axis.range().ifPresent(range -> span(node, range));
    return node;
  }

  private static void span(ObjectNode node, Range range) {
    node.set("min", number(range.low()));
    node.set("max", number(range.high()));
  }

  private ObjectNode series(Series series) {
    ObjectNode node = NODES.objectNode();
    node.put("name", series.name());
    node.put("meaning", series.meaning());
    node.put("style", series.style().word());
    node.put("colour", Palette.hex(series.colour()));
    node.put("faint", series.faint());
    node.put("level", series.colour() == Palette.NEUTRAL);
    node.put("x", shared(numbers(series.line().xs())));
    node.set("y", numbers(series.line().ys()));
    series
        .band()
        .ifPresent(
            band -> {
              node.set("low", numbers(band.low().ys()));
              node.set("high", numbers(band.high().ys()));
            });
    return node;
  }

  /** Index of an array of abscissae. */
  private int shared(ArrayNode xs) {
    for (int i = 0; i < abscissae.size(); i++) {
      if (abscissae.get(i).equals(xs)) {
        return i;
      }
    }
    abscissae.add(xs);
    return abscissae.size() - 1;
  }

  private static ArrayNode numbers(double[] values) {
    ArrayNode array = NODES.arrayNode();
    for (double value : values) {
      array.add(number(value));
    }
    return array;
  }

  /** Six digits are more than a screen shows; whole numbers are exact. */
  public static JsonNode number(double value) {
    return number(value, DIGITS);
  }

  private static JsonNode number(double value, MathContext digits) {
    if (!Double.isFinite(value)) {
      return NODES.nullNode();
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? NODES.numberNode((long) value)
        : NODES.numberNode(new BigDecimal(value).round(digits).stripTrailingZeros());
  }
}
