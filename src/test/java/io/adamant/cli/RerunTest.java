package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.DurableFiles;
import io.adamant.results.Manifest;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunSummary;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study packed, carried elsewhere and repeated there. */
class RerunTest {

  private static final String OWN =
      """
      \"\"\"Half the gradient

      formula: u = g / 2
      source: none
      \"\"\"


      def direction(g):
        return g / 2
      """;

  @TempDir Path temp;
  private Path corpus;
  private Path study;

  @BeforeEach
  void train() throws IOException {
    corpus = TestRuns.corpus(temp);
    Files.writeString(temp.resolve("own.py"), OWN);
    Invocation tokenizer =
        Invocation.of(
            "tokenizer",
            "train",
            corpus.toString(),
            "--vocab",
            "300",
            "--to",
            temp.resolve("tokenizer.json").toString());
    assertThat(tokenizer.exitCode()).as(tokenizer.err()).isZero();
    Path file = temp.resolve("study.yaml");
    Files.writeString(
        file,
        """
        name: s
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: tokenizer.json, validation_fraction: 0.02}
          training: {steps: 3, batch: 2, threads: 1, eval_tokens: 256}
        arms:
          own: {optimizer: {type: ./own.py, lr: 0.01}}
        """
            .formatted(corpus));
    assertThat(Invocation.of("study", file.toString(), "--results", temp + "/results").exitCode())
        .isZero();
    study = temp.resolve("results/s");
  }

  private Path pack() {
    Path bundle = temp.resolve("elsewhere/bundle");
    Invocation packed =
        Invocation.of("report", study.toString(), "--bundle", "--out", bundle.toString());
    assertThat(packed.exitCode()).as(packed.err()).isZero();
    assertThat(packed.out()).contains("(1 run)");
    return bundle;
  }

  private Invocation rerun(Path bundle, String... more) {
    String[] words = {
      "study", "--rerun", bundle.toString(), "--run", id(bundle), "--results", temp + "/again"
    };
    return Invocation.of(Stream.of(words, more).flatMap(Stream::of).toArray(String[]::new));
  }

  private static String id(Path study) {
    try (Stream<Path> runs = Files.list(study.resolve("runs"))) {
      return runs.findFirst().orElseThrow().getFileName().toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRunIsRepeatedFromTheBundleAlone() throws IOException {
    Path bundle = pack();
    assertThat(bundle.resolve("report.html")).isNotEmptyFile();
    try (Stream<Path> files = Files.walk(bundle)) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.contains("checkpoint"));
    }
    Files.delete(temp.resolve("own.py"));
    Files.delete(temp.resolve("tokenizer.json"));
    DurableFiles.deleteFolder(study);
    Path moved = temp.resolve("moved");
    Files.move(corpus, moved);

    Invocation lost = rerun(bundle);
    assertThat(lost.exitCode()).isEqualTo(2);
    assertThat(lost.err()).contains(corpus.toString(), "--set data.corpus=PATH");

    Invocation again = rerun(bundle, "--set", "data.corpus=" + moved);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out()).contains("the same weights as in the bundle: SHA-256", "after 3 steps");
  }

  @Test
  void whatDiffersIsListed() {
    Path run = study.resolve("runs").resolve(id(study));
    RunSummary summary = RunDirectory.summary(run).orElseThrow();
    try (RunDirectory directory = new RunDirectory(run)) {
      String text = Files.readString(run.resolve(RunDirectory.SUMMARY));
      DurableFiles.write(
          run.resolve(RunDirectory.SUMMARY), text.replace(summary.weightsSha256(), "f".repeat(64)));
      directory.write(RunDirectory.manifest(run).with(Manifest.Key.LIBTORCH, "1.13.1"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    Invocation again = rerun(pack());
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.out())
        .contains("Other weights than in the bundle", "f".repeat(64), summary.weightsSha256())
        .containsPattern("libtorch +1\\.13\\.1 +2\\.")
        .doesNotContainPattern("(?m)^seed");
  }

  @Test
  void aChangedBundleOrAnotherRunIsRefused() throws IOException {
    Path bundle = pack();
    Invocation other = rerun(bundle, "--set", "training.seed=5");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("seed: 1 there, 5 here");
    assertThat(Invocation.of("study", "--rerun", bundle.toString(), "--run", "nothing").err())
        .contains("--run nothing is none of the 1 runs");
    for (String name : List.of("run.yaml", "summary.json", own(bundle))) {
      Path file = bundle.resolve("runs").resolve(id(bundle)).resolve(name);
      String text = Files.readString(file);
      Files.writeString(file, text + "\n");
      Invocation changed = rerun(bundle);
      assertThat(changed.exitCode()).isEqualTo(2);
      assertThat(changed.err()).contains(name + " was changed after the bundle was packed");
      Files.writeString(file, text);
    }
    Path note = bundle.resolve("a-note.txt"); // beside the runs it disturbs nothing
    Files.writeString(note, "mine");
    Path added = bundle.resolve("runs").resolve(id(bundle)).resolve("added.py");
    Files.writeString(added, OWN);
    assertThat(rerun(bundle).err()).contains(added + " was added after the bundle was packed");
    assertThat(temp.resolve("again")).as("refused before anything is written").doesNotExist();
  }

  private static String own(Path bundle) throws IOException {
    try (Stream<Path> files = Files.list(bundle.resolve("runs").resolve(id(bundle)))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".py"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void nothingIsOverwrittenOrHalfWritten() throws IOException {
    Path bundle = pack();
    Invocation twice =
        Invocation.of("report", study.toString(), "--bundle", "--out", bundle.toString());
    assertThat(twice.exitCode()).isEqualTo(2);
    assertThat(twice.err()).contains("is there already");
    Files.delete(temp.resolve("tokenizer.json"));
    Path second = temp.resolve("second/bundle");
    Invocation gone =
        Invocation.of("report", study.toString(), "--bundle", "--out", second.toString());
    assertThat(gone.exitCode()).isEqualTo(2);
    assertThat(gone.err()).contains("tokenizer.json; expected");
    try (Stream<Path> left = Files.list(second.getParent())) {
      assertThat(left).isEmpty();
    }
    Invocation both = Invocation.of("study", "s.yaml", "--rerun", bundle.toString());
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.err()).contains("either STUDY.yaml, or --rerun BUNDLE with --run ID");
  }
}
