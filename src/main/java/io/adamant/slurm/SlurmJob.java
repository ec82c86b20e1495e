package io.adamant.slurm;

import java.util.Map;
import java.util.Optional;

/**
 * The Slurm job that this process belongs to, from its environment.
 *
 * @param id of the job, or of this task of an array, such as {@code 812_3}
 * @param node that it runs on, as Slurm names it; empty where Slurm does not say
 * @param restarts how often Slurm has started it anew
 */
public record SlurmJob(String id, String node, int restarts) {

  /**
   * The job of this process.
   *
   * @return empty outside of Slurm
   */
  public static Optional<SlurmJob> here() {
    return of(System.getenv());
  }

  /**
   * Who this is, for others that share the study's folder.
   *
   * @return such as {@code job 812_3 on n7}
   */
  public String words() {
    return "job " + id + (node.isEmpty() ? "" : " on " + node);
  }

  /**
   * The array that this is a task of.
   *
   * @return such as {@code 812}; empty for a job that is none
   */
  public Optional<String> array() {
    int end = id.indexOf('_');
    return end < 0 ? Optional.empty() : Optional.of(id.substring(0, end));
  }

  /**
   * The job that variables tell of. The last task of an array has the array's own number as its
   * {@code SLURM_JOB_ID}, by which Slurm understands the whole array: a task is named by both.
   *
   * @param environment the variables
   * @return empty outside of Slurm
   */
  static Optional<SlurmJob> of(Map<String, String> environment) {
    String job = environment.getOrDefault("SLURM_JOB_ID", "");
    String array = environment.getOrDefault("SLURM_ARRAY_JOB_ID", "");
    String task = environment.getOrDefault("SLURM_ARRAY_TASK_ID", "");
    String restarts = environment.getOrDefault("SLURM_RESTART_COUNT", "");
    return job.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SlurmJob(
                array.isEmpty() || task.isEmpty() ? job : array + "_" + task,
                environment.getOrDefault("SLURMD_NODENAME", ""),
                restarts.matches("[0-9]{1,9}") ? Integer.parseInt(restarts) : 0));
  }
}
