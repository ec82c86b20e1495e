package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.adamant.config.Configs;
import io.adamant.config.PlannedRun;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.tensor.CpuFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The bits of trained weights, written down before the code was rearranged: the quickstart's five
 * arms, and 20 steps of each file under configs/optimizers, with two threads.
 *
 * <p>Another kind of processor rounds otherwise, so the pins are by kind; a kind without pins is
 * skipped, and with {@code -Dpins.print} its lines are printed for pins/weights.csv.
 */
class PinnedWeightsTest {
  private static final Path PINS = Path.of("src/test/resources/pins/weights.csv");
  private static final Path QUICKSTART = Path.of("configs/quickstart.yaml");
  private static final List<String> WHOLE =
      List.of("muon_hidden", "normuon", "scion", "shampoo", "soap");
  private static final String STEPS = "training.steps=20";

  @Test
  @Tag("slow")
  void weightsHaveTheBitsThatTheyHadAtFirst() throws IOException {
    String cpu = cpu();
    List<String> pinned =
        Files.readAllLines(PINS).stream().filter(line -> line.startsWith(cpu + ",")).toList();
    assumeFalse(
        pinned.isEmpty() && System.getProperty("pins.print") == null,
        () -> "no pins for " + cpu + ", see -Dpins.print");

    List<String> found = new ArrayList<>();
    for (Path file : optimizerFiles()) {
      train(found, file, new PlannedRun("", "", Configs.readRun(file, List.of(STEPS))));
    }
    for (String type : WHOLE) { // as these rules took fused matrices at first
      Path file = Path.of("configs/optimizers", type + ".yaml");
      List<String> whole = List.of(STEPS, "optimizer.fused_matrices=whole");
      train(found, file, new PlannedRun("", "", Configs.readRun(file, whole)));
    }
    for (PlannedRun run : Configs.readStudy(QUICKSTART, List.of()).plan()) {
      train(found, QUICKSTART, run);
    }
    assumeFalse(pinned.isEmpty(), () -> String.join("\n", found));
    assertThat(found).containsExactlyInAnyOrderElementsOf(pinned);
  }

  /** Steps alone: what watches and evaluates changes no bit, and would take most of the time. */
  private static void train(List<String> found, Path file, PlannedRun run) {
    RunConfig config =
        Training.resolve(run.config().with("training.device", "cpu").with("training.threads", 2));
    try (TokenDataset data =
        TokenDataset.open(Training.dataset(config), CacheDirectory.ofUser(), line -> {})) {
      RunConfig whole = Training.withVocabulary(config, data);
      try (Rehearsal steps = new Rehearsal(whole, data, List.of(), phase -> {})) {
        for (int i = 0; i < run.config().training().steps(); i++) {
          steps.step();
        }
        found.add(
            String.join(
                ",",
                cpu(),
                file.toString(),
                run.config().optimizer().type(),
                steps.weightsSha256()));
      }
    }
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
