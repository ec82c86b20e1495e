package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.config.Configs;
import io.adamant.config.OptimizerConfig;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in configs/optimizers, and an optimizer that only the test tree knows. */
class EveryOptimizerTrainsTest {
  private static final Path EXAMPLES = Path.of("configs/optimizers");

  @TempDir Path temp;

  static List<String> types() {
    return Rules.types();
  }

  @Test
  void everyOptimizerHasAnExampleWithItsName() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              types().stream().map(type -> type + ".yaml").toList());
    }
    assertThat(Optimizers.all().stream().map(OptimizerDefinition::type)).containsAll(types());
  }

  @ParameterizedTest
  @MethodSource("types")
  void theExampleShowsEverySettingAndLearns(String type) throws IOException {
    Path file = EXAMPLES.resolve(type + ".yaml");
    OptimizerConfig example = Configs.readRun(file, List.of()).optimizer();
    assertThat(example.type()).isEqualTo(type);
    for (String setting : Optimizers.definition(type).settingNames()) {
      assertThat(Files.readString(file)).contains("\n  " + setting + ": ");
    }
    learns(example, 0.15);
  }

  @Test
  void anOptimizerOfTheTestTreeTrainsWithoutTouchingAnyOtherFile() {
    learns(new OptimizerConfig("root_sgd", 0.03, 0, Map.of("beta1", 0.8)), 0.5);
  }

  private void learns(OptimizerConfig optimizer, double margin) {
    RunConfig config =
        Training.resolve(
            TestRuns.config(TestRuns.corpus(temp), "training.eval_every=0").with(optimizer));
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary summary = TestRuns.train(config, data, temp.resolve("run"));
      assertThat(summary.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(summary.skippedSteps()).isZero();
      assertThat(summary.valLoss()).isLessThan(summary.initValLoss() - margin);
    }
  }
}
