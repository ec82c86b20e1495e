package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.train.TestRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A study whose workers and study processes are killed at random, and at the worst moments, ends
 * like one that nobody disturbed: every run published once, with the same bits.
 */
class StudyChaosTest {

  @TempDir Path temp;

  @Tag("slow")
  @Test
  void aFewKillsLeaveEveryResultAsItWas() throws Exception {
    survives(6, 800, 6, 2, 1);
  }

  @Test
  @Tag("slow")
  void manyKillsLeaveEveryResultAsItWas() throws Exception {
    survives(40, 500, 50, 15, 5);
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
