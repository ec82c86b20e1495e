package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.config.Checkout;
import io.adamant.results.StudyRecord;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study from its plan to its report, by the commands that a user gives. */
class StudyCommandTest {

  @TempDir Path temp;

  private Invocation study(Path file, String... options) {
    List<String> words = List.of("study", file.toString(), "--results", temp + "/results");
    return Invocation.of(Stream.concat(words.stream(), Stream.of(options)).toArray(String[]::new));
  }

  private Path write(String name, double clip) throws IOException {
    Path file = temp.resolve(name + ".yaml");
    Files.writeString(
        file,
        """
        name: %s
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
          clip: {global_norm: %s}
          training: {steps: 4, batch: 2, threads: 1, eval_tokens: 256, eval_every: 1,
                     checkpoint_every: 1, keep_checkpoints: 4}
        arms:
          adamw: {optimizer: {type: adamw}, grid: {optimizer.lr: [1.0e-3, 1.0e-2]}}
        seeds: [1, 2]
        confirm: {seeds: [7, 8], neighbours: false}
        """
            .formatted(name, TestRuns.corpus(temp), clip));
    return file;
  }

  @Test
  void winnersArePlannedShownTrainedAndReported() throws IOException {
    Path one = write("one", 1.0);
    assertThat(study(one, "--plan").out())
        .startsWith(
            "6 runs at most (2 of them confirm the winners on fresh seeds), 0 of them done");
    assertThat(study(one, "--status").out())
        .contains("4 runs: 4 waiting", "then at most 2 runs that confirm the winners");
    assertThat(temp.resolve("results")).as("neither writes anything").doesNotExist();

    Invocation trained = study(one);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err()).contains("[6/6] adamw lr=");
    assertThat(trained.out()).contains("on fresh seeds (7, 8)", "winner", "table.md");
    Invocation status = study(one, "--status");
    assertThat(status.out()).contains("6 runs: 6 finished").doesNotContain("at most");
    assertThat(study(one, "--plan").out()).startsWith("6 runs, 6 of them done");
    assertThat(temp.resolve("results/one/table.md"))
        .content()
        .contains("## Winners on fresh seeds");

    prunes(one, temp.resolve("results/one/runs"));

    assertThat(study(write("two", 0.5)).exitCode()).isZero();
    Path first = temp.resolve("results/one");
    String before = Files.readString(first.resolve("report.html"));
    Invocation compared =
        Invocation.of("report", first.toString(), temp.resolve("results/two").toString());
    assertThat(compared.exitCode()).isZero();
    assertThat(compared.out())
        .containsPattern("clip.global_norm +1.0 +0.5")
        .contains("2 shared", "one-and-two");
    assertThat(temp.resolve("results/one-and-two/report.html")).exists();
    assertThat(first.resolve("report.html")).as("its own report stays").hasContent(before);
  }

  /** The newest checkpoint of each run stays, and the best one where that is another. */
  private void prunes(Path study, Path runs) throws IOException {
    long before = checkpoints(runs);
    assertThat(before).isEqualTo(24);
    Invocation shown = study(study, "--prune");
    assertThat(shown.exitCode()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains(" older checkpoints of 6 runs with a result, ")
        .endsWith("; --yes removes them\n");
    long older = Long.parseLong(shown.out().substring(0, shown.out().indexOf(' ')));
    assertThat(older).isBetween(12L, 18L);
    assertThat(checkpoints(runs)).isEqualTo(before);
    assertThat(study(study, "--prune", "--yes").out()).endsWith(": removed\n");
    assertThat(checkpoints(runs)).isEqualTo(before - older);
    assertThat(study(study, "--prune").out()).startsWith("0 older checkpoints of 0 runs");
    try (Stream<Path> each = Files.list(runs)) {
      assertThat(Invocation.of("sample", each.findFirst().orElseThrow().toString()).exitCode())
          .isZero();
    }
    assertThat(study(study, "--yes").exitCode()).isEqualTo(2);
  }

  private static long checkpoints(Path runs) throws IOException {
    try (Stream<Path> all = Files.find(runs, 3, (path, is) -> path.toString().contains("/step-"))) {
      return all.filter(Files::isDirectory).count();
    }
  }

  @Test
  void aDeviceThatIsNotThereIsRefused() throws IOException {
    Invocation refused = study(write("one", 1.0), "--devices", "cpu,cuda:63");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("cuda:63").doesNotContain("\tat ");
    assertThat(study(write("one", 1.0), "--devices", "cpu,").exitCode()).isEqualTo(2);
    assertThat(temp.resolve("results")).as("refused before anything is written").doesNotExist();
  }

  @Test
  void runsOfOneFileWithOtherSettingsAreReportedTogether() throws IOException {
    Path file = temp.resolve("run.yaml");
    Files.writeString(
        file,
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes}
        training: {steps: 4, batch: 2, threads: 1, eval_tokens: 256}
        """
            .formatted(TestRuns.corpus(temp)));
    Path results = temp.resolve("results");
    String[] first = {"train", file.toString(), "--results", results.toString()};
    assertThat(Invocation.of(first).out()).contains("runs in " + results.resolve("run/runs (1)"));
    Path record = results.resolve("run/study.yaml");
    String alone = Files.readString(record);
    String[] second =
        Stream.concat(Stream.of(first), Stream.of("--set", "optimizer.lr=0.02"))
            .toArray(String[]::new);
    Invocation both = Invocation.of(second);
    assertThat(both.out()).contains("adamw lr=0.004 ", "adamw lr=0.02 ", "run/runs (2)");

    Files.writeString(record, alone); // as the first one, slower, would have written it
    assertThat(Invocation.of(second).out()).contains("adamw lr=0.004 ", "adamw lr=0.02 ");
    assertThat(Files.readAllLines(results.resolve("run/runs.csv"))).hasSize(3);
  }

  private String git(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", temp.toString()));
    command.addAll(List.of("-c", "user.name=a", "-c", "user.email=a@b"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  @Test
  void theManifestNamesTheCommitOfTheConfiguration() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":")).anyMatch(d -> Files.exists(Path.of(d, "git"))),
        "no git here");
    Path file = write("one", 1.0);
    assertThat(Checkout.commit(file)).as("outside a checkout").isEmpty();
    git("init", "-q");
    assertThat(Checkout.commit(file)).as("before the first commit").isEmpty();
    git("add", "one.yaml");
    git("commit", "-q", "-m", "one");
    String commit = git("rev-parse", "HEAD");
    assertThat(study(file).exitCode()).isZero();
    Path runs = temp.resolve("results/one/runs");
    try (Stream<Path> folders = Files.list(runs)) {
      assertThat(folders)
          .isNotEmpty()
          .allSatisfy(
              run ->
                  assertThat(run.resolve("manifest.json"))
                      .content()
                      .contains("\"config_commit\" : \"" + commit + "\""));
    }
    assertThat(StudyRecord.read(temp.resolve("results/one")).orElseThrow().configCommit())
        .as("for workers")
        .isEqualTo(commit);
    Files.writeString(file, Files.readString(file) + "\n");
    assertThat(Checkout.commit(file)).isEqualTo(commit + "-dirty");
  }
}
