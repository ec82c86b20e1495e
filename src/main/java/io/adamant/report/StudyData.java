package io.adamant.report;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.chart.Sentences;
import io.adamant.config.RunConfig;
import io.adamant.results.Manifest;
import io.adamant.results.RunData;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that one report is about: a study, a single run, or several of either.
 *
 * @param title what to call it: the title in {@code study.yaml}, of several studies their names
 * @param studies names of the studies, in the order given
 * @param arms in the order of {@code study.yaml}, then by name; runs on fresh seeds are not among
 *     theirs
 * @param confirmed points of their grids that were trained on fresh seeds
 * @param notBegun runs that a {@code study.yaml} lists and that have not begun
 * @param leftOut runs that lie in a study's folder without being part of its {@code study.yaml}, as
 *     after a change of the study
 */
public record StudyData(
    String title,
    List<String> studies,
    List<ArmRuns> arms,
    List<Confirmed> confirmed,
    int notBegun,
    int leftOut) {

  /** Takes copies. */
  public StudyData {
    studies = List.copyOf(studies);
    arms = List.copyOf(arms);
    confirmed = List.copyOf(confirmed);
  }

  /**
   * Reads directories. A directory given twice, or once as a run and once within its study, counts
   * once. A run's directory without {@code run.yaml} has not begun and is left out.
   *
   * @param directories study directories (with {@code runs/}) or run directories (with {@code
   *     run.yaml})
   * @return the runs, grouped into arms
   * @throws InputException if a directory is neither, holds no run, or has a file that cannot be
   *     understood
   */
  public static StudyData read(List<Path> directories) {
    if (directories.isEmpty()) {
      throw new InputException("no directory to report on; expected: study or run directories");
    }
    List<RunData> runs = new ArrayList<>();
    List<RunData> fresh = new ArrayList<>();
    List<StudyNames> named = new ArrayList<>();
    Set<Path> seen = new LinkedHashSet<>();
    int notBegun = 0;
    int leftOut = 0;
    Set<String> taken = new LinkedHashSet<>();
    for (Path directory : directories) {
      StudyNames names = StudyNames.read(directory);
      List<Path> folders = new ArrayList<>();
      for (Path run : RunFolders.of(directory)) {
        String id = RunFolders.id(run);
        if (!names.has(id) && !names.confirms(id)) {
          leftOut++;
        } else if (seen.add(real(run))) {
          folders.add(run);
        } else {
          notBegun--; // named by another directory already
        }
      }
      List<RunData> own = folders.parallelStream().map(RunData::read).toList();
      if (!names.ids().isEmpty()) {
        notBegun += (int) Math.max(0, names.ids().size() + names.fresh() - own.size());
      }
      String clash = RunDirectory.isRun(directory) ? "" : clash(own, taken);
      for (RunData run : own) {
        RunData renamed = clash.isEmpty() ? run : run.ofStudy(directory.toString());
        (names.confirms(run.id()) ? fresh : runs).add(renamed);
      }
      own.forEach(run -> taken.add(run.study()));
      named.add(clash.isEmpty() ? names : names.named(directory.toString()));
    }
    notBegun = Math.max(0, notBegun);
    if (runs.isEmpty()) {
      throw new InputException(
          directories.get(0)
              + ": no run of study.yaml has started; expected: at least one run.yaml");
    }
    List<String> studies = runs.stream().map(RunData::study).distinct().toList();
    String own = named.get(0).title();
    String title = studies.size() > 1 || own.isEmpty() ? Sentences.list(studies) : own;
    List<ArmRuns> arms = Grouping.arms(runs, named);
    return new StudyData(title, studies, arms, Confirmed.of(fresh, named, arms), notBegun, leftOut);
  }

  /**
   * The name of a study that another folder has too, as after a copy: then folders tell them apart.
   * Single runs of one study, each named as a folder of its own, belong together.
   */
  private static String clash(List<RunData> own, Set<String> taken) {
    return own.stream().map(RunData::study).filter(taken::contains).findFirst().orElse("");
  }

  /** All runs of the grids, arm by arm; those on fresh seeds are in {@link #confirmed}. */
  public List<RunData> runs() {
    return arms.stream().flatMap(arm -> arm.runs().stream()).toList();
  }

  /** The data of the arms, each once. */
  List<String> data() {
    return arms.stream().map(ArmRuns::data).distinct().toList();
  }

  /** Whether all losses are per token of the same text, so that they can be ranked. */
  boolean comparable() {
    return data().size() == 1;
  }

  /**
   * Whether all losses are of one validation text, whatever its tokens, so that bits per byte can
   * be ranked.
   */
  boolean sameText() {
    List<String> texts =
        runs().stream()
            .map(run -> run.manifest().text(Manifest.Key.VALIDATION_TEXT))
            .distinct()
            .toList();
    return texts.size() == 1 && !texts.get(0).isEmpty();
  }

  /** What a reader must know before any loss, where they have different units. */
  Optional<String> warning() {
    if (comparable()) {
      return Optional.empty();
    }
    Map<String, Set<String>> studiesByData = new LinkedHashMap<>();
    for (ArmRuns arm : arms) {
      RunConfig run = arm.config();
      String data =
          "%s, tokenizer %s, vocabulary %s"
              .formatted(run.data().corpus(), run.data().tokenizer(), run.data().vocab());
      studiesByData
          .computeIfAbsent(data, d -> new LinkedHashSet<>())
          .add(studies.size() > 1 ? arm.study() : arm.arm());
    }
    List<String> parts = new ArrayList<>();
    studiesByData.forEach((data, names) -> parts.add(String.join(", ", names) + ": " + data));
    String which = " (" + String.join("; ", parts) + ").";
    return Optional.of(
        sameText()
            ? "Losses in nats per token of different tokens cannot be compared; the arms are ranked by"
                + " bits per byte of the same validation text"
                + which
            : "These losses must not be ranked together: they are nats per token of different data"
                + which);
  }

  /** All runs on fresh seeds, point by point. */
  public List<RunData> confirming() {
    return confirmed.stream().flatMap(point -> point.runs().runs().stream()).toList();
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new StorageException("read", path, e);
    }
  }
}
