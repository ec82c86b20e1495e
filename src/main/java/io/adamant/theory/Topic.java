package io.adamant.theory;

import io.adamant.base.InputException;
import java.util.List;
import java.util.stream.Collectors;

/** What a command of the laboratory can be asked for by name. */
public interface Topic {

  /** Lower case with hyphens, such as {@code update-rms}. */
  String name();

  /** What it is, in one line. */
  String summary();

  /** Its inputs, with defaults. */
  List<Parameter> parameters();

  /**
   * One by its name.
   *
   * @param kind of the topics, for the message
   * @param all of them
   * @param name of the one wanted
   * @throws InputException with one line that names them all
   */
  static <T extends Topic> T named(String kind, List<T> all, String name) {
    return all.stream()
        .filter(topic -> topic.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "no %s named %s; allowed: %s"
                        .formatted(
                            kind,
                            name,
                            all.stream().map(Topic::name).collect(Collectors.joining(", ")))));
  }
}
