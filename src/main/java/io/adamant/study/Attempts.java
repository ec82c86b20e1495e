package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.StorageException;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.train.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What earlier owners of a run left in {@code work/ID/}: checkpoints, endings, their names. */
final class Attempts {

  /** Errors of a run after which nobody tries again unless asked to. */
  static final int MAX_CRASHES = 3;

  /** Attempts in a row that saved nothing and left no word, after which it is the run's fault. */
  static final int MAX_LOST_IN_A_ROW = 20;

  private static final Pattern ATTEMPT = Pattern.compile("attempt-(\\d{4,9})");
  private static final Pattern CRASH = Pattern.compile("crash-(\\d{4,9})");
  private static final Pattern RETRY = Pattern.compile("retry-(\\d{4,9})");
  private static final Pattern OWNER = Pattern.compile("owner-(\\d{4,9})\\.json");
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d+)");
  private static final List<String> COMPLETE =
      List.of(RunDirectory.RUN, RunDirectory.MANIFEST, RunDirectory.METRICS, RunDirectory.SUMMARY);

  private final Path work;

  Attempts(Path work) {
    this.work = work;
  }

  /** Folders of attempts, the newest first. */
  List<Path> newestFirst() {
    List<Path> folders = new ArrayList<>();
    numbered(ATTEMPT).forEach((epoch, path) -> folders.add(0, path));
    return folders;
  }

  /** An attempt that came to the run's end and was killed before it could publish. */
  Optional<Path> ended() {
    return newestFirst().stream().filter(Attempts::isComplete).findFirst();
  }

  /** Whether the newest attempt stopped at a rung and said so, with its checkpoint on the disk. */
  boolean stoppedAtRung() {
    return newestFirst().stream()
        .findFirst()
        .filter(attempt -> stepsSaved(attempt) > 0)
        .flatMap(RunDirectory::summary)
        .filter(summary -> summary.status() == RunStatus.STOPPED)
        .isPresent();
  }

  /** Whether a folder is a whole run with a result: what may be published. */
  static boolean isComplete(Path folder) {
    return COMPLETE.stream().allMatch(name -> Files.isRegularFile(folder.resolve(name)))
        && RunDirectory.summary(folder).filter(RunSummary::isFinal).isPresent();
  }

  /**
   * Gives a new attempt the checkpoints and metrics of the one that came farthest, and takes the
   * older ones away. Their owner may live: its folder loses its name first, so that it can publish
   * no part of it, and what it writes from then on is found by nobody.
   *
   * @return steps done in the farthest attempt; 0 without any
   */
  long inherit(Path attempt) {
    List<Path> older = newestFirst();
    older.remove(attempt);
    older.sort(Comparator.comparingLong(Attempts::stepsSaved).reversed());
    long steps = 0;
    try {
      Files.createDirectories(attempt);
      for (Path from : older) {
        if (stepsSaved(from) > 0 && take(from, attempt)) {
          steps = stepsSaved(attempt);
          break;
        }
      }
    } catch (IOException e) {
      throw new StorageException("prepare", attempt, e);
    }
    older.forEach(Folders::delete);
    return steps;
  }

  /** Checkpoints first: the metrics that belong to them were on the disk before them. */
  private static boolean take(Path from, Path attempt) throws IOException {
    try {
      for (Path checkpoint : checkpoints(from)) {
        Folders.link(
            checkpoint,
            attempt.resolve(RunDirectory.CHECKPOINT).resolve(checkpoint.getFileName().toString()));
      }
      Files.copy(from.resolve(RunDirectory.METRICS), attempt.resolve(RunDirectory.METRICS));
      if (Files.exists(from.resolve(RunDirectory.SAMPLES))) {
        Files.copy(from.resolve(RunDirectory.SAMPLES), attempt.resolve(RunDirectory.SAMPLES));
      }
      return true;
    } catch (NoSuchFileException | UncheckedIOException e) {
      Folders.deleteContent(attempt); // its owner lives and has deleted an old checkpoint just now
      Files.createDirectories(attempt);
      return false;
    }
  }

  /** Steps of an attempt's newest checkpoint; 0 if it has none. */
  static long stepsSaved(Path attempt) {
    return checkpoints(attempt).stream().mapToLong(Attempts::step).max().orElse(0);
  }

  /** The kernels that the attempt that came farthest was trained with; empty before it saved. */
  Optional<String> kernels() {
    return newestFirst().stream()
        .flatMap(attempt -> checkpoints(attempt).stream())
        .max(Comparator.comparingLong(Attempts::step))
        .map(Checkpoint::kernels)
        .filter(kernels -> !kernels.isEmpty());
  }

  private static List<Path> checkpoints(Path attempt) {
    try (Stream<Path> files = Files.list(attempt.resolve(RunDirectory.CHECKPOINT))) {
      return files.filter(path -> step(path) > 0).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static long step(Path checkpoint) {
    Matcher name = CHECKPOINT.matcher(checkpoint.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  /** Notes that an attempt ended in an error. */
  void crashed(int epoch, String reason) {
    try {
      Files.createDirectories(work);
      DurableFiles.write(work.resolve(ClaimFiles.numbered("crash", epoch)), reason + "\n");
    } catch (IOException | UncheckedIOException e) {
      return; // the run has ended elsewhere and its folder is gone, or the disk is full
    }
  }

  /** Why nobody should try this run again; empty while someone should. */
  Optional<String> givenUp() {
    int since = numbered(RETRY).keySet().stream().mapToInt(i -> i).max().orElse(0);
    List<Path> crashes =
        numbered(CRASH).entrySet().stream()
            .filter(crash -> crash.getKey() > since)
            .map(Map.Entry::getValue)
            .toList();
    if (crashes.size() >= MAX_CRASHES) {
      return Optional.of(
          "crashed "
              + crashes.size()
              + " times, at last: "
              + text(crashes.get(crashes.size() - 1)));
    }
    List<Owner> owners = new ArrayList<>();
    numbered(OWNER)
        .forEach(
            (epoch, file) -> {
              if (epoch > since) {
                Owner.read(file).filter(owner -> owner.fromStep() >= 0).ifPresent(owners::add);
              }
            });
    int count = owners.size();
    boolean stuck =
        count > MAX_LOST_IN_A_ROW
            && owners.subList(count - MAX_LOST_IN_A_ROW - 1, count).stream()
                    .mapToLong(Owner::fromStep)
                    .distinct()
                    .count()
                == 1;
    return stuck
        ? Optional.of(
            "ended "
                + MAX_LOST_IN_A_ROW
                + " times in a row without a message or a checkpoint; is there too little memory?")
        : Optional.empty();
  }

  /** Lets a run that was given up be tried again. */
  void retry(int epoch) {
    DurableFiles.write(work.resolve(ClaimFiles.numbered("retry", epoch)), "");
  }

  /** Who trained which part, for {@code attempts.json}. */
  List<Map<String, Object>> history() {
    Map<Integer, Path> crashes = numbered(CRASH);
    List<Map<String, Object>> history = new ArrayList<>();
    numbered(OWNER)
        .forEach(
            (epoch, file) ->
                Owner.read(file)
                    .ifPresent(
                        owner -> {
                          Map<String, Object> entry = new LinkedHashMap<>();
                          entry.put("epoch", epoch);
                          entry.put("worker", owner.worker());
                          entry.put("host", owner.host());
                          entry.put("pid", owner.pid());
                          entry.put("claimed", owner.claimed());
                          entry.put("from_step", owner.fromStep());
                          if (crashes.containsKey(epoch)) {
                            entry.put("crash", text(crashes.get(epoch)));
                          }
                          history.add(entry);
                        }));
    return history;
  }

  /** Files and folders of a pattern by their number, rising. */
  private Map<Integer, Path> numbered(Pattern pattern) {
    Map<Integer, Path> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(work)) {
      files.forEach(
          path -> {
            Matcher name = pattern.matcher(path.getFileName().toString());
            if (name.matches()) {
              found.put(Integer.parseInt(name.group(1)), path);
            }
          });
    } catch (IOException | UncheckedIOException e) {
      return found; // nothing there yet, or no longer
    }
    return found;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
