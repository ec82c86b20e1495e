package io.adamant.reproduce;

import io.adamant.config.PlannedRun;
import io.adamant.results.RunData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Claims at a scale with what is known of them: which runs come next, the table of those that are
 * done, verdicts, the page.
 *
 * <p>Everything that a verdict needs lies in one tracked folder, {@code results/reproduction}: the
 * runs' table, the claims' margins, the simulations' numbers. Runs are trained elsewhere, by
 * whoever uses this class.
 */
public final class Reproduction {

  private final ClaimLibrary library;
  private final Scale scale;
  private final Path folder;
  private final RunTable table;
  private final Margins margins;

  /**
   * Takes up what is there.
   *
   * @param library all claims
   * @param scale of runs and verdicts
   * @param folder such as {@code results/reproduction}; made when something is written
   */
  public Reproduction(ClaimLibrary library, Scale scale, Path folder) {
    this.library = library;
    this.scale = scale;
    this.folder = folder;
    this.table = RunTable.read(folder.resolve("runs.csv"));
    this.margins = Margins.read(folder.resolve("margins.csv"));
  }

  /**
   * A run to be trained, and who asks for it.
   *
   * @param run its label unique among those that are asked for at once
   * @param claims names of the claims
   */
  public record Job(PlannedRun run, List<String> claims) {

    /** Takes a copy. */
    public Job {
      claims = List.copyOf(claims);
    }
  }

  /**
   * Notes the claims' margins, before their first run.
   *
   * @param claims about to be run
   * @throws io.adamant.base.InputException if one was changed after its first run
   */
  public void begin(List<Claim> claims) {
    claims.forEach(margins::check);
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    claims.forEach(claim -> margins.note(claim, now));
  }

  /**
   * The runs that can be trained now. A run that several claims ask for comes once.
   *
   * @param claims those that are to be run
   * @return empty when all their runs are done
   */
  public List<Job> next(List<Claim> claims) {
    Map<String, Job> jobs = new LinkedHashMap<>();
    for (Claim claim : claims) {
      for (PlannedRun run : trial(claim, scale).map(Trial::missing).orElse(List.of())) {
        jobs.merge(
            ConfigKey.of(run.config()),
            new Job(run, List.of(claim.name())),
            (known, more) -> {
              List<String> names = new ArrayList<>(known.claims());
              names.addAll(more.claims());
              return new Job(known.run(), names);
            });
      }
    }
    return List.copyOf(jobs.values());
  }

  /**
   * Adds a finished run to the table.
   *
   * @param directory of the run
   * @param claims that asked for it
   */
  public void record(Path directory, List<String> claims) {
    table.append(RunRow.of(RunData.read(directory), scale, claims));
  }

  /**
   * Runs a claim's simulation, unless its numbers are there.
   *
   * @param claim with an experiment
   * @param started told of it before it runs
   * @param progress told of units of work, from any thread
   */
  public void simulate(Claim claim, Runnable started, LongConsumer progress) {
    if (simulated(claim).isPresent() || claim.experiment().equals(Optional.of(FrozenRows.NAME))) {
      return; // what adamant frozen measures is not measured again
    }
    started.run();
    long start = System.nanoTime();
    Experiments.Result result = Experiments.run(claim.experiment().orElseThrow(), progress);
    double seconds = (System.nanoTime() - start) / 1e9;
    new Simulated(seconds, result.numbers(), result.figures()).write(file(claim));
  }

  private Path file(Claim claim) {
    return folder.resolve("simulated").resolve(claim.experiment().orElseThrow() + ".json");
  }

  private Optional<Simulated> simulated(Claim claim) {
    return claim.experiment().equals(Optional.of(FrozenRows.NAME))
        ? FrozenRows.read(folder.resolveSibling(FrozenRows.NAME))
        : Simulated.read(file(claim));
  }

  private Optional<Trial> trial(Claim claim, Scale at) {
    return Optional.ofNullable(claim.designs().get(at)).map(design -> Trial.of(design, table));
  }

  ClaimStatus status(Claim claim) {
    return status(claim, scale);
  }

  private ClaimStatus status(Claim claim, Scale at) {
    margins.check(claim);
    Optional<String> since = margins.since(claim);
    if (claim.trains()) {
      Optional<Trial> trial = trial(claim, at);
      Map<ClaimCheck, Estimate> numbers = trial.map(t -> Evidence.of(claim, t)).orElse(Map.of());
      return new ClaimStatus(claim, at, since, Verdict.of(numbers), trial, Optional.empty());
    }
    Optional<Simulated> simulated = simulated(claim);
    Map<ClaimCheck, Estimate> numbers = simulated.map(s -> s.of(claim)).orElse(Map.of());
    return new ClaimStatus(claim, at, since, Verdict.of(numbers), Optional.empty(), simulated);
  }

  /**
   * The rows of the page: each claim at this scale, and at all scales that a CPU trains and that
   * its file has.
   */
  List<ClaimStatus> rows() {
    List<ClaimStatus> rows = new ArrayList<>();
    for (Claim claim : library.claims()) {
      for (Scale each : Scale.values()) {
        boolean own = each == scale;
        boolean further = claim.trains() && each.onEveryPage() && claim.designs().containsKey(each);
        if (further || (own && (!claim.trains() || claim.designs().containsKey(each)))) {
          rows.add(status(claim, each));
        }
      }
    }
    return rows;
  }

  /**
   * Whether the folder has any result.
   *
   * @return true from the first claim's beginning on
   */
  public boolean begun() {
    return Files.isDirectory(folder);
  }

  /**
   * All claims, how each is tested, and how it stands.
   *
   * @return a line a claim: name, kind, state, title
   */
  public List<List<String>> list() {
    return library.claims().stream()
        .map(
            claim ->
                List.of(
                    claim.name(),
                    claim.trains() ? "training" : "simulation",
                    claim.trains() && !claim.designs().containsKey(scale)
                        ? "no runs at this scale"
                        : status(claim).state(),
                    claim.title()))
        .toList();
  }

  /**
   * What a claim's verdict is, in a line.
   *
   * @param claim any
   * @return name and verdict
   */
  public String verdict(Claim claim) {
    ClaimStatus status = status(claim);
    return claim.name() + ": " + ClaimWords.verdict(status);
  }

  /**
   * Writes {@code README.md}, {@code report.html} and figures.
   *
   * @param published table of published numbers, to draw and to compare; empty for none
   * @return the files
   */
  public List<Path> write(Optional<Path> published) {
    Optional<PublishedTable> numbers = published.map(PublishedTable::read);
    Optional<PublishedComparison> comparison =
        numbers
            .filter(PublishedTable::compared)
            .map(some -> new PublishedComparison(some, table.rows(), scale));
    return new Page(library, rows(), numbers, comparison).write(folder);
  }
}
