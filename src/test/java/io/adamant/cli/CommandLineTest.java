package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.base.InputException;
import io.adamant.optim.OptimizerDefinition;
import io.adamant.optim.Optimizers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class CommandLineTest {

  private record Outcome(int exitCode, String out, String err) {}

  private static Outcome run(CommandLine commandLine, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return new Outcome(commandLine.execute(args), out.toString(), err.toString());
  }

  private static Outcome run(String... args) {
    return run(CommandLineFactory.create(), args);
  }

  /** A command whose work is given by the test. */
  @Command(name = "work")
  private static final class Work implements Callable<Integer> {
    private final Callable<Integer> work;
    @Mixin private SetOptions set;
    @Mixin private ResultsOption results;

    Work(Callable<Integer> work) {
      this.work = work;
    }

    @Override
    public Integer call() throws Exception {
      return work.call();
    }
  }

  private static Outcome runWork(Callable<Integer> work, String... options) {
    CommandLine commandLine = CommandLineFactory.create(List.of(new Work(work)));
    String[] args = new String[options.length + 1];
    args[0] = "work";
    System.arraycopy(options, 0, args, 1, options.length);
    return run(commandLine, args);
  }

  static List<String> commands() {
    return List.copyOf(CommandLineFactory.create().getSubcommands().keySet());
  }

  /** A start builds what it needs, and answers as with all commands. */
  @ParameterizedTest
  @CsvSource({
    "--version,0",
    "theory,1",
    "train x.yaml,1",
    "study --help,1",
    "optimisers,20",
    "--help,20"
  })
  void aStartBuildsTheCommandThatItNames(String line, int commands) {
    String[] args = line.split(" ", -1);
    CommandLine few = CommandLineFactory.create(Commands.of(args));
    assertThat(few.getSubcommands()).hasSize(commands);
    assertThat(run(few, args)).isEqualTo(run(args));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItselfWithAnExample(String command) {
    Outcome outcome = run(command, "--help");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEmpty();
    String[] parts = outcome.out().split("Examples:", -1);
    assertThat(parts).hasSize(2);
    assertThat(parts[0]).startsWith("Usage: adamant " + command).contains("--help", "--stacktrace");
    assertThat(parts[1]).contains("./adamant " + command);
  }

  @Test
  void withoutACommandItListsThem() {
    Outcome outcome = run();

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out())
        .contains(commands().stream().filter(name -> !name.equals("study-worker")).toList())
        .doesNotContain("study-worker");
    assertThat(outcome.out())
        .contains(
            "Time the parts of a training step.\n",
            "compare five optimizers",
            "Exit codes: 0 done, 1 the work failed, 2 bad input, 75 stopped by a signal");
  }

  @Test
  void tellsItsVersion() {
    Outcome outcome = run("--version");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).matches("Adamant \\d+\\.\\d+\\.\\d+\\S*( \\(commit .*\\))?\\R");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "optimisers|there is no command optimisers; did you mean optimizers",
        "compile|there is no command compile; see: adamant --help",
        "train x.yaml --steps 5|; did you mean --set training.steps=5? see: adamant train --help",
        "study x.yaml --weight-decay=0.1|; did you mean --set optimizer.weight_decay=0.1? see",
        "train x.yaml --batch-size 8|; did you mean --set training.batch=8? see",
        "train x.yaml --wd 0.1|; did you mean --set optimizer.weight_decay=0.1? see",
        "train x.yaml --plam 3|Unknown options: '--plam', '3'; see",
        "train x.yaml --plam|; did you mean --plan? see",
        "bench --step 3|; did you mean --steps? see",
        "replay --steps 5|; see: adamant replay --help",
        "doctor --devcie=cpu|Unknown option: '--devcie=cpu'; did you mean --device? see",
        "doctor --device|Missing required parameter for option '--device' (DEVICE)",
        "optimizers adam|no optimizer named adam; there are: ",
        "doctor --device gpu|training.device is gpu; allowed: auto, cpu, cuda or cuda:N",
        "test|run ./adamant test in a checkout"
      })
  void badInputIsOneLineAndExitCode2(String args, String message) {
    Outcome outcome = run(args.split(" ", -1));

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.err()).startsWith("adamant: ").contains(message);
  }

  @Test
  void aCommandsBadInputIsItsMessageAlone() {
    Outcome outcome =
        runWork(
            () -> {
              throw new InputException("run.yaml:3: model.width is -1; allowed: a positive number");
            });

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualToNormalizingNewlines(
            "adamant: run.yaml:3: model.width is -1; allowed: a positive number\n");
  }

  @Test
  void failedWorkIsOneLineAndExitCode1() {
    Outcome outcome =
        runWork(
            () -> {
              throw new IllegalStateException("the disk is full\nat frame 17\nat frame 18");
            });

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .isEqualToNormalizingNewlines(
            "adamant: work failed: IllegalStateException: the disk is full"
                + " (--stacktrace shows where)\n");
  }

  @Test
  void errorsOfTheMachineAreReportedLikeExceptions() {
    Outcome outcome =
        runWork(
            () -> {
              throw new UnsatisfiedLinkError("no djl_torch");
            });

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.err()).contains("work failed: UnsatisfiedLinkError: no djl_torch");
  }

  @Test
  void aFolderThatForbidsLibrariesIsBadInputWithItsRemedy() {
    Outcome outcome =
        runWork(
            () -> {
              throw new IllegalStateException(
                  new UnsatisfiedLinkError(
                      "/h/.djl.ai/t/a.so: /h/.djl.ai/t/a.so: failed to map segment from shared object"));
            });

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualToNormalizingNewlines(
            "adamant: no program may be loaded from /h/.djl.ai/t (is it mounted noexec?); set"
                + " DJL_CACHE_DIR to another folder\n");
  }

  @Test
  void theStackTraceAppearsOnRequest() {
    Outcome outcome =
        runWork(
            () -> {
              throw new IllegalStateException("broken");
            },
            "--stacktrace");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith("adamant: work failed: IllegalStateException: broken")
        .doesNotContain("shows where")
        .contains("\tat " + CommandLineTest.class.getName());
  }

  @Test
  void aCommandsExitCodePassesThrough() {
    assertThat(runWork(() -> 1).exitCode()).isEqualTo(1);
    assertThat(runWork(() -> 0).exitCode()).isZero();
  }

  @Test
  void sharedOptionsAreReadAsTheyStand(@TempDir Path folder) throws IOException {
    Work work = new Work(() -> 0);
    Path file = Files.writeString(folder.resolve("file"), "its content is no argument");

    Outcome outcome =
        run(
            CommandLineFactory.create(List.of(work)),
            "work",
            "--set",
            "optimizer.lr=3e-3",
            "--set=data.corpus=@a,b",
            "--results",
            "@" + file);

    assertThat(outcome.err()).isEmpty();
    assertThat(work.set.overrides()).containsExactly("optimizer.lr=3e-3", "data.corpus=@a,b");
    assertThat(work.results.directory()).isEqualTo(Path.of("@" + file));
  }

  @Test
  void sharedOptionsHaveDefaults() {
    Work work = new Work(() -> 0);

    run(CommandLineFactory.create(List.of(work)), "work");

    assertThat(work.set.overrides()).isEmpty();
    assertThat(work.results.directory()).isEqualTo(Path.of("results"));
  }

  @Test
  void listsEveryOptimizerWithItsSettings() {
    String out = run("optimizers").out();

    Optimizers.all()
        .forEach(
            optimizer -> {
              assertThat(out).contains(optimizer.type() + ": ");
              assertThat(out).contains(optimizer.formula());
            });
    assertThat(out).contains("beta1 = 0.95", "a number in [0, 1)", "state    m, v");
  }

  @Test
  void listsOneOptimizer() {
    String out = run("optimizers", "sgdm").out();

    assertThat(out).contains("sgdm: ", "beta1 = 0.9 ").doesNotContain("adamw: ");
  }

  @Test
  void jsonHoldsTheSameAndStaysJson() throws Exception {
    JsonNode all = new ObjectMapper().readTree(run("optimizers", "--json").out());

    assertThat(all.findValuesAsText("type"))
        .containsExactlyElementsOf(
            Optimizers.all().stream().map(OptimizerDefinition::type).toList());
    JsonNode adamw = new ObjectMapper().readTree(run("optimizers", "adamw", "--json").out()).get(0);
    assertThat(adamw.get("state").get(1).asText()).isEqualTo("v");
    JsonNode beta1 = adamw.get("settings").get(0);
    assertThat(beta1.get("name").asText()).isEqualTo("beta1");
    assertThat(beta1.get("default").asDouble()).isEqualTo(0.95);
    assertThat(beta1.get("allowed").asText()).isEqualTo("a number in [0, 1)");
  }
}
