package io.adamant.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On file trees as such machines have them. */
class GrantedTest {

  private static final long GIB = 1L << 30;
  private static final String V2 =
      "28 22 0:25 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";

  @TempDir Path root;

  @BeforeEach
  void machine() throws IOException {
    write("proc/meminfo", "SwapTotal: 9 kB\nMemTotal:   67108864 kB\nMemAvailable: 33554432 kB\n");
  }

  private void write(String path, String text) throws IOException {
    Files.createDirectories(root.resolve(path).getParent());
    Files.writeString(root.resolve(path), text);
  }

  private Granted granted(String... variables) {
    return new Granted(
        root, variables.length == 0 ? Map.of() : Map.of(variables[0], variables[1]), 24);
  }

  @Test
  void withoutLimitsItIsTheMachine() throws IOException {
    assertThat(granted().threads()).isEqualTo(24);
    assertThat(granted().memory()).hasValue(64 * GIB);
    assertThat(granted().free()).hasValue(32 * GIB);

    Files.delete(root.resolve("proc/meminfo"));
    assertThat(granted().memory()).isEmpty();
    assertThat(granted().free()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OMP_NUM_THREADS | 6 | 6",
        "OMP_NUM_THREADS | 3,2 | 3",
        "OMP_NUM_THREADS | 48 | 24",
        "OMP_NUM_THREADS | many | 24",
        "OMP_NUM_THREADS | 0 | 24",
        "SLURM_CPUS_PER_TASK | 5 | 5",
      })
  void variablesOfASchedulerAndOfTheUserCount(String variable, String value, int threads) {
    assertThat(granted(variable, value).threads()).isEqualTo(threads);
  }

  /** A systemd slice, a scheduler's job and its step: the tightest of the three counts. */
  @Test
  void nestedGroupsOfVersion2() throws IOException {
    write("proc/self/cgroup", "0::/batch.slice/job_17/step_0\n");
    write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/a rw\n" + V2 + "\n");
    String slice = "sys/fs/cgroup/batch.slice/";
    write(slice + "memory.max", "17179869184\n");
    write(slice + "memory.current", "1073741824\n");
    write(slice + "memory.stat", "anon 5\ninactive_file 536870912\n");
    write(slice + "job_17/memory.max", "max\n");
    write(slice + "job_17/cpu.max", "250000 100000\n");
    write(slice + "job_17/step_0/memory.max", "34359738368\n");
    write(slice + "job_17/step_0/cpu.max", "max 100000\n");

    assertThat(granted().memory()).hasValue(16 * GIB);
    assertThat(granted().free()).hasValue(16 * GIB - GIB / 2);
    assertThat(granted().threads()).isEqualTo(3);
    assertThat(granted("OMP_NUM_THREADS", "2").threads()).isEqualTo(2);
  }

  @Test
  void aContainerOfVersion2SeesItsGroupAsTheRoot() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    write("proc/self/mountinfo", V2.replace(" / /sys", " /../.. /sys") + "\n");
    write("sys/fs/cgroup/memory.max", "2147483648\n");
    write("sys/fs/cgroup/cpu.max", "50000 100000\n");

    assertThat(granted().memory()).hasValue(2 * GIB);
    assertThat(granted().threads()).isEqualTo(1);
  }

  /** Docker mounts the container's group; /proc names it as the host does. */
  @Test
  void aContainerOfVersion1() throws IOException {
    write(
        "proc/self/cgroup",
        "9:name=systemd:/docker/ab\n4:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n0::/\n");
    write(
        "proc/self/mountinfo",
        """
        40 30 0:31 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
        41 30 0:32 /docker/ab /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
        """);
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "4294967296\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "3221225472\n");
    write("sys/fs/cgroup/memory/memory.stat", "cache 1\ntotal_inactive_file 1073741824\n");
    write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "700000\n");
    write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");

    assertThat(granted().memory()).hasValue(4 * GIB);
    assertThat(granted().free()).hasValue(2 * GIB);
    assertThat(granted().threads()).isEqualTo(7);
  }

  @Test
  void nestedGroupsOfVersion1WithoutALimitOfTheirOwn() throws IOException {
    write("proc/self/cgroup", "4:memory:/slurm/uid_7/job_3\n3:cpu:/slurm/uid_7/job_3\n");
    write(
        "proc/self/mountinfo",
        """
        40 30 0:31 / /cg/memory rw - cgroup memory rw,memory
        41 30 0:32 / /cg/cpu rw - cgroup cpu rw,cpu
        """);
    write("cg/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("cg/memory/slurm/uid_7/memory.limit_in_bytes", "8589934592\n");
    write("cg/memory/slurm/uid_7/job_3/memory.limit_in_bytes", "9223372036854771712\n");
    write("cg/cpu/slurm/uid_7/job_3/cpu.cfs_quota_us", "-1\n");
    write("cg/cpu/slurm/uid_7/job_3/cpu.cfs_period_us", "100000\n");

    assertThat(granted().memory()).hasValue(8 * GIB);
    assertThat(granted().free()).hasValue(8 * GIB);
    assertThat(granted().threads()).isEqualTo(24);
  }
}
