package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code reproduce} from claims' files to the page, on a model of a few hundred weights. */
class ReproduceCommandTest {
  @TempDir Path temp;
  private Path claims;
  private Path results;
  private Path table;

  @BeforeEach
  void write() throws IOException {
    claims = temp.resolve("claims");
    results = temp.resolve("results");
    table = results.resolve("reproduction").resolve("runs.csv");
    Files.createDirectories(claims.resolve("scales"));
    Path text = temp.resolve("text.txt");
    Files.writeString(text, "The quick brown fox jumps over the lazy dog. ".repeat(400));
    for (String scale : List.of("tiny", "small", "paper")) {
      Files.writeString(
          claims.resolve("scales").resolve(scale + ".yaml"),
          """
          about: almost nothing
          corpus: a fox
          seeds: {grid: 1, fresh: [11, 12]}
          extensions: 0
          base:
            model: {layers: 1, width: 16, heads: 2, context: 16}
            data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.1}
            training: {steps: 4, batch: 2, threads: 1, eval_tokens: 256, checkpoint_every: 0}
            measure: {every: 2}
          """
              .formatted(text));
    }
    for (String name : List.of("gap", "momentum")) {
      Files.writeString(claims.resolve(name + ".yaml"), claim(name));
    }
  }

  private static String claim(String name) {
    return """
    title: Claim %s
    claim: One lies above the other.
    published: [{what: gap, value: .1, source: nowhere}]
    checks:
      gap: {rule: difference, quantity: val_loss, of: signum, minus: adamw, at_least: 0}
    tune: arms
    tiny:
      arms:
        adamw:
          optimizer: {type: adamw, beta1: 0.9, beta2: 0.9}
          grid: {optimizer.lr: [1.0e-3, 2.0e-3]}
        signum:
          optimizer: {type: signum, beta1: 0.9}
          grid: {optimizer.lr: [1.0e-3, 2.0e-3]}
    """
        .formatted(name);
  }

  private Invocation reproduce(String... words) {
    List<String> all =
        Stream.concat(
                Stream.of("reproduce"),
                Stream.concat(
                    Stream.of(words),
                    Stream.of("--claims", claims.toString(), "--results", results.toString())))
            .toList();
    return Invocation.of(all.toArray(String[]::new));
  }

  @Test
  void claimsAreRunOnceListedAndTakenUpFromTheTableAlone() throws IOException {
    Invocation first = reproduce("all");
    assertThat(first.err()).contains("4 runs to train", "8 runs to train");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.out()).contains("gap: ", "momentum: ", "README.md", "report.html");
    List<String> lines = Files.readAllLines(table);
    assertThat(lines).hasSize(1 + 12);
    assertThat(lines.stream().skip(1)).allMatch(line -> line.contains(",gap momentum,"));
    assertThat(Files.readString(results.resolve("reproduction/margins.csv")))
        .contains("gap,", "momentum,");

    // Nothing but the tracked folder is left, as in a fresh checkout: nothing is trained again.
    Path runs = results.resolve("reproduction-tiny");
    Files.move(runs, temp.resolve("gone"));
    Invocation second = reproduce("all");
    assertThat(second.exitCode()).isZero();
    assertThat(second.err()).doesNotContain("to train");
    assertThat(verdicts(second)).isEqualTo(verdicts(first));
    assertThat(runs).doesNotExist();
    assertThat(Files.readAllLines(table)).isEqualTo(lines);

    // A clean folder gives the same numbers: training is deterministic.
    String column = "val_loss";
    List<String> losses = column(lines, column);
    Files.delete(table);
    assertThat(reproduce("gap").exitCode()).isZero();
    assertThat(column(Files.readAllLines(table), column)).isEqualTo(losses);

    // A run whose line was lost, but not its folder, is noted and not trained.
    List<String> whole = Files.readAllLines(table);
    Files.write(table, whole.subList(0, 9));
    assertThat(reproduce("gap").exitCode()).isZero();
    assertThat(column(Files.readAllLines(table), "id")).hasSameElementsAs(column(whole, "id"));

    Files.writeString(
        claims.resolve("gap.yaml"), claim("gap").replace("at_least: 0}", "at_least: -9}"));
    Invocation changed = reproduce("gap");
    assertThat(changed.exitCode()).isEqualTo(2);
    assertThat(changed.err().lines().toList()).hasSize(1);
    assertThat(changed.err()).contains("claim gap: its words, rules or margins were changed");
  }

  private static List<String> verdicts(Invocation run) {
    return run.out().lines().limit(2).toList();
  }

  private static List<String> column(List<String> lines, String name) {
    int place = List.of(lines.get(0).split(",", -1)).indexOf(name);
    return lines.stream().skip(1).map(line -> line.split(",", -1)[place]).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing|no claim named nothing; allowed: list, all, page, gap, momentum",
        "gap --scale huge|--scale is huge; allowed: tiny, mini, small, paper",
        "gap --jobs 0|--jobs is 0; allowed: 1 to 256",
        "gap --published /no/such.csv|--published is /no/such.csv; allowed: a CSV file"
      })
  void badInputIsOneLine(String words, String part) {
    Invocation run = reproduce(words.split(" ", -1));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines().toList()).hasSize(1);
    assertThat(run.err()).contains(part);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void listNeedsNoRunAndWritesNothing() {
    Invocation list = reproduce("list");
    assertThat(list.exitCode()).as(list.err()).isZero();
    assertThat(list.err()).contains("no results in " + results.resolve("reproduction"));
    assertThat(list.out().lines().toList())
        .containsExactly(
            "gap       training  not run  Claim gap",
            "momentum  training  not run  Claim momentum");
    assertThat(results).doesNotExist();
  }
}
