package io.adamant.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The fields that there are, for a message about one that is not. */
final class FieldNames {
  private static final int SHOWN = 12;

  private FieldNames() {}

  /** The fields of an object, those of objects in it with dots. */
  static List<String> of(JsonNode object) {
    List<String> names = new ArrayList<>();
    collect("", object, names);
    return names;
  }

  private static void collect(String prefix, JsonNode object, List<String> names) {
    object
        .properties()
        .forEach(
            field -> {
              String name = prefix + field.getKey();
              if (field.getValue().isObject() && !field.getValue().isEmpty()) {
                collect(name + ".", field.getValue(), names);
              } else {
                names.add(name);
              }
            });
  }

  /** The first of them on one line. */
  static String shown(List<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    String first = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    String line = first.replaceAll("\\p{Cntrl}", "?");
    return names.size() > SHOWN ? line + " and others" : line;
  }
}
