package io.adamant.config;

import io.adamant.base.InputException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A section of a run: a record whose components are its keys. A section whose last component is a
 * map is open: keys that are not its own, such as an optimizer's settings, go there.
 *
 * @param <R> the record
 */
final class ConfigSection<R extends Record> {
  private final String prefix;
  private final Class<R> type;
  private final List<KeySpec> keys;
  private final boolean open;

  private ConfigSection(String prefix, Class<R> type, List<KeySpec> keys, boolean open) {
    this.prefix = prefix;
    this.type = type;
    this.keys = keys;
    this.open = open;
  }

  /**
   * The section of a record.
   *
   * @param prefix what stands before its keys, such as {@code training.}
   */
  static <R extends Record> ConfigSection<R> of(String prefix, Class<R> type) {
    List<RecordComponent> components = Records.components(type);
    boolean open = components.get(components.size() - 1).getType() == Map.class;
    List<KeySpec> keys =
        components.stream()
            .filter(component -> component.getType() != Map.class)
            .map(component -> KeySpec.of(prefix, component))
            .toList();
    return new ConfigSection<>(prefix, type, keys, open);
  }

  /** The section that an empty configuration has. */
  static <R extends Record> R defaults(String name, Class<R> type) {
    return of(name + ".", type).read(WrittenSettings.NONE);
  }

  List<KeySpec> keys() {
    return keys;
  }

  List<String> names() {
    return keys.stream().map(KeySpec::name).toList();
  }

  /** The record that settings describe, completed with defaults. */
  R read(WrittenSettings settings) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (KeySpec key : keys) {
      Object value =
          settings
              .get(key.dotted())
              .map(scalar -> key.read(scalar, values))
              .orElseGet(() -> key.otherwise(values));
      values.put(key.component().getName(), value);
    }
    Map<String, Object> rest = new TreeMap<>();
    for (String key : settings.keys()) {
      String name = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
      if (open && !name.isEmpty() && !names().contains(name)) {
        rest.put(name, settings.text(key, "a finite number, true, false or a text"));
      }
    }
    return build(values, rest);
  }

  /** The record with some of its keys changed. */
  R with(R record, Map<String, ?> changes) {
    Map<String, Object> now = values(record);
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Object> rest = new TreeMap<>(rest(record));
    rest.putAll(changes);
    for (KeySpec key : keys) {
      String component = key.component().getName();
      Object value = now.get(component);
      if (changes.containsKey(key.name())) {
        value = key.accept(changes.get(key.name()), values);
      } else if (key.follows(now)) {
        value = key.otherwise(values);
      }
      values.put(component, value);
      rest.remove(key.name());
    }
    return build(values, rest);
  }

  /** Refuses a record with a value that its key does not allow; records of other sections pass. */
  void check(Record record) {
    if (record.getClass() != type) {
      return;
    }
    Map<String, Object> values = values(record);
    keys.forEach(key -> key.check(values.get(key.component().getName())));
  }

  /** The record as YAML has it, in the order of its components. */
  Map<String, Object> encode(Record record) {
    Map<String, Object> values = values(record);
    Map<String, Object> map = new LinkedHashMap<>();
    for (KeySpec key : keys) {
      Object value = key.encode(values.get(key.component().getName()));
      map.put(key.name(), value instanceof Enum<?> ? KeySpec.text(value) : value);
    }
    map.putAll(rest(record));
    return map;
  }

  private R build(Map<String, Object> values, Map<String, Object> rest) {
    List<Object> arguments = new ArrayList<>(values.values());
    if (open) {
      arguments.add(rest);
    }
    try {
      return Records.construct(type, arguments);
    } catch (InputException e) { // a record of which a run has several names its own keys only
      throw e.key().filter(key -> !key.startsWith(prefix)).isPresent() ? e.within(prefix) : e;
    }
  }

  private Map<String, Object> values(Record record) {
    return keys.stream()
        .collect(
            Collectors.toMap(
                key -> key.component().getName(),
                key -> Records.call(key.component().getAccessor(), record),
                (first, second) -> second,
                LinkedHashMap::new));
  }

  @SuppressWarnings("unchecked") // the last component of an open section
  private Map<String, Object> rest(Record record) {
    List<RecordComponent> components = Records.components(type);
    RecordComponent last = components.get(components.size() - 1);
    return open ? (Map<String, Object>) Records.call(last.getAccessor(), record) : Map.of();
  }
}
