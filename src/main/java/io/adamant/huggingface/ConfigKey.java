package io.adamant.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * One fact that {@code config.json} and the model section both state, or one of them implies: read
 * from the one into the other and back.
 *
 * <p>The model section is a map of its keys, {@code kv_heads} and {@code head_width} always as
 * numbers.
 */
interface ConfigKey {

  /** Adds to the model section. */
  void read(ConfigReader json, Map<String, Object> model);

  /**
   * Adds to {@code config.json}.
   *
   * @throws InputException if the model has what the layout cannot say, naming the model's key
   */
  void write(Map<String, Object> model, ObjectNode json, String layout);

  /** A whole number that has to be there. */
  static ConfigKey whole(String foreign, String own) {
    return whole(
        foreign,
        own,
        model -> {
          throw new NoDefault();
        });
  }

  /** A whole number; where it is absent, it follows from the model section as read before. */
  static ConfigKey whole(
      String foreign, String own, Function<Map<String, Object>, Integer> absent) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        try {
          model.put(own, json.whole(foreign).orElseGet(() -> absent.apply(model)));
        } catch (NoDefault e) {
          throw json.missing(foreign);
        }
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {
        json.put(foreign, (Integer) model.get(own));
      }
    };
  }

  /** Says that a key must be there. */
  final class NoDefault extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A number. */
  static ConfigKey number(String foreign, String own, double absent) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        model.put(own, json.number(foreign).orElse(absent));
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {
        json.put(foreign, (Double) model.get(own));
      }
    };
  }

  /** A switch there that stands for one or several here. */
  static ConfigKey flag(String foreign, boolean absent, String... own) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        boolean value = json.flag(foreign).orElse(absent);
        for (String key : own) {
          model.put(key, value);
        }
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {
        for (String key : own) {
          require(model, key, model.get(own[0]), layout);
        }
        json.put(foreign, (Boolean) model.get(own[0]));
      }
    };
  }

  /** A word of a list of pairs, the words there and here; the first for a word is written. */
  static ConfigKey word(String foreign, String absent, String own, List<List<String>> pairs) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        String found = json.get(foreign).map(JsonNode::asText).orElse(absent);
        model.put(
            own,
            pairs.stream()
                .filter(pair -> pair.get(0).equals(found))
                .map(pair -> pair.get(1))
                .findFirst()
                .orElseThrow(
                    () ->
                        json.bad(
                            foreign,
                            found,
                            String.join(", ", pairs.stream().map(pair -> pair.get(0)).toList()))));
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {
        String value = String.valueOf(model.get(own));
        json.put(
            foreign,
            pairs.stream()
                .filter(pair -> pair.get(1).equals(value))
                .map(pair -> pair.get(0))
                .findFirst()
                .orElseThrow(
                    () ->
                        refused(
                            own,
                            value,
                            String.join(
                                ", ", pairs.stream().map(pair -> pair.get(1)).distinct().toList()),
                            layout)));
      }
    };
  }

  /** What every model of a layout has here, and its configuration does not say. */
  static ConfigKey always(String own, Object value) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        model.put(own, value);
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {
        require(model, own, value, layout);
      }
    };
  }

  /** A key that has one value wherever it is written. */
  static ConfigKey only(String foreign, boolean value) {
    return new ConfigKey() {
      @Override
      public void read(ConfigReader json, Map<String, Object> model) {
        boolean found = json.flag(foreign).orElse(value);
        if (found != value) {
          throw json.bad(foreign, found, value + ", or absent");
        }
      }

      @Override
      public void write(Map<String, Object> model, ObjectNode json, String layout) {}
    };
  }

  /** Refuses a model whose switch is not what a layout has. */
  static void require(Map<String, Object> model, String own, Object value, String layout) {
    if (!Objects.equals(model.get(own), value)) {
      throw refused(own, model.get(own), String.valueOf(value), layout);
    }
  }

  /** The layout cannot express a value. */
  static InputException refused(String own, Object found, String allowed, String layout) {
    return InputException.badValue(
        "model." + own, found, "%s in the layout %s".formatted(allowed, layout));
  }
}
