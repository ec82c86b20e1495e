package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code adamant branch} from the command line. */
class BranchCommandTest {

  @TempDir static Path temp;
  private static Path run;

  @BeforeAll
  static void train() {
    run = temp.resolve("origin");
    RunConfig config =
        TestRuns.config(TestRuns.corpus(temp), "training.steps=24", "training.keep_checkpoints=9");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, run);
    }
  }

  private static Invocation branch(Path results, String... more) {
    List<String> args = new ArrayList<>(List.of("branch", run.toString(), "--results"));
    args.add(results.toString());
    args.addAll(List.of(more));
    return Invocation.of(args.toArray(new String[0]));
  }

  private static Path study(Path results) throws IOException {
    try (Stream<Path> folders = Files.list(results)) {
      return folders.findFirst().orElseThrow();
    }
  }

  /** Seven runs and two reports: half a minute on a busy machine. */
  @Test
  @Tag("slow")
  void branchesAreComparedByAMarginThatWasThereFirst() throws IOException {
    Path results = temp.resolve("results");
    Invocation plan = branch(results, "--at", "20", "--batch", "x1,x2,x4", "--plan");
    assertThat(plan.exitCode()).as(plan.err()).isZero();
    assertThat(plan.out())
        .contains(
            "branches off after step 20 of 24",
            "sqrt, the default of adamw",
            "5 runs, 0 of them done; the others: 1,280 tokens")
        .contains("betas and eps", "decay");
    assertThat(results).doesNotExist();

    Invocation done = branch(results, "--at", "20", "--batch", "x1,x2,x4");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out())
        .contains("within the margin", "critical batch by branches: ", "B_simple");
    Path study = study(results);
    assertThat(study.resolve("report.html")).isRegularFile();
    JsonNode margin = Json.object(study.resolve("margin.json"));
    JsonNode result = Json.object(study.resolve("branch.json"));
    double[] losses = new double[3];
    for (int i = 0; i < 3; i++) {
      losses[i] = margin.path("losses").path(i).asDouble();
    }
    double mean = Arrays.stream(losses).average().orElseThrow();
    double square = Arrays.stream(losses).map(x -> (x - mean) * (x - mean)).sum() / 2;
    assertThat(margin.path("margin").asDouble()).isCloseTo(2 * Math.sqrt(square), within(1e-12));
    assertThat(Arrays.stream(losses).distinct().count()).isEqualTo(3); // other data each
    JsonNode four = result.path("batches").path(2);
    assertThat(four.path("batch").asInt()).isEqualTo(16);
    assertThat(four.path("rate_factor").asDouble()).isEqualTo(2);
    assertThat(four.path("within").asBoolean())
        .isEqualTo(four.path("loss").asDouble() - mean <= margin.path("margin").asDouble() + 1e-12);
    assertThat(result.path("b_simple").has("value")).isTrue();
    FileTime fixed = Files.getLastModifiedTime(study.resolve("margin.json"));
    for (Path branch : runs(study)) {
      int batch = Json.object(branch.resolve("summary.json")).path("tokens").asInt();
      assertThat(batch).isEqualTo(24 * 4 * 16);
      boolean first = read(branch.resolve("run.yaml")).contains("branch_batch: 1\n");
      FileTime begun = Files.getLastModifiedTime(branch.resolve("manifest.json"));
      assertThat(begun.compareTo(fixed) < 0).as(branch.toString()).isEqualTo(first);
    }

    // Lost with its result, a larger branch is trained again, to the same; the margin stays.
    Path lost =
        runs(study).stream()
            .filter(branch -> read(branch.resolve("run.yaml")).contains("branch_batch: 4\n"))
            .findFirst()
            .orElseThrow();
    for (String file : List.of("summary.json", "run.yaml", "manifest.json")) {
      Files.delete(lost.resolve(file));
    }
    Invocation again = branch(results, "--at", "20", "--batch", "x1,x2,x4", "--json");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(Json.MAPPER.readTree(again.out())).isEqualTo(result);
    assertThat(Files.getLastModifiedTime(study.resolve("margin.json"))).isEqualTo(fixed);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> runs(Path study) throws IOException {
    try (Stream<Path> folders = Files.list(study.resolve("runs"))) {
      return folders.toList();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--at|15|x1,x2|has no checkpoint of step 15; allowed: 10, 20",
        "--at|24|x1,x2|has no checkpoint of step 24; allowed: 10, 20",
        "--at|none|x1,x2|--at is none; allowed: the steps of a checkpoint",
        "--at|20|x1,x3|--batch is x3; allowed: multipliers that divide the 4 steps that are left",
        "--at|20|2|--batch is 2; allowed: multipliers such as x1,x2,x4,x8",
      })
  void badInputIsOneLine(String option, String step, String batches, String message) {
    Invocation bad = branch(temp.resolve("none"), option, step, "--batch", batches);
    assertThat(bad.exitCode()).isEqualTo(2);
    assertThat(bad.err().lines()).hasSize(1);
    assertThat(bad.err()).contains(message);
    assertThat(temp.resolve("none")).doesNotExist();
  }

  @Test
  void aRunThatIsNotFinishedAndAnUnknownRuleAreRefused() throws IOException {
    Invocation rule = branch(temp.resolve("none"), "--at", "20", "--scale", "cubic");
    assertThat(rule.err()).contains("--scale is cubic; allowed: sqrt, linear, none");
    Path begun = temp.resolve("begun");
    Files.createDirectories(begun);
    Files.copy(run.resolve("run.yaml"), begun.resolve("run.yaml"));
    Invocation unfinished = Invocation.of("branch", begun.toString(), "--at", "20");
    assertThat(unfinished.exitCode()).isEqualTo(2);
    assertThat(unfinished.err()).contains("has no result yet; expected: a finished run");
    Invocation none = Invocation.of("branch", temp.resolve("gone").toString(), "--at", "20");
    assertThat(none.err()).contains("is no run; expected: a finished one");
  }
}
