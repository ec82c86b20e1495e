package io.adamant.config;

import io.adamant.base.InputException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A run as sections of YAML keys and values, and back: each record component of a run a section.
 */
final class RunCodec {
  /** The section of parameter groups, whose keys begin with names that a user gives. */
  static final String GROUPS = "groups";

  private static final Map<String, ConfigSection<?>> SECTIONS = new LinkedHashMap<>();

  static {
    for (RecordComponent component : Records.components(RunConfig.class)) {
      if (component.getType().isRecord()) {
        String name = component.getName();
        SECTIONS.put(
            name, ConfigSection.of(name + ".", component.getType().asSubclass(Record.class)));
      }
    }
  }

  /** Sections that were checked and are in use: runs of a study share most of theirs. */
  private static final Set<Record> SOUND =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private RunCodec() {}

  /** The names of keys by section; those of groups, which a user's names precede, as a pattern. */
  static Map<String, List<String>> names() {
    Map<String, List<String>> names = new LinkedHashMap<>();
    SECTIONS.forEach((name, section) -> names.put(name, section.names()));
    names.computeIfPresent(
        "model", (name, keys) -> Stream.concat(Stream.of("preset"), keys.stream()).toList());
    String group = String.join(", ", groupSection("x").names());
    names.put(GROUPS, List.of("NAME: {" + group + ", settings of the optimizer}"));
    return names;
  }

  /** Every key that a run has, whatever its optimizer. */
  static List<KeySpec> keys() {
    return SECTIONS.values().stream().flatMap(section -> section.keys().stream()).toList();
  }

  /**
   * Completes settings to a run.
   *
   * @param written what was written
   * @param source the place to name where a key that was not written is to blame
   * @param whose what to put in front of a complaint besides its place, such as {@code "arm x: "}
   * @throws InputException if a value is not allowed, naming the place where it was written
   */
  static RunConfig decode(WrittenSettings written, String source, String whose) {
    try {
      WrittenSettings settings = Presets.resolved(written);
      SortedMap<String, GroupConfig> groups = new TreeMap<>();
      for (String key : settings.keys()) {
        if (key.startsWith(GROUPS + ".")) {
          groups.computeIfAbsent(key.split("\\.", 3)[1], name -> group(name, settings));
        }
      }
      return run(name -> SECTIONS.get(name).read(settings), groups);
    } catch (InputException e) {
      String place = e.key().flatMap(written::get).map(YamlNode.Scalar::origin).orElse(source);
      throw e.at(whose.isEmpty() ? place : place + ": " + whose);
    }
  }

  private static ConfigSection<GroupConfig> groupSection(String name) {
    return ConfigSection.of(GROUPS + "." + GroupConfig.checkedName(name) + ".", GroupConfig.class);
  }

  private static GroupConfig group(String name, WrittenSettings settings) {
    return groupSection(name).read(settings);
  }

  private static RunConfig run(Function<String, Record> section, Map<String, GroupConfig> groups) {
    List<Object> parts = new ArrayList<>();
    SECTIONS.keySet().forEach(name -> parts.add(section.apply(name)));
    parts.add(groups);
    return Records.construct(RunConfig.class, parts);
  }

  /** A run as sections; values are Integer, Long, Double, Boolean or String, in a stable order. */
  static Map<String, Map<String, Object>> encode(RunConfig run) {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    SECTIONS.forEach((name, section) -> sections.put(name, section.encode(section(run, name))));
    if (!run.groups().isEmpty()) {
      Map<String, Object> groups = new LinkedHashMap<>();
      run.groups()
          .forEach(
              (name, group) ->
                  groupSection(name)
                      .encode(group)
                      .forEach((key, value) -> groups.put(name + "." + key, value)));
      sections.put(GROUPS, groups);
    }
    return sections;
  }

  /** The run with some keys changed; the others keep their resolved values. */
  static RunConfig with(RunConfig run, Map<String, ?> values) {
    Map<String, Map<String, Object>> changes = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          int dot = RunKeys.checked(key, "configuration").indexOf('.');
          changes
              .computeIfAbsent(key.substring(0, dot), section -> new TreeMap<>())
              .put(key.substring(dot + 1), value);
        });
    try {
      ConfigSection<?> model = SECTIONS.get("model");
      Optional.ofNullable(changes.getOrDefault("model", new TreeMap<>()).remove("preset"))
          .ifPresent(
              name ->
                  model
                      .encode(model.read(Presets.settings(String.valueOf(name))))
                      .forEach(changes.get("model")::putIfAbsent));
      SortedMap<String, GroupConfig> groups = new TreeMap<>(run.groups());
      SortedMap<String, Map<String, Object>> changedGroups = new TreeMap<>();
      changes
          .getOrDefault(GROUPS, Map.of())
          .forEach(
              (key, value) -> {
                String[] parts = key.split("\\.", 2);
                changedGroups
                    .computeIfAbsent(parts[0], name -> new TreeMap<>())
                    .put(parts[1], value);
              });
      changedGroups.forEach(
          (name, keys) ->
              groups.put(
                  name,
                  Optional.ofNullable(groups.get(name))
                      .map(group -> groupSection(name).with(group, keys))
                      .orElseGet(
                          () ->
                              groupSection(name)
                                  .with(
                                      GroupConfig.scaled(
                                          String.valueOf(keys.getOrDefault("match", "")), 1),
                                      keys))));
      return run(
          name -> changed(name, section(run, name), changes.getOrDefault(name, Map.of())), groups);
    } catch (InputException e) {
      throw e.at("configuration");
    }
  }

  /** The run with another section of that record's type. */
  static RunConfig with(RunConfig run, Record section) {
    String changed =
        Records.components(RunConfig.class).stream()
            .filter(component -> component.getType() == section.getClass())
            .map(RecordComponent::getName)
            .findFirst()
            .orElseThrow(
                () -> new InputException("a run has no section " + section.getClass().getName()));
    if (section(run, changed).equals(section)) {
      return run; // planning thousands of runs asks for many changes that are none
    }
    return run(name -> name.equals(changed) ? section : section(run, name), run.groups());
  }

  /** Refuses a run that was built from Java with a value that its key does not allow. */
  static void check(List<Record> sections, Map<String, GroupConfig> groups) {
    for (Record record : sections) {
      if (!SOUND.contains(record)) {
        SECTIONS.values().forEach(section -> section.check(record));
        SOUND.add(record);
      }
    }
    groups.forEach((name, group) -> groupSection(name).check(group));
  }

  private static Record section(RunConfig run, String name) {
    return Records.components(RunConfig.class).stream()
        .filter(component -> component.getName().equals(name))
        .map(component -> (Record) Records.call(component.getAccessor(), run))
        .findFirst()
        .orElseThrow();
  }

  private static <R extends Record> Record changed(
      String name, Record section, Map<String, Object> changes) {
    @SuppressWarnings("unchecked") // the section that the record came from
    ConfigSection<R> codec = (ConfigSection<R>) SECTIONS.get(name);
    @SuppressWarnings("unchecked")
    R record = (R) section;
    return changes.isEmpty() ? section : codec.with(record, changes);
  }
}
