package io.adamant.lab;

import io.adamant.lab.LabPoint.Compared;
import io.adamant.simulate.Measurement;
import io.adamant.theory.Formula;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a laboratory command found, as JSON: an object a point with one key a formula, {@code
 * {"quantity": "update-rms", "inputs": {..}, "mean_field": 0.229, .., "about": {"mean_field":
 * {..}}}}; an array of them where an input varies. An infinite value is written {@code "Infinity"}.
 */
final class LabJson {
  private LabJson() {}

  static Object of(Lab lab) {
    List<Map<String, Object>> points = lab.points().stream().map(p -> point(lab, p)).toList();
    return lab.varied().isEmpty() ? points.get(0) : points;
  }

  private static Map<String, Object> point(Lab lab, LabPoint point) {
    Map<String, Object> node = new LinkedHashMap<>();
    Map<String, Object> inputs = new LinkedHashMap<>();
    Map<String, Object> simulated = new LinkedHashMap<>();
    Map<String, Object> about = new LinkedHashMap<>();
    point.inputs().forEach((name, text) -> inputs.put(name, input(text)));
    point.simulated().forEach(m -> simulated.put(m.key(), measured(m)));
    node.put("quantity", lab.quantity());
    node.put("inputs", inputs);
    for (Compared compared : point.formulas()) {
      node.put(compared.formula().key(), compared.formula().value());
      about.put(compared.formula().key(), about(compared));
    }
    if (!simulated.isEmpty()) {
      node.put("simulated", simulated);
    }
    node.put("about", about);
    return node;
  }

  private static Object input(String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static Map<String, Object> measured(Measurement m) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("value", m.value());
    node.put("half_width_95", m.halfWidth());
    node.put("title", m.title());
    return node;
  }

  private static Map<String, Object> about(Compared compared) {
    Formula f = compared.formula();
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("title", f.title());
    node.put("unit", f.unit().word());
    compared.measured().ifPresent(m -> node.put("against", m.key()));
    compared.relativeError().ifPresent(e -> node.put("relative_error", e));
    node.put("stated_error", f.statedError());
    node.put("validity", f.validity());
    node.put("source", f.source());
    return node;
  }
}
