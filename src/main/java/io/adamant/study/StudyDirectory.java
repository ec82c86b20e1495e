package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.config.Checkout;
import io.adamant.results.ArmNames;
import io.adamant.results.RunData;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import io.adamant.results.RunSummary;
import io.adamant.results.StudyRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a study: {@code study.yaml}; {@code confirmation.yaml} once winners are known;
 * {@code runs/ID/} for each run that has a result, which never changes again; {@code work/ID/} for
 * each that is being trained, see {@link ClaimFiles}.
 */
public final class StudyDirectory {

  private static final String WORK = "work";

  private final Path root;
  private final Optional<Path> config;
  private Optional<String> configCommit = Optional.empty();

  /**
   * Names a folder; nothing is made yet.
   *
   * @param root the study's folder, such as {@code results/quickstart}
   */
  public StudyDirectory(Path root) {
    this.root = root;
    this.config = Optional.empty();
  }

  /**
   * The folder of a study that a file asks for.
   *
   * @param root the study's folder
   * @param config the file
   */
  public StudyDirectory(Path root, Path config) {
    this.root = root;
    this.config = Optional.of(config);
  }

  /** The commit of the file that asks for the study, known to its workers from the record. */
  String configCommit() {
    if (configCommit.isEmpty()) {
      configCommit =
          config
              .map(Checkout::commit)
              .or(() -> StudyRecord.read(root).map(StudyRecord::configCommit));
    }
    return configCommit.orElse("");
  }

  /**
   * The folder.
   *
   * @return its path
   */
  public Path root() {
    return root;
  }

  /**
   * The directory of a run.
   *
   * @param id its identity
   * @return the path
   */
  public Path run(String id) {
    return root.resolve("runs").resolve(id);
  }

  /**
   * Refuses a folder that belongs to another study: one whose recorded runs this plan does not ask
   * for. A plan that only adds runs goes on in the same folder.
   *
   * @param plan about to be run
   * @throws InputException naming a run that the plan lacks
   */
  public void check(StudyPlan plan) {
    if (!StudyRecord.isStudy(root)) {
      if (Files.isRegularFile(root)) {
        throw new InputException(root + " is a file; a study needs a folder there");
      }
      return;
    }
    Set<String> wanted = plan.items().stream().map(StudyPlan.Item::id).collect(Collectors.toSet());
    for (StudyRecord.Run run : read().runs()) {
      if (!run.id().isEmpty() && !wanted.contains(run.id())) {
        throw new InputException(
            root
                + " holds a different study: its run '"
                + run.label()
                + "' is not part of this one; use --results DIR, --set name=NEW, or --replace to"
                + " let this study take the folder over (finished runs stay)");
      }
    }
  }

  /**
   * Writes the plan and makes the folder.
   *
   * @param plan about to be run
   */
  public void write(StudyPlan plan) {
    write(plan, runs(plan));
  }

  /**
   * Writes the plan of a single run beside the runs that lie in the folder, as those of the same
   * command with other settings, so that reports show them all. To be repeated before a report:
   * another process may have written the record of its own run meanwhile.
   *
   * @param plan about to be run, or run
   */
  public void add(StudyPlan plan) {
    List<StudyRecord.Run> runs = new ArrayList<>(runs(plan));
    Set<String> own = runs.stream().map(StudyRecord.Run::id).collect(Collectors.toSet());
    for (Path folder : RunFolders.begun(root)) {
      recorded(folder).filter(run -> own.add(run.id())).ifPresent(runs::add);
    }
    write(plan, runs);
  }

  /** A run as its folder tells; none that is of another version, say. */
  private static Optional<StudyRecord.Run> recorded(Path folder) {
    try {
      RunData run = RunData.read(folder);
      return Optional.of(
          StudyRecord.Run.of(run.arm(), run.label(), RunFolders.id(folder), run.config()));
    } catch (InputException e) {
      return Optional.empty();
    }
  }

  private static List<StudyRecord.Run> runs(StudyPlan plan) {
    return plan.armRuns().stream()
        .map(
            run -> StudyRecord.Run.of(run.arm(), run.label(), run.item().id(), run.item().config()))
        .toList();
  }

  private void write(StudyPlan plan, List<StudyRecord.Run> runs) {
    try {
      Files.createDirectories(root);
      new StudyRecord(plan.name(), plan.title(), configCommit(), plan.confirm(), runs).write(root);
      if (Confirmation.of(plan, this).isEmpty()) {
        StudyRecord.deleteConfirmation(root);
      }
    } catch (IOException e) {
      throw new StorageException("write", root, e);
    }
  }

  /**
   * Reads {@code study.yaml}.
   *
   * @return the study
   * @throws InputException if there is none, or it cannot be understood
   */
  StudyRecord read() {
    StudyRecord study =
        StudyRecord.read(root)
            .orElseThrow(
                () ->
                    new InputException(
                        root + " holds no study; expected: a folder with study.yaml"));
    if (config.isEmpty()) {
      configCommit = Optional.of(study.configCommit()); // not to be looked up for each run
    }
    return study;
  }

  /** Writes the points on fresh seeds, as far as they are known. */
  void writeConfirmation(StudyPlan plan, Confirmation confirmation) {
    List<StudyRecord.Choice> choices =
        confirmation.choices().stream()
            .map(
                choice ->
                    new StudyRecord.Choice(
                        choice.arm(),
                        choice.role().name().toLowerCase(Locale.ROOT),
                        choice.label(),
                        choice.items().stream().map(StudyPlan.Item::id).toList()))
            .toList();
    List<Long> seeds = plan.confirm().orElseThrow().seeds();
    StudyRecord.writeConfirmation(root, seeds, choices, confirmation.without());
  }

  /** Notes in a run's folder how this study names it. */
  void writeArm(StudyPlan.Item item, Path folder) {
    String study = root.toAbsolutePath().normalize().getFileName().toString();
    new ArmNames(study, item.arm(), item.label(), item.config().training().seed()).write(folder);
  }

  /** Where a run is trained until it has a result. */
  Path work(String id) {
    return root.resolve(WORK).resolve(id);
  }

  /** A run's result, once there is one. */
  Optional<RunSummary> published(String id) {
    return RunDirectory.summary(run(id)).filter(RunSummary::isFinal);
  }

  /**
   * Whether a run has a result.
   *
   * @param id its identity
   * @return whether nothing is left to do
   */
  public boolean hasResult(String id) {
    return published(id).isPresent();
  }

  /** Why nobody tries a run any more; empty while someone does. */
  Optional<String> givenUp(String id) {
    return new Attempts(work(id)).givenUp();
  }

  /**
   * Makes room where a result belongs: a folder without one, such as earlier versions left, is the
   * first attempt, from whose checkpoint the next one goes on.
   */
  void setAside(String id) {
    Path folder = run(id);
    try {
      if (Files.isDirectory(folder) && published(id).isEmpty()) {
        Files.createDirectories(work(id));
        DurableFiles.rename(folder, work(id).resolve("attempt-0000"));
      }
    } catch (NoSuchFileException e) {
      return; // another process did it
    } catch (IOException e) {
      throw new StorageException("set aside the folder", folder, e);
    }
  }

  /**
   * Lets a run that was given up be tried again.
   *
   * @param id its identity
   */
  public void retry(String id) {
    new ClaimFiles(work(id)).look().ifPresent(state -> new Attempts(work(id)).retry(state.epoch()));
  }

  /** Takes away what is left of a run's attempts after it has a result. */
  void discardWork(String id) {
    Folders.delete(work(id));
  }

  /**
   * Takes away what late workers left of runs that have a result, and the folder if it is empty.
   */
  void sweep() {
    Path work = root.resolve(WORK);
    try (Stream<Path> entries = Files.list(work)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (name.startsWith(".deleted-")) {
          Folders.deleteContent(entry);
        } else if (published(name).isPresent()) {
          Folders.delete(entry);
        }
      }
      Files.deleteIfExists(work);
    } catch (IOException | UncheckedIOException e) {
      return; // others are at work, or there was nothing
    }
  }
}
