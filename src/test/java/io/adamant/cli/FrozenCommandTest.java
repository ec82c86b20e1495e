package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.Json;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrozenCommandTest {

  @TempDir static Path temp;
  private static Path run;

  @BeforeAll
  static void train() {
    run = temp.resolve("run");
    RunConfig config = TestRuns.config(TestRuns.corpus(temp), "training.steps=20");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      TestRuns.train(config, data, run);
    }
  }

  private static Invocation frozen(Path model, Path out, String... more) {
    List<String> args = new ArrayList<>(List.of("frozen", model.toString(), "--out"));
    args.add(out.toString());
    args.addAll(List.of("--pool", "8", "--batch", "1,4", "--optimizers", "sgd,signum"));
    args.addAll(List.of("--chains", "2", "--probes", "4", "--threads", "1"));
    args.addAll(List.of(more));
    return Invocation.of(args.toArray(new String[0]));
  }

  private static String json(Path out) throws IOException {
    return Files.readString(out.resolve("frozen.json"));
  }

  private static Path log(Path out) throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).findFirst().orElseThrow();
    }
  }

  /** A kill leaves lines, the last one torn; the same command ends with the same bits. */
  @Test
  void goesOnWhereItWasStopped() throws IOException {
    Path out = temp.resolve("whole");
    Invocation whole = frozen(run, out);
    assertThat(whole.exitCode()).as(whole.err()).isZero();
    assertThat(whole.out()).contains("SGD", "Signum");
    assertThat(out.resolve("report.html")).isRegularFile();
    assertThat(Json.MAPPER.readTree(json(out)).findValuesAsText("rule")).isNotEmpty();

    Path half = Files.createDirectories(temp.resolve("half"));
    List<String> lines = Files.readAllLines(log(out));
    assertThat(lines).hasSizeGreaterThan(8);
    Files.writeString(
        half.resolve(log(out).getFileName()),
        String.join("\n", lines.subList(0, lines.size() / 2)) + "\n{\"key\":\"dr");
    assertThat(frozen(run, half).exitCode()).isZero();
    assertThat(json(half)).isEqualTo(json(out));
    assertThat(Files.readAllLines(log(half))).containsExactlyElementsOf(lines);

    Invocation other = frozen(run, out, "--seed", "2");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err().strip().lines().toList().get(0)).contains("measured with other weights");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--optimizers|sgd,nadam|some of sgd, sgdm",
        "--batch|0|whole numbers from 1",
        "--pool|1|a whole number, at least 2",
        "--pool|1000000|at most",
        "--chains|1|at least 2",
        "--epsilon|none|a number",
        "--minutes|-1|a number from 0"
      })
  void aBadOptionIsRefusedInOneLine(String option, String value, String expected) {
    Path out = temp.resolve("refused");
    Invocation found =
        Invocation.of("frozen", run.toString(), "--out", out.toString(), option, value);
    assertThat(found.exitCode()).as(found.err()).isEqualTo(2);
    assertThat(found.err().strip()).contains(expected);
    assertThat(found.err().strip().lines()).hasSize(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void aFolderWithoutAModelIsRefused() {
    Invocation found = frozen(temp.resolve("cache"), temp.resolve("refused"));
    assertThat(found.exitCode()).isEqualTo(2);
    assertThat(found.err().strip().lines()).hasSize(1);
  }
}
