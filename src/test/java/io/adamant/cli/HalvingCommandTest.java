package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study that stops runs at rungs, by the commands that a user gives. */
class HalvingCommandTest {

  @TempDir Path temp;

  private Path write(String further) throws IOException {
    Path file = temp.resolve("halved.yaml");
    Files.writeString(
        file,
        """
        name: halved
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
          training: {steps: 6, batch: 2, threads: 1, eval_every: 0, eval_tokens: 256}
          optimizer: {type: adamw}
        grid: {optimizer.lr: [1.0e-5, 1.0e-2, 1.0e-4, 3.0e-3]}
        %s
        """
            .formatted(TestRuns.corpus(temp), further));
    return file;
  }

  private Invocation study(Path file, String... options) {
    List<String> words = List.of("study", file.toString(), "--results", temp + "/results");
    return Invocation.of(Stream.concat(words.stream(), Stream.of(options)).toArray(String[]::new));
  }

  /** Rate to status and hash of the weights, from {@code runs.csv}. */
  private Map<String, List<String>> runs() throws IOException {
    List<String> lines = Files.readAllLines(temp.resolve("results/halved/runs.csv"));
    List<String> header = List.of(lines.get(0).split(",", -1));
    Map<String, List<String>> runs = new TreeMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      runs.put(
          Double.toString(Double.parseDouble(cells[header.indexOf("optimizer.lr")])),
          List.of(
              cells[header.indexOf("status")],
              cells[header.indexOf("weights_sha256")],
              cells[header.indexOf("id")],
              cells[header.indexOf("steps")]));
    }
    return runs;
  }

  @Test
  void runsStopArePlannedShownReportedAndContinued() throws IOException {
    Path stopping = write("stop: {rungs: [2], factor: 2}");
    assertThat(study(stopping, "--plan").out())
        .contains("stop: the grids take from 512 of their 768 tokens", "(33 % saved)");
    Invocation trained = study(stopping);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err())
        .contains(
            "stopped at step 2 (rank 1 of 1 so far at the rung, of which none goes on), validation",
            "2 of 4 runs stopped at a rung, checkpoints kept");
    Map<String, List<String>> halved = runs();
    assertThat(halved.values()).extracting(run -> run.get(0)).containsOnly("finished", "stopped");
    assertThat(halved.get("1.0E-5")).contains("stopped", "2");
    assertThat(study(stopping, "--status").out())
        .contains(
            "step 2/6, rank 4 of 4 at the rung, of which 2 go on",
            "4 runs: 2 finished, 2 stopped\n");
    assertThat(temp.resolve("results/halved/table.md"))
        .content()
        .contains(
            "stopped at step 2 of 6 (rank ",
            "## Stopped at rungs",
            "2 of 4 runs stopped at a rung, with their checkpoints: 256 of 768 tokens saved (33 %)",
            "too few settings");
    assertThat(study(stopping, "--plan").out())
        .startsWith("2 runs, 2 of them done; the others: 0 tokens")
        .contains("2 runs have stopped");

    String id = halved.get("1.0E-5").get(2);
    Invocation byHand = study(stopping, "--promote", id);
    assertThat(byHand.exitCode()).as(byHand.err()).isZero();
    assertThat(runs().get("1.0E-5")).contains("finished", "6");

    Invocation whole = study(write(""));
    assertThat(whole.exitCode()).as(whole.err()).isZero();
    Map<String, List<String>> continued = runs();
    assertThat(continued.values()).extracting(run -> run.get(0)).containsOnly("finished");
    halved.forEach(
        (rate, run) -> {
          if (run.get(0).equals("finished")) {
            assertThat(continued.get(rate)).isEqualTo(run);
          }
        });
    assertThat(temp.resolve("results/halved/table.md"))
        .as("now of all settings")
        .content()
        .contains("## Stopped at rungs")
        .doesNotContain("tokens saved");
  }

  @Test
  void whatMakesNoSenseIsRefusedInOneLine() throws IOException {
    Path stopping = write("stop: {first: 2, factor: 2}");
    assertThat(study(stopping, "--shard", "1/2"))
        .isEqualTo(
            new Invocation(
                2,
                "",
                "adamant: --shard is 1/2; allowed: 1/1 in a study with stop:, which compares all runs"
                    + " at a rung; let workers share its folder\n"));
    Invocation nobody = study(stopping, "--promote", "0fc6d3d774c0");
    assertThat(nobody.exitCode()).isEqualTo(2);
    assertThat(nobody.err())
        .endsWith("adamant: no run 0fc6d3d774c0 in the study; runs.csv and --status name them\n");
    Invocation without = study(write(""), "--promote", "0fc6d3d774c0");
    assertThat(without.exitCode()).isEqualTo(2);
    assertThat(without.err())
        .isEqualTo("adamant: --promote is 0fc6d3d774c0; allowed: runs of a study with stop:\n");
    assertThat(study(write("stop: {first: 6}")).err())
        .contains("stop.first is 6; allowed: steps below training.steps, 6 in arm base");
    assertThat(temp.resolve("results")).as("refused before anything is written").doesNotExist();
  }
}
