package io.adamant.cli;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.adamant.base.ChildJvm;
import io.adamant.data.CacheDirectory;
import io.adamant.tensor.EngineFit;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Bad input: exit code 2, one line that says what and what would be valid, nothing written. */
class BadInputTest {

  @TempDir Path temp;
  private Path corpus;
  private Path run;
  private Path results;

  private record Outcome(int code, String out, String err) {}

  /** With a cache that knows no libtorch yet, the first refusal would follow a line about it. */
  @BeforeAll
  static void proveTheEngine() {
    EngineFit.ofThisProcess(CacheDirectory.ofUser()).require(line -> {});
  }

  @BeforeEach
  void write() throws IOException {
    corpus = TestRuns.corpus(temp);
    results = temp.resolve("results");
    run = temp.resolve("tiny.yaml");
    Files.writeString(
        run,
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        optimizer: {type: adamw, lr: 1.0e-2}
        training: {steps: 2, batch: 2, threads: 1, eval_tokens: 256}
        """
            .formatted(corpus));
  }

  private static Outcome execute(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = CommandLineFactory.create();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = command.execute(arguments.toArray(new String[0]));
    return new Outcome(code, out.toString(), err.toString());
  }

  private Outcome train(String... sets) {
    List<String> arguments =
        new ArrayList<>(List.of("train", run.toString(), "--results", results.toString()));
    for (String set : sets) {
      arguments.add("--set");
      arguments.add(set);
    }
    return execute(arguments);
  }

  private void assertRefused(Outcome outcome, String... parts) {
    assertThat(outcome.err().strip().lines().toList()).as(outcome.err()).hasSize(1);
    assertThat(outcome.err()).contains(parts).doesNotContain("Exception", "\tat ");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(results).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data.corpus=/no/such/file | /no/such/file",
        "optimizer.type=adamm | adamm",
        "optimizer.bta1=0.5 | bta1",
        "optimizer.beta1=1.5 | beta1",
        "optimizer.lr=-1 | optimizer.lr",
        "optimizer.lr=fast | optimizer.lr",
        "training.steps=-3 | training.steps",
        "training.stesp=3 | steps",
        "model.heads=3 | heads",
        "training.batch=50000 | batch",
        "model.context=100000 | context",
        "training.device=cuda | cuda",
        "training.device=tpu | device",
        "data.vocab=70000 | vocab",
        "training.init_from=/no/such/folder | init_from",
      })
  void aBadValueIsRefused(String set, String part) {
    assertRefused(train(set), part);
  }

  /** In a JVM with a cache of its own, where libtorch would be tried first. */
  @ParameterizedTest
  @CsvSource({
    "data.corpus=/no/such/file, 2, /no/such/file",
    "data.tokenizer=/no/such.json, 2, /no/such.json",
    "optimizer.beta1=1.5, 2, beta1",
    "training.init_from=/no/such/folder, 2, init_from",
    "training.steps=1, 0, trying libtorch with DJL's library",
  })
  void badInputIsFoundBeforeLibtorchIsTried(String set, int code, String part)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        ChildJvm.of(Main.class, "train", run.toString(), "--plan", "--set", set);
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process child = builder.start();
    String err = new String(child.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(err).isEqualTo(code);
    assertThat(err.lines().filter(line -> line.startsWith("adamant: ")).toList())
        .singleElement(as(STRING))
        .contains(part);
  }

  @Test
  void anEmptyCorpusIsRefused() throws IOException {
    Path empty = temp.resolve("empty.txt");
    Files.writeString(empty, "");
    assertRefused(train("data.corpus=" + empty), "empty.txt");
  }

  @Test
  void aRunIsNoStudyAndAMissingFileIsNone() {
    assertRefused(
        execute(List.of("study", run.toString(), "--results", results.toString())), "study");
    assertRefused(
        execute(List.of("study", temp + "/none.yaml", "--results", results.toString())),
        "none.yaml");
  }

  @Test
  void aFolderOfAnotherStudyIsRefusedAndKept() throws IOException {
    Path study = temp.resolve("study.yaml");
    String text =
        """
        name: tiny
        base:
          model: {layers: 1, width: 16, heads: 2, context: 16}
          data: {corpus: '%s', tokenizer: bytes, vocab: 257}
          training: {steps: STEPS, batch: 2, threads: 1, eval_tokens: 256}
        arms:
          adamw: {optimizer: {type: adamw, lr: 1.0e-2}}
        """
            .formatted(corpus);
    List<String> command = List.of("study", study.toString(), "--results", results.toString());
    Files.writeString(study, text.replace("STEPS", "2"));
    Outcome first = execute(command);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).contains("adamw", "report");
    String record = Files.readString(results.resolve("tiny/study.yaml"));

    Files.writeString(study, text.replace("STEPS", "3"));
    Outcome second = execute(command);
    assertThat(second.code()).isEqualTo(2);
    assertThat(second.err()).contains("holds a different study", "--replace");
    assertThat(Files.readString(results.resolve("tiny/study.yaml"))).isEqualTo(record);

    List<String> replace = new ArrayList<>(command);
    replace.add("--replace");
    assertThat(execute(replace).code()).isZero();
    assertThat(results.resolve("tiny/runs.csv")).exists();
  }

  @Test
  void theSameStudyAgainTrainsNothing() throws IOException {
    assertThat(train().code()).isZero();
    Outcome again = train();
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains("was done before").doesNotContain("step 2/2");
  }
}
