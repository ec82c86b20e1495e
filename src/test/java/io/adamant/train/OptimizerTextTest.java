package io.adamant.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.config.StudyConfig;
import io.adamant.data.TokenDataset;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.tensor.ScriptModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose optimizer is a text file of the user's. */
class OptimizerTextTest {

  private static final String COPY = "mine-[0-9a-f]{12}\\.py";

  @TempDir Path temp;
  private Path corpus;
  private Path mine;

  @BeforeEach
  void write() throws IOException {
    corpus = TestRuns.corpus(temp);
    mine = Files.writeString(temp.resolve("mine.py"), ScriptModule.resource("optimizers/adamw.py"));
  }

  private RunConfig config(Path optimizer, String... more) {
    String[] all = new String[more.length + 2];
    all[0] = "training.steps=12";
    all[1] = "optimizer.type=" + optimizer;
    System.arraycopy(more, 0, all, 2, more.length);
    return TestRuns.config(corpus, all);
  }

  @Test
  void theSameTextIsTheSameTrajectoryAndItsContentTheIdentity() throws IOException {
    RunConfig builtIn = TestRuns.config(corpus, "training.steps=12");
    RunConfig text = config(mine);
    Path elsewhere = Files.copy(mine, Files.createDirectories(temp.resolve("x")).resolve("y.py"));
    try (TokenDataset data = TestRuns.data(builtIn, temp.resolve("cache"))) {
      RunSummary named = TestRuns.train(builtIn, data, temp.resolve("named"));
      RunSummary own = TestRuns.train(text, data, temp.resolve("own"));
      assertThat(own.weightsSha256()).isEqualTo(named.weightsSha256());

      String id = RunIdentity.of(text, data);
      assertThat(id).isNotEqualTo(RunIdentity.of(builtIn, data));
      assertThat(RunIdentity.of(config(elsewhere), data)).isEqualTo(id);
      Files.writeString(elsewhere, Files.readString(mine) + "\n");
      assertThat(RunIdentity.of(config(elsewhere), data)).isNotEqualTo(id);
    }
  }

  @Test
  void theFolderKeepsTheTextAndResumesByIt() throws IOException {
    RunConfig config = config(mine);
    Path root = temp.resolve("run");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      RunSummary whole = TestRuns.train(config, data, temp.resolve("whole"));
      int[] steps = {0};
      TestRuns.train(config, data, root, () -> ++steps[0] >= 5);
      String type = RunDirectory.config(root).optimizer().type();
      assertThat(type).matches("\\./" + COPY);
      assertThat(RunDirectory.config(root).optimizer().name()).isEqualTo("mine.py");
      assertThat(root.resolve(type)).hasSameTextualContentAs(mine);

      // The recorded configuration, wherever the original went, is the same run.
      Path moved = temp.resolve("moved");
      Files.move(root, moved);
      Files.move(mine, temp.resolve("gone.py"));
      RunConfig recorded =
          Training.resolve(Configs.readRun(moved.resolve(RunDirectory.RUN), List.of()));
      assertThat(TestRuns.train(recorded, data, moved).weightsSha256())
          .isEqualTo(whole.weightsSha256());
    }
  }

  @Test
  void aChangedFileIsRefusedOnResume() throws IOException {
    RunConfig config = config(mine);
    Path root = temp.resolve("run");
    try (TokenDataset data = TestRuns.data(config, temp.resolve("cache"))) {
      int[] steps = {0};
      TestRuns.train(config, data, root, () -> ++steps[0] >= 5);
      Path copy = root.resolve(RunDirectory.config(root).optimizer().type()).normalize();
      String text = Files.readString(mine);

      Files.writeString(mine, text.replace("0.95", "0.94"));
      assertThatThrownBy(() -> TestRuns.train(config(mine), data, root))
          .isInstanceOf(InputException.class)
          .hasMessageMatching(
              ".* holds another run \\(optimizer.type: text_\\w+ there, text_\\w+ here\\); use .*");

      Files.writeString(mine, text);
      Files.writeString(copy, text + "\n");
      assertThatThrownBy(() -> TestRuns.train(config(mine), data, root))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("holds another run");
    }
  }

  @Test
  void aGroupMayHaveAFileOfItsOwn() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("set"));
    Files.move(mine, folder.resolve("mine.py"));
    Path study =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            name: s
            base: {data.corpus: a.txt}
            arms:
              own: {optimizer: {type: ./mine.py, beta1: 0.8}, grid: {optimizer.lr: [1e-3, 2e-3]}}
              adamw: {optimizer.lr: 1e-3}
            grid: {optimizer.type: [mine.py, lion]}
            """);
    String absolute = folder.resolve("mine.py").toString();
    StudyConfig read =
        Configs.readStudy(
            Files.writeString(
                study, Files.readString(study).replaceFirst("grid: .optimizer.type.*", "")),
            List.of());
    assertThat(read.plan())
        .extracting(run -> run.config().optimizer().type())
        .containsExactly(absolute, absolute, "adamw");

    Path run =
        Files.writeString(
            folder.resolve("run.yaml"),
            "groups: {heads: {match: '.*head.*', optimizer: mine.py, beta1: 0.7}}\n");
    RunConfig grouped = Training.withOptimizersResolved(Configs.readRun(run, List.of()));
    assertThat(grouped.groups().get("heads").optimizer()).isEqualTo(absolute);
    assertThat(grouped.groups().get("heads").settings()).containsEntry("beta1", 0.7);
    assertThat(OptimizerTexts.recorded(grouped).groups().get("heads").optimizer())
        .matches("\\./" + COPY);
  }
}
