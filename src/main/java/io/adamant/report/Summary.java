package io.adamant.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.chart.Curve;
import io.adamant.chart.Statistics;
import java.util.OptionalLong;

/**
 * How a run ended, from {@code summary.json}; for a run without one, what its metrics tell. Losses
 * are in nats per token and NaN where unknown, as are times.
 *
 * @param status how far it came
 * @param reason why it ended, empty where there is nothing to say
 * @param steps optimizer steps done
 * @param tokens tokens trained on
 * @param valLoss validation loss at the end; of an unfinished run the last one
 * @param bestValLoss lowest validation loss
 * @param trainLoss mean of the last ten training losses
 * @param tokensPerSecond median over steps
 * @param seconds wall time of training
 * @param skippedSteps steps that the guard against non-finite values left out
 * @param firstBadStep the first of them
 * @param weightsSha256 over the final weights, empty where unknown
 */
public record Summary(
    RunStatus status,
    String reason,
    long steps,
    long tokens,
    double valLoss,
    double bestValLoss,
    double trainLoss,
    double tokensPerSecond,
    double seconds,
    long skippedSteps,
    OptionalLong firstBadStep,
    String weightsSha256) {

  /**
   * Perplexity of the validation loss.
   *
   * @return exp(valLoss), NaN where there is none
   */
  public double valPerplexity() {
    return Math.exp(valLoss);
  }

  static Summary of(JsonNode json, String where) {
    return new Summary(
        RunStatus.of(Json.text(json, "status"), where),
        Json.text(json, "reason"),
        Json.whole(json, "steps").orElse(0),
        Json.whole(json, "tokens").orElse(0),
        Json.number(json, "val_loss"),
        Json.number(json, "best_val_loss"),
        Json.number(json, "train_loss"),
        Json.number(json, "tokens_per_s"),
        Json.number(json, "seconds"),
        Json.whole(json, "skipped_steps").orElse(0),
        Json.whole(json, "first_bad_step"),
        Json.text(json, "weights_sha256"));
  }

  /** Of a run whose summary is not written yet. */
  static Summary unfinished(Metrics metrics) {
    Curve validation = metrics.curve("val_loss");
    Curve skipped = metrics.curve("skipped");
    long skips = 0;
    OptionalLong first = OptionalLong.empty();
    for (int i = 0; i < skipped.size(); i++) {
      if (skipped.y(i) > 0) {
        skips++;
        first = first.isPresent() ? first : OptionalLong.of((long) skipped.x(i));
      }
    }
    double tokens = metrics.curve("tokens").last();
    return new Summary(
        RunStatus.UNFINISHED,
        "",
        metrics.lastStep(),
        Double.isNaN(tokens) ? 0 : (long) tokens,
        validation.last(),
        Statistics.min(validation),
        Statistics.meanOfLast(metrics.curve("train_loss"), 10),
        Statistics.median(metrics.curve("tokens_per_s")),
        Double.NaN,
        skips,
        first,
        "");
  }
}
