package io.adamant.cli;

import io.adamant.base.Json;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.OptimizerSetting;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Optimizers as text for a person and as JSON for a program. */
final class OptimizerListing {

  private OptimizerListing() {}

  static String text(List<OptimizerDefinition> optimizers) {
    StringBuilder text = new StringBuilder();
    Set<OptimizerSetting> shared = new LinkedHashSet<>();
    for (OptimizerDefinition optimizer : optimizers) {
      text.append(text(optimizer)).append(System.lineSeparator());
      shared.addAll(optimizer.sharedSettings());
    }
    text.append(
        "Settings of every optimizer; momentum and slow_... of those with an average gradient, others..."
            + " of those on matrices:%n".formatted());
    shared.forEach(setting -> setting(text, setting));
    return text.toString();
  }

  private static String text(OptimizerDefinition optimizer) {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n".formatted(optimizer.type(), optimizer.title()));
    line(text, "formula", optimizer.formula());
    line(text, "source", optimizer.source());
    line(
        text,
        "state",
        optimizer.states().isEmpty() ? "none" : String.join(", ", optimizer.states()));
    optimizer.hyperparameters().forEach(setting -> setting(text, setting));
    return text.toString();
  }

  private static void setting(StringBuilder text, OptimizerSetting setting) {
    String value = setting.name() + " = " + setting.defaultValue();
    line(text, "setting", "%-26s  %s; %s".formatted(value, setting.meaning(), setting.allowed()));
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("  %-8s %s%n".formatted(name, value));
  }

  static String json(List<OptimizerDefinition> optimizers) {
    return Json.pretty(optimizers.stream().map(OptimizerListing::fields).toList());
  }

  private static Map<String, Object> fields(OptimizerDefinition optimizer) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", optimizer.type());
    fields.put("title", optimizer.title());
    fields.put("formula", optimizer.formula());
    fields.put("source", optimizer.source());
    fields.put("state", optimizer.states());
    fields.put(
        "settings",
        Stream.concat(optimizer.hyperparameters().stream(), optimizer.sharedSettings().stream())
            .map(OptimizerListing::fields)
            .toList());
    return fields;
  }

  private static Map<String, Object> fields(OptimizerSetting setting) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", setting.name());
    fields.put("default", setting.defaultValue());
    fields.put("allowed", setting.allowed());
    fields.put("meaning", setting.meaning());
    return fields;
  }
}
