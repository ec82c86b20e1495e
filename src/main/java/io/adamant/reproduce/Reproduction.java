package io.adamant.reproduce;

import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.reproduce.Trial.Wanted;
import io.adamant.results.RunData;
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
      for (Wanted wanted : trial(claim).map(Trial::missing).orElse(List.of())) {
        String key = ConfigKey.of(wanted.config());
        PlannedRun run = new PlannedRun(wanted.arm(), label(wanted), wanted.config());
        jobs.merge(
            key,
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

  private static String label(Wanted wanted) {
    RunConfig config = wanted.config();
    Map<String, String> flat = Configs.flatten(config);
    StringBuilder label = new StringBuilder(wanted.arm());
    for (String key : List.of("beta1", "beta2", "lr")) {
      if (flat.containsKey("optimizer." + key)) {
        label.append(' ').append(key).append('=').append(flat.get("optimizer." + key));
      }
    }
    return label.append(" seed=").append(config.training().seed()).toString();
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
   * @param progress told of units of work, from any thread
   */
  public void simulate(Claim claim, LongConsumer progress) {
    if (simulated(claim).isPresent()) {
      return;
    }
    long start = System.nanoTime();
    Experiments.Result result = Experiments.run(claim.experiment().orElseThrow(), progress);
    double seconds = (System.nanoTime() - start) / 1e9;
    new Simulated(seconds, result.numbers(), result.figures()).write(file(claim));
  }

  private Path file(Claim claim) {
    return folder.resolve("simulated").resolve(claim.experiment().orElseThrow() + ".json");
  }

  private Optional<Simulated> simulated(Claim claim) {
    return Simulated.read(file(claim));
  }

  private Optional<Trial> trial(Claim claim) {
    return Optional.ofNullable(claim.designs().get(scale)).map(design -> Trial.of(design, table));
  }

  Standing standing(Claim claim) {
    margins.check(claim);
    if (claim.trains()) {
      Optional<Trial> trial = trial(claim);
      Map<Check, Estimate> numbers = trial.map(t -> Evidence.of(claim, t)).orElse(Map.of());
      return new Standing(claim, Verdict.of(numbers), trial, Optional.empty());
    }
    Optional<Simulated> simulated = simulated(claim);
    Map<Check, Estimate> numbers = simulated.map(s -> s.of(claim)).orElse(Map.of());
    return new Standing(claim, Verdict.of(numbers), Optional.empty(), simulated);
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
                        : standing(claim).state(),
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
    Standing standing = standing(claim);
    return claim.name() + ": " + Page.verdict(standing);
  }

  /**
   * Writes {@code README.md}, {@code report.html} and figures.
   *
   * @param published the authors' runs; empty draws none
   * @return the files
   */
  public List<Path> write(Optional<Path> published) {
    List<Standing> standings = library.claims().stream().map(this::standing).toList();
    return new Page(library, scale, standings, published.map(AuthorsRuns::read)).write(folder);
  }
}
