package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.config.RunId;
import io.adamant.config.StudyConfig;
import io.adamant.data.DatasetSpec;
import io.adamant.data.TokenDataset;
import io.adamant.train.RunIdentity;
import io.adamant.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The identity of every run that this repository describes, written down once and for good: a
 * finished run is found again by its id, so whoever changes one makes people train again what they
 * have. A key that is added later counts only where it differs from the value that older runs had.
 */
class PinnedRunIdsTest {
  private static final Path CONFIGS = Path.of("configs");
  private static final Path CLAIMS = CONFIGS.resolve("reproduce");
  private static final String DATA = "ab".repeat(32);

  @TempDir Path temp;

  @Test
  void everyRunUnderConfigsHasTheIdThatItHadAtFirst() throws IOException {
    List<String> ids = new ArrayList<>();
    for (Path file : yamlFiles()) {
      String name = CONFIGS.relativize(file).toString();
      if (Files.readString(file).lines().anyMatch(line -> line.startsWith("base:"))) {
        add(ids, name, Configs.readStudy(file, List.of()).plan());
      } else {
        add(ids, name, List.of(new PlannedRun("", "run", Configs.readRun(file, List.of()))));
      }
    }
    Set<StudyConfig> pinned = new HashSet<>();
    for (Claim claim : ClaimLibrary.read(CLAIMS).claims()) {
      claim
          .designs()
          .forEach(
              (scale, design) -> {
                // Claims on the runs of another add nothing; older ones were pinned all the same.
                if (pinned.add(design.study()) || claim.supersededBy().isPresent()) {
                  add(ids, claim.name() + " " + scale.word(), design.study().plan());
                }
              });
    }
    Path pins = Path.of("src/test/resources/pins/run-ids.csv");
    if (System.getProperty("pins.print") != null) { // for runs that are new
      ids.removeAll(Files.readAllLines(pins));
      ids.forEach(System.out::println);
      return;
    }
    assertThat(ids).containsExactlyInAnyOrderElementsOf(Files.readAllLines(pins));
  }

  /** Claims that are done, stage by stage: what they ask for next is always a run of the table. */
  @Test
  void reproduceAllFindsItsRunsByIdAndTrainsNone() throws IOException {
    Path table = Path.of("results/reproduction/runs.csv");
    Map<String, RunRow> done = new HashMap<>();
    RunTable.read(table).rows().forEach(row -> done.put(row.text("config"), row));
    ClaimLibrary library = ClaimLibrary.read(CLAIMS);
    Reproduction committed = new Reproduction(library, Scale.TINY, table.getParent());
    List<Claim> claims =
        library.claims().stream()
            .filter(Claim::trains)
            .filter(c -> committed.status(c).verdict().outcome() != Outcome.NOT_RUN)
            .toList();
    assertThat(committed.next(claims)).isEmpty();

    RunTable fresh = RunTable.read(temp.resolve("runs.csv"));
    Reproduction replay = new Reproduction(library, Scale.TINY, temp);
    Set<String> found = new LinkedHashSet<>();
    Map<DatasetSpec, TokenDataset> data = new HashMap<>();
    Consumer<String> quiet = line -> {};
    for (var jobs = replay.next(claims); !jobs.isEmpty(); jobs = replay.next(claims)) {
      for (Reproduction.Job job : jobs) {
        RunConfig config = Training.resolve(onCpu(job.run().config()));
        RunRow row = done.get(ConfigKey.of(job.run().config()));
        assertThat(row).as(job.run().label()).isNotNull();
        TokenDataset tokens =
            data.computeIfAbsent(
                Training.dataset(config),
                spec -> TokenDataset.open(spec, temp.resolve("cache"), quiet));
        assertThat(RunIdentity.of(config, tokens)).as(job.run().label()).isEqualTo(row.text("id"));
        fresh.append(row);
        found.add(row.text("id"));
      }
      replay = new Reproduction(library, Scale.TINY, temp);
    }
    data.values().forEach(TokenDataset::close);
    assertThat(found).hasSizeGreaterThanOrEqualTo(170);
  }

  private static void add(List<String> ids, String name, List<PlannedRun> runs) {
    for (PlannedRun run : runs) {
      String id = RunId.of(Training.resolve(onCpu(run.config())), DATA, 1);
      ids.add(name + "," + run.label() + "," + id);
    }
  }

  private static RunConfig onCpu(RunConfig config) {
    return config.with("training.device", "cpu").with("training.threads", 1);
  }

  private static List<Path> yamlFiles() throws IOException {
    try (Stream<Path> files = Files.walk(CONFIGS)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml") && !file.startsWith(CLAIMS))
          .filter(file -> !file.startsWith(CONFIGS.resolve("cluster"))) // jobs, not runs
          .sorted()
          .toList();
    }
  }
}
