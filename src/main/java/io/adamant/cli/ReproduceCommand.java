package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.chart.Table;
import io.adamant.reproduce.Claim;
import io.adamant.reproduce.ClaimLibrary;
import io.adamant.reproduce.Reproduction;
import io.adamant.reproduce.Scale;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant reproduce}. */
@Command(
    name = "reproduce",
    description = "Test published claims: train what a claim needs and print its verdict.",
    footer = {
      "",
      "Writes README.md, report.html, figures and runs.csv to reproduction in the results. Claims share",
      "runs, and runs listed in runs.csv are not trained again: run the same command again to resume.",
      "A claim is reproduced if the 95 %% interval lies within its margin, contradicted if the interval",
      "excludes the margin, and otherwise not resolved at this scale.",
      "",
      "Examples:",
      "  ./adamant reproduce list",
      "  ./adamant reproduce toy",
      "  ./adamant reproduce all --jobs 2",
      "  ./adamant reproduce table1 --scale small --published secretsauce_runs.csv",
      "  ./adamant reproduce page"
    })
final class ReproduceCommand implements Callable<Integer> {

  private static final String FOLDER = "reproduction";

  @Spec private CommandSpec spec;
  @Mixin private ResultsOption results;
  @Mixin private StudyOptions options;

  @Parameters(
      paramLabel = "CLAIM",
      description =
          "Names of claims; list shows all claims, all runs them, page only writes the page.")
  private List<String> names;

  @Option(
      names = "--scale",
      paramLabel = "NAME",
      defaultValue = "tiny",
      description = "Size of the runs: tiny, mini, small, paper (default: ${DEFAULT-VALUE}).")
  private String scale;

  @Option(
      names = "--claims",
      paramLabel = "DIR",
      description = "Folder of the claims' files (default: Adamant's configs/reproduce).")
  private Path folder;

  @Option(
      names = "--published",
      paramLabel = "FILE",
      description =
          "A table of published numbers as CSV, with columns setting and value (claims.md), or the"
              + " runs that the study's authors released: drawn next to ours, and compared.")
  private Path published;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description =
          "Train in N worker processes that share the threads (default: in this process).")
  private Integer jobs;

  @Override
  public Integer call() {
    StudyOptions.requireJobs(jobs);
    if (published != null && !Files.isRegularFile(published)) {
      throw InputException.badValue("--published", published, "a CSV file");
    }
    Scale size = Scale.of(scale);
    ClaimLibrary library = ClaimLibrary.read(claims());
    Path home = results.directory().resolve(FOLDER);
    Reproduction reproduction = new Reproduction(library, size, home);
    PrintWriter out = spec.commandLine().getOut();
    if (names.equals(List.of("list"))) {
      if (!reproduction.begun()) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("adamant: no results in " + home.toAbsolutePath() + "; see --results");
        err.flush();
      }
      out.print(Table.aligned(reproduction.list(), column -> false));
      out.flush();
      return 0;
    }
    results.require(FOLDER);
    List<Claim> chosen = chosen(library);
    if (chosen.stream().anyMatch(Claim::trains)) {
      EngineFiles.requireFit(spec.commandLine().getErr());
    }
    ReproduceSession session =
        new ReproduceSession(reproduction, results.directory(), size, options.lease(), spec);
    boolean done = session.run(chosen, Optional.ofNullable(jobs));
    List<Path> written = reproduction.write(Optional.ofNullable(published));
    chosen.forEach(claim -> out.println(reproduction.verdict(claim)));
    PageOutput.announce(out, written);
    return done ? 0 : session.stopped() ? StopSignal.INTERRUPTED : 1;
  }

  private List<Claim> chosen(ClaimLibrary library) {
    if (names.equals(List.of("all"))) {
      return library.claims();
    }
    return names.equals(List.of("page"))
        ? List.of()
        : names.stream().map(library::named).distinct().toList();
  }

  private Path claims() {
    Path home = Path.of(System.getProperty("adamant.home", ""));
    return folder == null ? home.resolve("configs").resolve("reproduce") : folder;
  }
}
