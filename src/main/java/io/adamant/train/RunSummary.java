package io.adamant.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.adamant.base.PublicApi;
import java.util.List;

/**
 * How a run ended; the content of {@code summary.json}. Losses are mean cross-entropies in nats and
 * null where there is none.
 *
 * @param status how it ended
 * @param reason in words; empty when finished
 * @param steps done
 * @param tokens seen
 * @param valLoss on the whole validation set, at the end
 * @param valPpl exp of it
 * @param bestValLoss the lowest of all evaluations
 * @param initValLoss before the first step
 * @param trainLoss mean of the last 10 steps that were taken
 * @param tokensPerSecond median over the reads of the device
 * @param seconds of training, evaluation included, over all sessions of the run
 * @param skippedSteps left out by the guard
 * @param firstBadStep the first of them
 * @param findings what the divergence doctor recognised; empty in a healthy run
 * @param weightsSha256 over the final weights in name order
 * @param performance how well the machine was used; null in summaries of old
 */
@PublicApi
@JsonPropertyOrder({
  "status",
  "reason",
  "steps",
  "tokens",
  "val_loss",
  "val_ppl",
  "best_val_loss",
  "init_val_loss",
  "train_loss",
  "tokens_per_s",
  "seconds",
  "skipped_steps",
  "first_bad_step",
  "findings",
  "weights_sha256",
  "performance"
})
public record RunSummary(
    @JsonProperty("status") Status status,
    @JsonProperty("reason") String reason,
    @JsonProperty("steps") long steps,
    @JsonProperty("tokens") long tokens,
    @JsonProperty("val_loss") Double valLoss,
    @JsonProperty("val_ppl") Double valPpl,
    @JsonProperty("best_val_loss") Double bestValLoss,
    @JsonProperty("init_val_loss") Double initValLoss,
    @JsonProperty("train_loss") Double trainLoss,
    @JsonProperty("tokens_per_s") Double tokensPerSecond,
    @JsonProperty("seconds") double seconds,
    @JsonProperty("skipped_steps") long skippedSteps,
    @JsonProperty("first_bad_step") Long firstBadStep,
    @JsonProperty("findings") List<Finding> findings,
    @JsonProperty("weights_sha256") String weightsSha256,
    @JsonProperty("performance") Performance performance) {

  /** Summaries of old know no findings. */
  public RunSummary {
    findings = findings == null ? List.of() : List.copyOf(findings);
  }

  /**
   * A summary that knows nothing of the machine.
   *
   * @param status how it ended
   * @param reason in words; empty when finished
   * @param steps done
   * @param tokens seen
   * @param valLoss on the whole validation set, at the end
   * @param valPpl exp of it
   * @param bestValLoss the lowest of all evaluations
   * @param initValLoss before the first step
   * @param trainLoss mean of the last 10 steps that were taken
   * @param tokensPerSecond median over the reads of the device
   * @param seconds of training, evaluation included, over all sessions of the run
   * @param skippedSteps left out by the guard
   * @param firstBadStep the first of them
   * @param findings what the divergence doctor recognised; empty in a healthy run
   * @param weightsSha256 over the final weights in name order
   */
  public RunSummary(
      Status status,
      String reason,
      long steps,
      long tokens,
      Double valLoss,
      Double valPpl,
      Double bestValLoss,
      Double initValLoss,
      Double trainLoss,
      Double tokensPerSecond,
      double seconds,
      long skippedSteps,
      Long firstBadStep,
      List<Finding> findings,
      String weightsSha256) {
    this(
        status,
        reason,
        steps,
        tokens,
        valLoss,
        valPpl,
        bestValLoss,
        initValLoss,
        trainLoss,
        tokensPerSecond,
        seconds,
        skippedSteps,
        firstBadStep,
        findings,
        weightsSha256,
        null);
  }

  /**
   * Something that went wrong.
   *
   * @param kind {@code non_finite, loss_spike, plateau} or {@code update_overflow}
   * @param step at which it was first seen
   * @param tensor the first one concerned; empty where no single one is
   * @param detail in words
   */
  public record Finding(
      @JsonProperty("kind") String kind,
      @JsonProperty("step") long step,
      @JsonProperty("tensor") String tensor,
      @JsonProperty("detail") String detail) {}

  /** How a run can end. */
  public enum Status {
    /** All steps were done. */
    @JsonProperty("finished")
    FINISHED,
    /** The guard gave up: a result, not an error. */
    @JsonProperty("diverged")
    DIVERGED,
    /** An error stopped it; running the command again goes on from the last checkpoint. */
    @JsonProperty("failed")
    FAILED,
    /** A person stopped it; running the command again goes on. */
    @JsonProperty("interrupted")
    INTERRUPTED
  }

  /**
   * Whether running the command again has nothing to do.
   *
   * @return true if finished or diverged
   */
  @JsonIgnore
  public boolean isFinal() {
    return status == Status.FINISHED || status == Status.DIVERGED;
  }
}
