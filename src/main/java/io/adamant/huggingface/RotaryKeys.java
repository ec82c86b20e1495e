package io.adamant.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rotary positions in {@code config.json}: {@code rope_theta} and {@code rope_scaling} as
 * transformers 4 has them, or {@code rope_parameters} as transformers 5 has both in one. GPT-NeoX
 * has a base and a fraction of names of its own.
 *
 * @param base the key of the base
 * @param fraction the key of the rotated fraction of a head; empty if all of it is
 */
record RotaryKeys(String base, Optional<String> fraction) implements ConfigKey {

  private static final String SCALING = "rope_scaling";
  private static final String PARAMETERS = "rope_parameters";
  private static final String PARTIAL = "partial_rotary_factor";
  private static final Set<String> TYPE = Set.of("rope_type", "type");

  /** Keys of Llama 3's scaling, there and here. */
  private static final List<List<String>> LLAMA3 =
      List.of(
          List.of("factor", "rotary_factor"),
          List.of("low_freq_factor", "rotary_low_freq"),
          List.of("high_freq_factor", "rotary_high_freq"),
          List.of("original_max_position_embeddings", "rotary_trained_context"));

  @Override
  public void read(ConfigReader json, Map<String, Object> model) {
    model.put("positions", "rotary");
    Optional<JsonNode> parameters = json.get(PARAMETERS);
    model.put(
        "rotary_base",
        parameters
            .flatMap(object -> json.number(PARAMETERS, object, "rope_theta"))
            .or(() -> json.number(base))
            .orElse(10_000.0));
    json.number(base); // understood where the parameters hold it too
    // A key of models that rotate a part; 1 in others.
    Optional<Double> partial =
        parameters
            .flatMap(object -> json.number(PARAMETERS, object, PARTIAL))
            .or(() -> json.number(PARTIAL));
    double rotated =
        partial.or(() -> fraction.flatMap(json::number)).orElse(fraction.isPresent() ? 0.25 : 1);
    fraction.ifPresent(json::number);
    if (fraction.isEmpty() && rotated != 1) {
      throw json.bad(PARTIAL, rotated, "1, or absent, in this architecture");
    }
    model.put("rotary", rotated);
    model.put("rotary_factor", 1.0);
    parameters.ifPresent(object -> scaling(PARAMETERS, object, json, model));
    json.get(SCALING).ifPresent(object -> scaling(SCALING, object, json, model));
  }

  private static void scaling(
      String key, JsonNode object, ConfigReader json, Map<String, Object> model) {
    String type =
        TYPE.stream()
            .map(name -> object.path(name).asText(""))
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse("default");
    Set<String> rest = new TreeSet<>();
    object.fieldNames().forEachRemaining(rest::add);
    rest.removeAll(TYPE);
    if (key.equals(PARAMETERS)) {
      rest.removeAll(Set.of("rope_theta", PARTIAL));
    }
    if (type.equals("llama3")) {
      for (List<String> pair : LLAMA3) {
        double value =
            json.number(key, object, pair.get(0))
                .orElseThrow(() -> json.missing(key + "." + pair.get(0)));
        boolean whole = pair.get(1).equals("rotary_trained_context");
        model.put(pair.get(1), whole ? (Object) (int) value : (Object) value);
        rest.remove(pair.get(0));
      }
    } else if (!type.equals("default")) {
      throw json.bad(key, type, "llama3 or default");
    }
    if (!rest.isEmpty()) {
      throw json.bad(key + "." + rest.iterator().next(), object, "no such key in type " + type);
    }
  }

  @Override
  public void write(Map<String, Object> model, ObjectNode json, String layout) {
    ConfigKey.require(model, "positions", "rotary", layout);
    json.put(base, (Double) model.get("rotary_base"));
    if (fraction.isPresent()) {
      json.put(fraction.get(), (Double) model.get("rotary"));
      ConfigKey.require(model, "rotary_factor", 1.0, layout);
    } else {
      ConfigKey.require(model, "rotary", 1.0, layout);
      ObjectNode scaling = model.get("rotary_factor").equals(1.0) ? null : json.putObject(SCALING);
      if (scaling != null) {
        scaling.put("rope_type", "llama3");
        LLAMA3.forEach(pair -> scaling.putPOJO(pair.get(0), model.get(pair.get(1))));
      }
    }
  }
}
