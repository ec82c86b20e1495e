package io.adamant.report;

import io.adamant.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that one report is about: a study, a single run, or several of either.
 *
 * @param title what to call it, from {@code study.yaml} or else the names of the studies
 * @param studies names of the studies, in the order given
 * @param arms in the order of {@code study.yaml}, then by name
 * @param notBegun runs that a {@code study.yaml} lists and that have not begun
 * @param leftOut runs that lie in a study's folder without being part of its {@code study.yaml}, as
 *     after a change of the study
 */
public record StudyData(
    String title, List<String> studies, List<ArmRuns> arms, int notBegun, int leftOut) {

  /** Takes copies. */
  public StudyData {
    studies = List.copyOf(studies);
    arms = List.copyOf(arms);
  }

  /**
   * Reads directories. A directory given twice, or once as a run and once within its study, counts
   * once. A run's directory without {@code run.yaml} has not begun and is left out.
   *
   * @param directories study directories (with {@code runs/}) or run directories (with {@code
   *     run.yaml})
   * @return the runs, grouped into arms
   * @throws ConfigException if a directory is neither, holds no run, or has a file that cannot be
   *     understood
   */
  public static StudyData read(List<Path> directories) {
    if (directories.isEmpty()) {
      throw new ConfigException("no directory to report on; allowed: study or run directories");
    }
    List<RunData> runs = new ArrayList<>();
    List<StudyNames> named = new ArrayList<>();
    Set<Path> seen = new LinkedHashSet<>();
    int notBegun = 0;
    int leftOut = 0;
    for (Path directory : directories) {
      StudyNames names = StudyNames.read(directory);
      int part = 0;
      for (Path run : RunFolders.of(directory)) {
        if (!names.has(RunFolders.id(run))) {
          leftOut++;
          continue;
        }
        part++;
        if (seen.add(real(run))) {
          runs.add(RunData.read(run));
        }
      }
      notBegun += Math.max(0, names.ids().size() - part);
      named.add(names);
    }
    if (runs.isEmpty()) {
      throw new ConfigException(
          directories.get(0) + ": no run of study.yaml has begun; allowed: at least one run.yaml");
    }
    List<String> studies = runs.stream().map(RunData::study).distinct().toList();
    String title =
        named.stream()
            .map(StudyNames::title)
            .filter(text -> !text.isEmpty())
            .distinct()
            .reduce((a, b) -> a + " / " + b)
            .orElse(String.join(" / ", studies));
    return new StudyData(title, studies, Grouping.arms(runs, named), notBegun, leftOut);
  }

  /**
   * All runs.
   *
   * @return arm by arm, by rising seed
   */
  public List<RunData> runs() {
    return arms.stream().flatMap(arm -> arm.runs().stream()).toList();
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
