package io.adamant.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/**
 * Attention that sees the last tokens only. Where the window is as long as the context it hides
 * nothing; a shorter one is refused.
 *
 * @param switched whether {@code use_sliding_window} has to be true for it to count
 */
record WindowKeys(boolean switched) implements ConfigKey {

  /** Where the length of a window is kept until the context is known. */
  static final String WINDOW = " window";

  @Override
  public void read(ConfigReader json, Map<String, Object> model) {
    Optional<Integer> window = json.whole("sliding_window");
    boolean used = json.flag("use_sliding_window").orElse(!switched);
    double full = switched ? json.number("max_window_layers").orElse(Double.MAX_VALUE) : 0;
    boolean some = used && full < (Integer) model.get("layers");
    Optional<JsonNode> types = json.get("layer_types");
    if (types.isPresent()) {
      some = false;
      for (JsonNode type : types.get()) {
        if (type.asText().equals("sliding_attention")) {
          some = true;
        } else if (!type.asText().equals("full_attention")) {
          throw json.bad("layer_types", type.asText(), "full_attention");
        }
      }
    }
    if (some && window.isPresent()) {
      model.put(WINDOW, window.get());
    }
  }

  @Override
  public void write(Map<String, Object> model, ObjectNode json, String layout) {}
}
