package io.adamant.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SlurmJobTest {

  @Test
  void aTaskIsNamedByItsArrayAndItsIndex() {
    SlurmJob job =
        SlurmJob.of(
                Map.of(
                    "SLURM_JOB_ID", "814",
                    "SLURM_ARRAY_JOB_ID", "812",
                    "SLURM_ARRAY_TASK_ID", "3",
                    "SLURM_RESTART_COUNT", "2",
                    "SLURMD_NODENAME", "n7"))
            .orElseThrow();
    assertThat(job).isEqualTo(new SlurmJob("812_3", "n7", 2));
    assertThat(job.words()).isEqualTo("job 812_3 on n7");
    assertThat(job.array()).contains("812");
  }

  @Test
  void aJobWithoutAnArrayIsNamedByItsNumber() {
    SlurmJob job = SlurmJob.of(Map.of("SLURM_JOB_ID", "814")).orElseThrow();
    assertThat(job).isEqualTo(new SlurmJob("814", "", 0));
    assertThat(job.words()).isEqualTo("job 814");
    assertThat(job.array()).isEmpty();
    assertThat(SlurmJob.of(Map.of("PATH", "/bin"))).as("outside of Slurm").isEmpty();
  }
}
