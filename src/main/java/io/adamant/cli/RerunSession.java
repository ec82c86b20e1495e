package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.chart.Table;
import io.adamant.data.CacheDirectory;
import io.adamant.results.StudyBundle;
import io.adamant.study.Rerun;
import io.adamant.study.Shard;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code study --rerun}: trains a run of a bundle again and says whether it came out the same. */
final class RerunSession {

  private final PrintWriter out;
  private final PrintWriter err;

  RerunSession(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Trains and compares.
   *
   * @param folder of the bundle
   * @param id of the run
   * @param overrides where its corpus lies here, or its device
   * @param results where its folder belongs
   * @param lease as of a study
   * @return 0 for equal weights, else 1 or the session's code
   */
  int run(Path folder, String id, List<String> overrides, ResultsOption results, Duration lease) {
    Rerun rerun = new Rerun(StudyBundle.open(folder), id);
    // Beside no other study: a run that one of them has would be copied instead of trained.
    String name = "reruns/" + rerun.id();
    results.require(name);
    EngineFiles.requireFit(err);
    try (StudyPlan plan = rerun.plan(overrides, CacheDirectory.ofUser(), err::println)) {
      Hooks.check(plan);
      StudyDirectory directory = new StudyDirectory(results.directory().resolve(name));
      directory.check(plan);
      directory.write(plan);
      int code = new StudySession(plan, Shard.WHOLE, directory, lease, out, err).run();
      Optional<Rerun.Outcome> outcome = rerun.outcome(directory.run(plan.items().get(0).id()));
      outcome.ifPresent(this::print);
      out.flush();
      return code != 0 ? code : outcome.filter(Rerun.Outcome::equal).isPresent() ? 0 : 1;
    }
  }

  private void print(Rerun.Outcome outcome) {
    out.println();
    if (outcome.equal()) {
      out.println(
          "the same weights as in the bundle: SHA-256 %s after %s steps"
              .formatted(outcome.is().weightsSha256(), outcome.is().steps()));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("weights", outcome.was().weightsSha256(), outcome.is().weightsSha256()));
    rows.add(
        List.of(
            "validation loss",
            Digits.fixed(outcome.was().valLoss(), 4),
            Digits.fixed(outcome.is().valLoss(), 4)));
    for (Map.Entry<String, List<String>> fact : outcome.changed().entrySet()) {
      rows.add(List.of(fact.getKey(), fact.getValue().get(0), fact.getValue().get(1)));
    }
    out.print(
        Table.of("Other weights than in the bundle", List.of("", "bundle", "here"), rows)
            .terminal(Integer.MAX_VALUE));
  }
}
