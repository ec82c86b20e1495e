package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.tensor.CpuFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bits of trained weights, written down before the code was rearranged: the quickstart's five
 * arms, and 20 steps of each file under configs/optimizers, with two threads.
 *
 * <p>Another kind of processor rounds otherwise, so the pins are by kind; a kind without pins is
 * skipped, and its lines are printed for whoever wants to add them to pins/weights.csv.
 */
class PinnedWeightsTest {
  private static final Path PINS = Path.of("src/test/resources/pins/weights.csv");
  private static final Path QUICKSTART = Path.of("configs/quickstart.yaml");
  private static final String STEPS = "training.steps=20";
  private static final Pattern SHA256 =
      Pattern.compile("\"weights_sha256\"\\s*:\\s*\"([0-9a-f]{64})\"");

  @TempDir Path temp;

  @Test
  @Tag("slow")
  void weightsHaveTheBitsThatTheyHadAtFirst() throws IOException {
    String cpu = cpu();
    List<String> pinned =
        Files.readAllLines(PINS).stream().filter(line -> line.startsWith(cpu + ",")).toList();

    List<String> found = new ArrayList<>();
    for (Path file : optimizerFiles()) {
      train(found, file, new PlannedRun("", "", Configs.readRun(file, List.of(STEPS))));
    }
    for (PlannedRun run : Configs.readStudy(QUICKSTART, List.of()).plan()) {
      train(found, QUICKSTART, run);
    }
    assumeFalse(pinned.isEmpty(), () -> "no pins for this processor:\n" + String.join("\n", found));
    assertThat(found).containsExactlyInAnyOrderElementsOf(pinned);
  }

  private void train(List<String> found, Path file, PlannedRun run) throws IOException {
    Path directory = temp.resolve("run" + found.size());
    RunConfig config =
        run.config()
            .with("training.device", "cpu")
            .with("training.threads", 2)
            // Who watches changes no bit, which other tests hold, and takes a third of the time.
            .with("training.eval_every", 0)
            .with("training.eval_tokens", 128)
            .with("measure.every", 0);
    Training.train(config, directory);
    Matcher sha = SHA256.matcher(Files.readString(directory.resolve("summary.json")));
    assertThat(sha.find()).as("summary.json names the weights' SHA-256").isTrue();
    found.add(
        String.join(",", cpu(), file.toString(), run.config().optimizer().type(), sha.group(1)));
  }

  /** The processor's name and the widest of its instruction sets that kernels are chosen by. */
  private static String cpu() {
    CpuFeatures cpu = CpuFeatures.detect();
    Set<String> flags = cpu.flags();
    String widest =
        Stream.of("amx_bf16", "avx512_bf16", "avx512f", "avx2")
            .filter(flags::contains)
            .findFirst()
            .orElse(cpu.architecture());
    return cpu.model() + " " + widest;
  }

  private static List<Path> optimizerFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("configs/optimizers"))) {
      return files.sorted().toList();
    }
  }
}
