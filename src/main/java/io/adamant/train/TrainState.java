package io.adamant.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The state of training apart from weights and optimizer state: what the next process needs to
 * resume exactly. It is the content of {@code checkpoint.json}.
 *
 * @param step steps done
 * @param runId of the run that wrote it
 * @param kernelPath which arithmetic it used
 * @param record what {@link StepRecorder} remembers
 * @param validation what evaluations have found
 * @param hooks what each hook remembers, by its name
 * @param parts the processes that trained it so far, in their order; like ones in a row count once
 * @param readout what the run reads out besides the weights that it trains; null if nothing
 */
public record TrainState(
    @JsonProperty("step") long step,
    @JsonProperty("run_id") String runId,
    @JsonProperty("kernel_path") String kernelPath,
    @JsonProperty("record") Recorded record,
    @JsonProperty("validation") Validation validation,
    @JsonProperty("hooks") Map<String, Map<String, Object>> hooks,
    @JsonProperty("parts") List<Part> parts,
    @JsonProperty("readout") @JsonInclude(JsonInclude.Include.NON_NULL) Averaged readout) {

  /** Copies map and list; checkpoints of 0.1 have no parts. */
  public TrainState {
    hooks = Map.copyOf(hooks);
    parts = parts == null ? List.of() : List.copyOf(parts);
  }

  /**
   * What one process trained.
   *
   * @param fromStep steps done when it began
   * @param threads of the CPU
   * @param host name of the machine, of rank 0's where there are several
   * @param ranks processes that trained together; null for one by itself
   */
  public record Part(
      @JsonProperty("from_step") long fromStep,
      @JsonProperty("threads") int threads,
      @JsonProperty("host") String host,
      @JsonProperty("ranks") @JsonInclude(JsonInclude.Include.NON_NULL) Integer ranks) {

    boolean isLike(Part other) {
      return threads == other.threads
          && host.equals(other.host)
          && Objects.equals(ranks, other.ranks);
    }
  }

  /**
   * Averaged weights, whose file lies beside this one if there are any.
   *
   * @param kind word of a {@link io.adamant.config.Readout}
   * @param rule with which settings, as {@link EvaluationWeights#rule} says it
   * @param count of weights averaged
   */
  public record Averaged(
      @JsonProperty("kind") String kind,
      @JsonProperty("rule") String rule,
      @JsonProperty("count") long count) {}

  /**
   * Steps and metrics so far.
   *
   * @param metricsLength bytes of {@code metrics.jsonl} that belong to the checkpoint
   * @param seconds of training
   * @param skippedSteps left out by the guard
   * @param skippedInARow of them, the ones since the last step that was taken
   * @param firstBadStep the first of them; null if none
   * @param recentLosses of the last steps taken, oldest first
   */
  public record Recorded(
      @JsonProperty("metrics_length") long metricsLength,
      @JsonProperty("seconds") double seconds,
      @JsonProperty("skipped_steps") long skippedSteps,
      @JsonProperty("skipped_in_a_row") long skippedInARow,
      @JsonProperty("first_bad_step") Long firstBadStep,
      @JsonProperty("recent_losses") List<Double> recentLosses) {

    /** Copies the list. */
    public Recorded {
      recentLosses = List.copyOf(recentLosses);
    }
  }

  /**
   * Losses on the validation set, in nats per token; null where there is none.
   *
   * @param initial before the first step
   * @param best the lowest of all evaluations
   * @param last of the latest evaluation; null also if it was not finite
   * @param lastStep the step of that; below 0 before the first
   * @param bestCheckpoint step of the checkpoint with the lowest loss; below 0 before the first
   * @param bestCheckpointLoss its loss
   * @param readout of what the run reads out, at the latest evaluation
   */
  public record Validation(
      @JsonProperty("initial") Double initial,
      @JsonProperty("best") Double best,
      @JsonProperty("last") Double last,
      @JsonProperty("last_step") long lastStep,
      @JsonProperty("best_checkpoint") long bestCheckpoint,
      @JsonProperty("best_checkpoint_loss") Double bestCheckpointLoss,
      @JsonProperty("readout") @JsonInclude(JsonInclude.Include.NON_NULL) Double readout) {

    static final Validation NONE = new Validation(null, null, null, -1, -1, null, null);

    Validation withInitial(double loss) {
      return new Validation(
          loss, best, last, lastStep, bestCheckpoint, bestCheckpointLoss, readout);
    }

    /** The same for a run that branches off: the best checkpoint so far is another run's. */
    Validation branched() {
      return new Validation(initial, best, last, lastStep, -1, null, readout);
    }

    /** The same after an evaluation, whose losses may be anything. */
    Validation after(long step, double loss, double readoutLoss) {
      boolean finite = Double.isFinite(loss);
      return new Validation(
          initial,
          finite && (best == null || loss < best) ? (Double) loss : best,
          finite ? (Double) loss : null,
          step,
          bestCheckpoint,
          bestCheckpointLoss,
          Double.isFinite(readoutLoss) ? (Double) readoutLoss : null);
    }

    /**
     * The same after a checkpoint, which is the best one if it was evaluated and none is better.
     */
    Validation withCheckpoint(long step) {
      boolean better =
          lastStep == step
              && last != null
              && (bestCheckpointLoss == null || last < bestCheckpointLoss);
      return better ? new Validation(initial, best, last, lastStep, step, last, readout) : this;
    }

    /** The loss of an evaluation after a certain step; null if there was none or not finite. */
    Double at(long step) {
      return lastStep == step ? last : null;
    }

    /** The same of what the run reads out. */
    Double readoutAt(long step) {
      return lastStep == step ? readout : null;
    }
  }
}
