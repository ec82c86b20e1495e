package io.adamant.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to Slurm and what is made of its answers; a real one is in {@code ClusterTest}. */
class SlurmArrayTest {

  @TempDir Path temp;
  private FakeSlurm slurm;
  private Path queue;
  private Path study;

  @BeforeEach
  void sites() throws IOException {
    study = temp.resolve("it's results/betas");
    queue = temp.resolve("queue");
    Files.writeString(queue, "");
    slurm =
        new FakeSlurm(temp.resolve("bin"))
            // Slurm does not make the folder of the logs: without it jobs end without a word.
            .with("sbatch", "test -d " + temp + "/*/betas/slurm/log && echo '812;cluster'")
            .with("squeue", "cat '" + queue + "'")
            .with("scontrol", "echo 'MaxArraySize            = 1001'");
  }

  private SlurmArray array() {
    return new SlurmArray(study, slurm.commands());
  }

  private SlurmArray.Request request(int left, int workers, String... options) {
    return new SlurmArray.Request(
        "betas",
        left,
        workers == 0 ? OptionalInt.empty() : OptionalInt.of(workers),
        2,
        temp,
        List.of("echo", "it's", "a worker"),
        List.of(options));
  }

  private List<String> submissions() throws IOException {
    return slurm.calls().stream().filter(call -> call.startsWith("sbatch")).toList();
  }

  private Path script() {
    return study.resolve("slurm").resolve("worker.sbatch");
  }

  @Test
  void oneArrayOfNoMoreWorkersThanRunsIsSubmitted() throws IOException {
    SlurmArray.Outcome outcome = array().submit(request(12, 0, "-p", "gpu", "--time=10"));
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.text())
        .startsWith("job 812: 12 workers for 12 runs\n")
        .contains("/slurm/log/812_*.log", "scancel 812");
    assertThat(submissions()).containsExactly("sbatch --parsable -p gpu --time=10 " + script());
    assertThat(script())
        .content()
        .contains("#SBATCH --array=0-11\n", "#SBATCH --cpus-per-task=2\n", "--signal=B:USR1@180\n")
        .containsPattern("#SBATCH --job-name=betas-[0-9a-f]{8}\n");
    assertThat(array().submit(request(12, 5)).text()).contains("5 workers for 12 runs");
    assertThat(script()).content().contains("#SBATCH --array=0-4\n");
    assertThat(array().submit(request(3000, 0)).text()).contains("1001 workers");
    assertThat(script()).content().contains("#SBATCH --array=0-1000\n");
    assertThat(array().submit(request(0, 0)).text()).contains("nothing is left");
    assertThat(submissions()).hasSize(3);
  }

  @Test
  void whileItLivesMoreWorkersComeOnlyOnRequest() throws IOException {
    array().submit(request(12, 3));
    Files.writeString(
        queue, "812|0|RUNNING|None\n812|1|PENDING|Priority\n812|2|PENDING|Resources\n");
    assertThat(array().queue())
        .contains("workers: 1 run, 2 wait in Slurm's queue (Priority, Resources)");
    SlurmArray.Outcome outcome = array().submit(request(12, 0));
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.text())
        .startsWith("nothing was submitted, since job 812 is at work on this study; workers: 1")
        .endsWith("--workers N adds N more");
    assertThat(submissions()).hasSize(1);
    assertThat(array().submit(request(12, 20)).text()).contains("9 workers");
    assertThat(array().submit(request(3, 20)).text()).contains("nothing was submitted");
    assertThat(submissions()).hasSize(2);
    slurm.with("squeue", "echo 'slurm_load_jobs error: Unable to contact' >&2; exit 1");
    assertThat(array().queue()).as("the files tell enough").isEmpty();
    outcome = array().submit(request(12, 20));
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.text()).contains("does not answer", "Unable to contact");
    assertThat(submissions()).as("it might be there already").hasSize(2);
  }

  @Test
  void whatSlurmRefusesIsSaidInItsWordsAndNotTriedAgain() throws IOException {
    slurm.with(
        "sbatch",
        """
        echo 'sbatch: error: invalid partition specified: gpus' >&2
        echo 'sbatch: error: Batch job submission failed: Invalid partition name specified' >&2
        exit 1""");
    assertThatThrownBy(() -> array().submit(request(12, 0, "-p", "gpus")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "Slurm refuses the job: invalid partition specified: gpus; Batch job submission failed:"
                + " Invalid partition name specified");
    assertThat(submissions()).hasSize(1);
    try (Stream<Path> arrays = Files.list(study.resolve("slurm/arrays"))) {
      assertThat(arrays).isEmpty();
    }
  }

  @Test
  void anSbatchWithoutAnAnswerIsLookedForByItsName() throws IOException {
    slurm.with(
        "sbatch",
        "echo '812|0|PENDING|None' >'"
            + queue
            + "'; echo 'sbatch: error: Socket timed out' >&2; exit 1");
    assertThat(array().submit(request(12, 1)).text()).startsWith("job 812: 1 worker for 12 runs");
    assertThat(array().submit(request(12, 0)).text()).contains("job 812 is at work");
    assertThat(submissions()).hasSize(1);
    String name =
        slurm.calls().stream().filter(c -> c.startsWith("squeue")).findFirst().orElseThrow();
    assertThat(script()).content().contains(name.replaceFirst(".*--name=", "--job-name=") + "\n");
  }

  @Test
  void whatIsWrongWithARequestIsOneLine() throws IOException {
    assertThatThrownBy(() -> array().submit(request(3000, 1002)))
        .isInstanceOf(InputException.class)
        .hasMessage("--workers is 1002; allowed: 1 to 1001, the MaxArraySize of this Slurm");
    assertThatThrownBy(() -> new SlurmArray(study, new Slurm("/nowhere")).submit(request(3, 1)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("--slurm: no sbatch on the PATH;");
    assertThat(submissions()).isEmpty();
    assertThat(study).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-a", "-a0-9", "--array=0-9", "--job-name", "-Jmine", "--wait"})
  void optionsThatAreAdamantsOwnAreRefused(String option) {
    assertThatThrownBy(() -> request(3, 1, "-p", "gpu", option))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(option + " after -- is Adamant's own");
  }

  private String run(int exitCode) throws Exception {
    Process process =
        new ProcessBuilder("sh", script().toString()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
    return said;
  }

  @Test
  void aNodeThatDoesNotSeeTheFolderRefuses() throws Exception {
    array().submit(request(12, 3));
    assertThat(run(0)).isEqualTo("it's a worker\n");
    array().submit(request(12, 4));
    assertThat(run(0)).as("workers of an earlier array that wait").isEqualTo("it's a worker\n");
    Files.writeString(study.resolve("slurm/token"), "another folder of this name\n");
    assertThat(run(2))
        .startsWith("adamant: ")
        .contains(" does not see " + study.resolve("slurm") + " as it was")
        .endsWith("expected: a results folder that all nodes share\n");
  }

  @Test
  void theScriptAloneWritesNothing() {
    String text = array().script(request(12, 3, "-p", "gpu"));
    assertThat(text)
        .contains("#SBATCH --array=0-2\n", "sbatch -p gpu ", "exec echo 'it'\\''s' 'a worker'\n")
        .doesNotContain("token");
    assertThat(study).doesNotExist();
  }
}
