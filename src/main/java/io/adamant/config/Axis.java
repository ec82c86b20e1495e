package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What varies together in a grid: one key, or several whose lists are zipped. */
sealed interface Axis {

  /** The keys that vary. */
  List<String> keys();

  /** Number of values. */
  int size();

  /** The settings of one value where all others of the point are known. */
  WrittenSettings at(int index, WrittenSettings point);

  /**
   * Values that are written out, of one key or of several that vary together.
   *
   * @param lists by key, all of one length
   */
  record Listed(Map<String, List<YamlNode.Scalar>> lists) implements Axis {
    @Override
    public List<String> keys() {
      return List.copyOf(lists.keySet());
    }

    @Override
    public int size() {
      return lists.values().iterator().next().size();
    }

    @Override
    public WrittenSettings at(int index, WrittenSettings point) {
      WrittenSettings settings = WrittenSettings.NONE;
      for (Map.Entry<String, List<YamlNode.Scalar>> list : lists.entrySet()) {
        settings = settings.overlaid(WrittenSettings.of(list.getKey(), list.getValue().get(index)));
      }
      return settings;
    }
  }

  /**
   * Values that follow from a formula and from other keys.
   *
   * @param key that varies
   * @param formula of its values
   * @param origin where it stands
   */
  record Computed(String key, Expression formula, String origin) implements Axis {
    @Override
    public List<String> keys() {
      return List.of(key);
    }

    @Override
    public int size() {
      return formula.size();
    }

    @Override
    public WrittenSettings at(int index, WrittenSettings point) {
      double value = formula.value(index, name -> number(name, point));
      if (!Double.isFinite(value)) {
        throw InputException.badValue("grid " + key, value, "a formula with finite values")
            .at(origin);
      }
      return WrittenSettings.of(key, new YamlNode.Scalar(Numbers.text(value), false, origin));
    }

    /** A name without a section means a key of the same section. */
    private double number(String name, WrittenSettings point) {
      String section = key.substring(0, key.indexOf('.') + 1);
      String full = name.indexOf('.') < 0 ? section + name : name;
      Optional<String> text = point.get(full).map(YamlNode.Scalar::text);
      if (text.isEmpty()) {
        throw new InputException(
            "%s: grid %s names %s, which is not set; expected: a key that base, arm or an earlier line of the grid sets"
                .formatted(origin, key, full));
      }
      return Numbers.parse(text.get())
          .orElseThrow(() -> InputException.badValue(full, text.get(), "a number").at(origin));
    }
  }
}
