package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Memory is flat: what a step takes it gives back. Everything is on: hooks, evaluation,
 * checkpoints; Java and allocator have the launcher's settings.
 */
@EnabledOnOs(OS.LINUX)
class ResidentMemoryTest {

  @TempDir Path temp;

  @Test
  @Tag("slow")
  void residentMemoryIsFlatOverTwoThousandSteps() throws Exception {
    flat(2000, 1.0);
  }

  /** Fewer steps, so a page more or less weighs more; a leaked handle or buffer a step is seen. */
  @Test
  void residentMemoryIsFlatOverEightHundredSteps() throws Exception {
    flat(800, 3.0);
  }

  private void flat(int steps, double kibPerStep) throws Exception {
    Path yaml = temp.resolve("tiny.yaml");
    Files.writeString(
        yaml,
        """
        model: {layers: 2, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: adamw, lr: 1.0e-2, beta1: 0.9, beta2: 0.95}
        training: {steps: %s, batch: 4, micro_batch: 2, threads: 1, eval_every: 100,
                   eval_tokens: 256, checkpoint_every: 100}
        """
            .formatted(TestRuns.corpus(temp), steps));
    Path log = temp.resolve("memory");
    Process process =
        TrainingProcess.start(
                List.of("-Dmemory=" + log),
                List.of(
                    yaml.toString(),
                    temp.resolve("run").toString(),
                    temp.resolve("cache").toString()))
            .redirectOutput(temp.resolve("out").toFile())
            .start();
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(temp.resolve("out"))).endsWith("FINISHED\n");

    SimpleRegression resident = new SimpleRegression();
    List<String> arrays = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      String[] columns = line.split(" ", -1); // step, KiB, arrays
      if (Integer.parseInt(columns[0]) >= 200) {
        resident.addData(Double.parseDouble(columns[0]), Double.parseDouble(columns[1]));
        arrays.add(columns[2]);
      }
    }
    System.out.printf(
        "resident memory: %.3f KiB a step over steps 200-%d, at %.0f MiB%n",
        resident.getSlope(), steps, resident.predict(steps) / 1024);
    assertThat(arrays).hasSize((steps - 200) / 10);
    assertThat(arrays.stream().distinct()).hasSize(1);
    assertThat(resident.getSlope()).isLessThanOrEqualTo(kibPerStep);
  }
}
