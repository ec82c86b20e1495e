package io.adamant.slurm;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.Json;
import java.nio.file.Path;
import java.util.Map;

/**
 * Puts this process's own task back into Slurm's queue when its time is over: after the same number
 * of restarts of nothing done, no more, since a task that cannot get on would come back for ever.
 *
 * @param job of this process
 * @param slurm its commands
 */
public record Requeue(SlurmJob job, Slurm slurm) {

  /** Restarts without a new step after which a task stays away. */
  private static final int MOST_IDLE = 2;

  /**
   * Asks for it, at the very end: Slurm ends what the task still does.
   *
   * @param steps that the runs of the study have, all together
   * @param folder where a task remembers what it found when it last asked
   * @return what was done, for the log
   */
  public String ask(long steps, Path folder) {
    Path memory = folder.resolve("requeue-" + job.id() + ".json");
    JsonNode last = Json.object(memory);
    boolean came = job.restarts() > 0 && steps <= Json.whole(last, "steps").orElse(-1);
    long idle = came ? Json.whole(last, "restarts_without_steps").orElse(0) + 1 : 0;
    if (idle >= MOST_IDLE) {
      return "not requeued: %s restarts in a row made no new step; is the time limit too short, or the signal too early?"
          .formatted(idle);
    }
    DurableFiles.write(
        memory, Json.line(Map.of("steps", steps, "restarts_without_steps", idle)) + "\n");
    return ask();
  }

  /**
   * Asks for it before there is a study to remember anything in.
   *
   * @return what was done, for the log
   */
  public String askEarly() {
    return job.restarts() < MOST_IDLE
        ? ask()
        : "not requeued: %s restarts, and the work had not begun".formatted(job.restarts());
  }

  private String ask() {
    if (!slurm.has("scontrol")) {
      return "not requeued: no scontrol on the PATH; outside of this container: scontrol requeue "
          + job.id();
    }
    Slurm.Answer answer = slurm.ask("scontrol", "requeue", job.id());
    return answer.isDone()
        ? "task " + job.id() + " is back in Slurm's queue"
        : "not requeued: scontrol: " + answer.words();
  }
}
