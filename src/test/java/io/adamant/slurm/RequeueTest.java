package io.adamant.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequeueTest {

  @TempDir Path temp;

  private static SlurmJob restarted(int times) {
    return new SlurmJob("812_3", "n7", times);
  }

  @Test
  void aTaskThatGetsOnComesBackAsOftenAsItTakes() throws IOException {
    FakeSlurm slurm = new FakeSlurm(temp.resolve("bin")).with("scontrol", "");
    for (int restart = 0; restart < 6; restart++) {
      assertThat(new Requeue(restarted(restart), slurm.commands()).ask(10 + restart, temp))
          .isEqualTo("task 812_3 is back in Slurm's queue");
    }
    assertThat(slurm.calls()).hasSize(6).containsOnly("scontrol requeue 812_3");
  }

  @Test
  void twoRestartsWithoutAStepAreEnough() throws IOException {
    FakeSlurm slurm = new FakeSlurm(temp.resolve("bin")).with("scontrol", "");
    for (int restart = 0; restart < 2; restart++) {
      assertThat(new Requeue(restarted(restart), slurm.commands()).ask(40, temp)).contains("back");
    }
    assertThat(new Requeue(restarted(2), slurm.commands()).ask(40, temp))
        .startsWith("not requeued: 2 restarts in a row made no new step; is the time limit");
    assertThat(slurm.calls()).hasSize(2);
    assertThat(new Requeue(restarted(0), slurm.commands()).ask(40, temp))
        .as("a new job begins anew")
        .contains("back");
  }

  @Test
  void beforeTheWorkBeganTwoRestartsAreEnough() throws IOException {
    FakeSlurm slurm = new FakeSlurm(temp.resolve("bin")).with("scontrol", "");
    assertThat(new Requeue(restarted(1), slurm.commands()).askEarly()).contains("back");
    assertThat(new Requeue(restarted(2), slurm.commands()).askEarly()).startsWith("not requeued");
    assertThat(slurm.calls()).hasSize(1);
  }

  @Test
  void whatSlurmRefusesIsSaidInItsWords() throws IOException {
    FakeSlurm slurm = new FakeSlurm(temp.resolve("bin"));
    assertThat(new Requeue(restarted(0), new Slurm("/nowhere")).ask(1, temp))
        .isEqualTo(
            "not requeued: no scontrol on the PATH; outside of this container: scontrol requeue"
                + " 812_3");
    slurm.with("scontrol", "echo 'scontrol: error: Job is disabled' >&2; exit 1");
    assertThat(new Requeue(restarted(0), slurm.commands()).ask(1, temp))
        .isEqualTo("not requeued: scontrol: Job is disabled");
  }
}
