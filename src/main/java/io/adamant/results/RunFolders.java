package io.adamant.results;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a study's runs lie: {@code runs/ID/} once they have a result, before that the newest {@code
 * work/ID/attempt-EPOCH/}.
 */
public final class RunFolders {
  private static final Pattern ATTEMPT = Pattern.compile("attempt-(\\d{4,9})");

  private RunFolders() {}

  /**
   * The run folders of a study, or the folder itself where it is a run.
   *
   * @param directory of a study or a run
   * @return at least one
   * @throws InputException if no run has begun there
   */
  public static List<Path> of(Path directory) {
    if (RunDirectory.isRun(directory)) {
      return List.of(directory);
    }
    if (!Files.isDirectory(directory.resolve("runs"))
        && !Files.isDirectory(directory.resolve("work"))) {
      String what = Files.isDirectory(directory) ? "holds no runs" : "no such directory";
      throw new InputException(
          directory + ": " + what + "; expected: a study with runs/ or a run with run.yaml");
    }
    List<Path> runs = begun(directory);
    if (runs.isEmpty()) {
      throw new InputException(
          directory.resolve("runs") + ": no run has started; expected: at least one run.yaml");
    }
    return runs;
  }

  /**
   * The folders of all runs of a study that have begun.
   *
   * @param study its folder
   * @return in order of identity
   */
  public static List<Path> begun(Path study) {
    List<Path> runs = new ArrayList<>();
    list(study.resolve("runs")).filter(RunDirectory::isRun).sorted().forEach(runs::add);
    list(study.resolve("work"))
        .sorted()
        .filter(work -> !RunDirectory.isRun(study.resolve("runs").resolve(work.getFileName())))
        .map(RunFolders::newestAttempt)
        .flatMap(Optional::stream)
        .forEach(runs::add);
    return runs;
  }

  /**
   * The folder of one run: the path itself, a study's {@code runs/ID} or {@code work/ID} whose
   * result lies in the other of them so far, or a study with a single run.
   *
   * @param path as a user names it
   * @return the folder; empty if there is no such run
   * @throws InputException if the path is a study of several runs
   */
  public static Optional<Path> ofRun(Path path) {
    if (RunDirectory.isRun(path)) {
      return Optional.of(path);
    }
    Path folder = path.toAbsolutePath().normalize();
    Path parent = folder.getParent();
    if (parent != null
        && parent.getParent() != null
        && parent.getFileName() != null
        && List.of("runs", "work").contains(parent.getFileName().toString())) {
      return begun(parent.getParent()).stream()
          .filter(run -> id(run).equals(folder.getFileName().toString()))
          .findFirst();
    }
    List<Path> runs = begun(path);
    if (runs.size() > 1) {
      throw new InputException(
          "%s is a study of %s runs; expected: one of them, such as %s"
              .formatted(path, runs.size(), runs.get(0)));
    }
    return runs.stream().findFirst();
  }

  /**
   * The identity of a run from its folder.
   *
   * @param run its folder, or that of an attempt
   * @return its identity
   */
  public static String id(Path run) {
    Path folder = run.toAbsolutePath().normalize();
    return ATTEMPT.matcher(folder.getFileName().toString()).matches()
        ? folder.getParent().getFileName().toString()
        : folder.getFileName().toString();
  }

  /**
   * The folder of the study that a run belongs to.
   *
   * @param run its folder, or that of an attempt
   * @return empty if it lies in neither {@code runs/} nor {@code work/}
   */
  public static Optional<Path> study(Path run) {
    Path folder = run.toAbsolutePath().normalize();
    boolean attempt = ATTEMPT.matcher(folder.getFileName().toString()).matches();
    Path parent = (attempt ? folder.getParent() : folder).getParent();
    return Optional.ofNullable(parent)
        .filter(runs -> runs.endsWith(attempt ? "work" : "runs"))
        .map(Path::getParent);
  }

  private static Optional<Path> newestAttempt(Path work) {
    return list(work)
        .filter(folder -> ATTEMPT.matcher(folder.getFileName().toString()).matches())
        .filter(RunDirectory::isRun)
        .max((a, b) -> Integer.compare(epoch(a), epoch(b)));
  }

  private static int epoch(Path attempt) {
    Matcher name = ATTEMPT.matcher(attempt.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : 0;
  }

  /** What a folder holds; nothing if it is not there, or goes while it is read. */
  private static Stream<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList().stream();
    } catch (NoSuchFileException e) {
      return Stream.empty();
    } catch (IOException e) {
      throw new StorageException("list", folder, e);
    }
  }
}
