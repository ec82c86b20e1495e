package io.adamant.report;

import io.adamant.results.RunData;
import io.adamant.results.StudyRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a report takes from {@code study.yaml}: names and their order. The runs themselves tell the
 * rest, so a study of a newer version, or a single run without such a file, is read as well.
 *
 * @param name of the study, empty where unknown
 * @param title of the study, empty where it has none
 * @param arms in order
 * @param ids of the runs that are part of the study's grids; empty where unknown
 * @param choices what {@code confirmation.yaml} says of runs on fresh seeds
 */
record StudyNames(
    String name,
    String title,
    List<String> arms,
    Set<String> ids,
    List<StudyRecord.Choice> choices) {

  /** Whether a run belongs to the study's grids; all do where the file does not say. */
  boolean has(String id) {
    return (ids.isEmpty() && !confirms(id)) || ids.contains(id);
  }

  /** Whether a run is one on fresh seeds. */
  boolean confirms(String id) {
    return choices.stream().anyMatch(choice -> choice.ids().contains(id));
  }

  /** How many runs on fresh seeds the study has. */
  long fresh() {
    return choices.stream().flatMap(choice -> choice.ids().stream()).distinct().count();
  }

  /** Whether a run was read from this study's folder. */
  boolean owns(RunData run) {
    return name.isEmpty() || name.equals(run.study());
  }

  StudyNames named(String newName) {
    return new StudyNames(newName, title, arms, ids, choices);
  }

  static StudyNames read(Path directory) {
    Optional<StudyRecord> study = StudyRecord.read(directory);
    List<StudyRecord.Run> runs = study.map(StudyRecord::runs).orElse(List.of());
    return new StudyNames(
        study.map(StudyRecord::name).orElse(""),
        study.map(StudyRecord::title).orElse(""),
        runs.stream().map(StudyRecord.Run::arm).distinct().toList(),
        runs.stream()
            .map(StudyRecord.Run::id)
            .filter(id -> !id.isEmpty())
            .collect(Collectors.toUnmodifiableSet()),
        StudyRecord.confirmation(directory));
  }
}
