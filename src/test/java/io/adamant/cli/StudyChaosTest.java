package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.results.Ladder;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import io.adamant.results.RunStatus;
import io.adamant.train.TestRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A study whose workers and study processes are killed at random, and at the worst moments, ends
 * like one that nobody disturbed: every run published once, with the same bits.
 */
class StudyChaosTest {

  @TempDir Path temp;

  @Test
  @Tag("slow")
  void manyKillsLeaveEveryResultAsItWas() throws Exception {
    survives(40, 500, 50, 15, 5);
  }

  /**
   * The same where runs stop at rungs. Who finishes depends on who came first; what finishes has
   * its bits, and whatever stopped is there to the step and ends with its bits too.
   */
  @Test
  @Tag("slow")
  @Timeout(value = 20, unit = TimeUnit.MINUTES) // a study that ends early is killed no more
  void killsAtRungsLoseAndDoubleNothing() throws Exception {
    Path study = temp.resolve("chaos.yaml");
    String whole = yaml();
    Files.writeString(study, whole);
    Chaos chaos = new Chaos(temp, study, 20261129L);
    Map<String, String> undisturbed = chaos.undisturbed(temp.resolve("calm"));
    assertThat(undisturbed).hasSize(12);

    Files.writeString(study, whole + "stop: {rungs: [200, 500], factor: 2}\n");
    Path results = temp.resolve("chaos-results");
    chaos.disturb(results, 7, 2, 1);
    Path folder = results.resolve("chaos");
    Map<String, String> finished = Chaos.hashes(folder);
    assertThat(finished).hasSizeBetween(4, 10);
    assertThat(undisturbed).containsAllEntriesOf(finished);
    Chaos.assertWholeMetrics(folder, 1000);
    Ladder ladder = Ladder.read(folder, id -> false).orElseThrow();
    assertThat(ladder.rungs()).isNotEmpty().allMatch(Ladder.Rung::closed);
    for (String id : undisturbed.keySet()) {
      assertThat(finished.containsKey(id)).as(id).isNotEqualTo(ladder.isStopped(id));
      if (ladder.isStopped(id)) {
        Path attempt = RunFolders.ofRun(folder.resolve("work").resolve(id)).orElseThrow();
        assertThat(RunDirectory.summary(attempt).orElseThrow().status())
            .isEqualTo(RunStatus.STOPPED);
        assertThat(RunDirectory.metrics(attempt).lastStep()).isEqualTo(ladder.place(id).step());
      }
    }

    Files.writeString(study, whole);
    assertThat(chaos.undisturbed(results)).as("all continued to the bit").isEqualTo(undisturbed);
    assertThat(folder.resolve("work")).doesNotExist();
  }

  private String yaml() throws Exception {
    return """
        name: chaos
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
          training: {steps: 1000, batch: 4, threads: 1, eval_every: 0, eval_tokens: 256,
                     checkpoint_every: 5}
        arms:
          adamw: {optimizer: {type: adamw}, grid: {optimizer.lr: 'log(1e-4, 1e-2, 4)'}}
          sgdm: {optimizer: {type: sgdm, weight_decay: 0}, grid: {optimizer.lr: [0.5, 0.05]}}
        seeds: [1, 2]
        """
        .formatted(TestRuns.corpus(temp));
  }

  private void survives(int runs, int steps, int kills, int atWorstMoments, int stops)
      throws Exception {
    Path study = temp.resolve("chaos.yaml");
    Files.writeString(
        study,
        """
        name: chaos
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257, validation_fraction: 0.02}
          training: {steps: %s, batch: 4, threads: 1, eval_every: 0, eval_tokens: 256,
                     checkpoint_every: 5}
        arms:
          adamw: {optimizer: {type: adamw, lr: 1.0e-2}}
          sgdm: {optimizer: {type: sgdm, lr: 0.5, weight_decay: 0}}
        seeds: %s
        """
            .formatted(
                TestRuns.corpus(temp), steps, IntStream.rangeClosed(1, runs / 2).boxed().toList()));
    Chaos chaos = new Chaos(temp, study, 20261125L);
    Map<String, String> undisturbed = chaos.undisturbed(temp.resolve("calm"));
    assertThat(undisturbed).hasSize(runs);

    Path results = temp.resolve("chaos-results");
    chaos.disturb(results, kills, atWorstMoments, stops);

    assertThat(Chaos.hashes(results.resolve("chaos"))).isEqualTo(undisturbed);
    assertThat(results.resolve("chaos/work")).as("nothing is left of any attempt").doesNotExist();
    Chaos.assertWholeMetrics(results.resolve("chaos"), steps);
    assertThat(chaos.kills()).hasSizeGreaterThanOrEqualTo(kills);
    assertThat(chaos.kills().stream().filter(Chaos.Kill::atWorstMoment).count())
        .isGreaterThanOrEqualTo(atWorstMoments);
    assertThat(chaos.kills()).anyMatch(kill -> kill.what().equals("study process"));
  }
}
