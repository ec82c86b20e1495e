package io.adamant.lab;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.lab.LabPoint.Compared;
import io.adamant.lab.LabPoint.Measured;
import io.adamant.theory.Formula;
import java.math.BigDecimal;

/**
 * What a laboratory command found, as JSON: an object a point with one key a formula, {@code
 * {"quantity": "update-rms", "inputs": {..}, "mean_field": 0.229, .., "about": {"mean_field":
 * {..}}}}; an array of them where an input varies. An infinite value is written {@code "Infinity"}.
 */
public final class LabJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private LabJson() {}

  /** JSON with a line end. */
  public static String of(Lab lab) {
    ArrayNode points = NODES.arrayNode();
    lab.points().forEach(point -> points.add(point(lab, point)));
    return (lab.varied().isEmpty() ? points.get(0) : points).toPrettyString() + "\n";
  }

  private static ObjectNode point(Lab lab, LabPoint point) {
    ObjectNode node = NODES.objectNode();
    node.put("quantity", lab.quantity());
    ObjectNode inputs = node.putObject("inputs");
    point.inputs().forEach((name, text) -> input(inputs, name, text));
    point.formulas().forEach(c -> node.put(c.formula().key(), c.formula().value()));
    if (!point.simulated().isEmpty()) {
      ObjectNode simulated = node.putObject("simulated");
      point.simulated().forEach(m -> measured(simulated.putObject(m.key()), m));
    }
    ObjectNode about = node.putObject("about");
    point.formulas().forEach(c -> about(about.putObject(c.formula().key()), c));
    return node;
  }

  private static void input(ObjectNode inputs, String name, String text) {
    try {
      BigDecimal number = new BigDecimal(text);
      inputs.put(name, number);
    } catch (NumberFormatException e) {
      inputs.put(name, text);
    }
  }

  private static void measured(ObjectNode node, Measured m) {
    node.put("value", m.value());
    node.put("half_width_95", m.halfWidth());
    node.put("title", m.title());
  }

  private static void about(ObjectNode node, Compared compared) {
    Formula f = compared.formula();
    node.put("title", f.title());
    node.put("unit", f.unit().word());
    compared.measured().ifPresent(m -> node.put("against", m.key()));
    compared.relativeError().ifPresent(e -> node.put("relative_error", e));
    node.put("stated_error", f.statedError());
    node.put("validity", f.validity());
    node.put("source", f.source());
  }
}
