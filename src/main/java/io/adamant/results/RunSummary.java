package io.adamant.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.Json;
import io.adamant.base.PublicApi;
import io.adamant.stats.Curve;
import io.adamant.stats.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a run ended; the content of {@code summary.json}. Of a run without one, what its metrics
 * tell. Losses are mean cross-entropies in nats per token. A number that does not exist, such as
 * the validation loss of a diverged run, is NaN (null in the file).
 *
 * @param status how it ended
 * @param reason in words; empty when finished
 * @param steps optimizer steps done
 * @param tokens tokens trained on
 * @param valLoss on the whole validation set, at the end; of an unfinished run the last one, of one
 *     that stopped at a rung that of the rung
 * @param bestValLoss the lowest of all evaluations
 * @param initValLoss before the first step
 * @param valBitsPerByte {@code valLoss} in bits per byte of the validation text; NaN where the
 *     bytes are unknown
 * @param readoutValLoss {@code valLoss} of the weights that the run reads out; NaN where these are
 *     the trained ones
 * @param trainLoss mean of the last 10 steps that were taken
 * @param tokensPerSecond median over the reads of the device
 * @param seconds of training, evaluation included, over all sessions of the run
 * @param skippedSteps left out by the guard against non-finite values
 * @param firstBadStep the first of them
 * @param findings what the divergence doctor recognised; empty in a healthy run
 * @param weightsSha256 over the final weights in name order; empty where unknown
 * @param performance how well the machine was used
 */
@PublicApi
public record RunSummary(
    RunStatus status,
    String reason,
    long steps,
    long tokens,
    double valLoss,
    double bestValLoss,
    double initValLoss,
    double valBitsPerByte,
    double readoutValLoss,
    double trainLoss,
    double tokensPerSecond,
    double seconds,
    long skippedSteps,
    OptionalLong firstBadStep,
    List<Finding> findings,
    String weightsSha256,
    Optional<Performance> performance) {

  static final String STATUS = "status";
  static final String VAL_PERPLEXITY = "val_ppl";
  static final String SECONDS = "seconds";
  static final String STEPS = "steps";

  /** Key of the hash over the final weights. */
  public static final String WEIGHTS_SHA256 = "weights_sha256";

  private static final String REASON = "reason";
  private static final String BEST_VAL_LOSS = "best_val_loss";
  private static final String INIT_VAL_LOSS = "init_val_loss";
  private static final String SKIPPED_STEPS = "skipped_steps";
  private static final String FIRST_BAD_STEP = "first_bad_step";
  private static final String FINDINGS = "findings";
  private static final String PERFORMANCE = "performance";

  /** Copies the list. */
  public RunSummary {
    findings = List.copyOf(findings);
  }

  /**
   * Something that went wrong.
   *
   * @param kind {@code non_finite, loss_spike, plateau} or {@code update_overflow}
   * @param step at which it was first seen
   * @param tensor the first one concerned; empty where no single one is
   * @param detail in words
   */
  public record Finding(String kind, long step, String tensor, String detail) {

    private static final String KIND = "kind";
    private static final String TENSOR = "tensor";
    private static final String DETAIL = "detail";

    /**
     * The finding as keys and values.
     *
     * @return in the order of the file
     */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put(KIND, kind);
      map.put(Metrics.STEP, step);
      map.put(TENSOR, tensor);
      map.put(DETAIL, detail);
      return map;
    }

    /**
     * Reads what {@link #toMap} made.
     *
     * @param map its keys and values
     * @return the finding
     */
    public static Finding of(Map<?, ?> map) {
      return read(Json.MAPPER.valueToTree(map));
    }

    private static Finding read(JsonNode json) {
      return new Finding(
          Json.text(json, KIND),
          Json.whole(json, Metrics.STEP).orElse(0),
          Json.text(json, TENSOR),
          Json.text(json, DETAIL));
    }
  }

  /**
   * How well a run used its machine. It decides nothing and may differ between two runs of the same
   * seed.
   *
   * @param microBatch sequences computed at once
   * @param tflops 10^12 operations a second: {@code flops_per_token} times the median tokens a
   *     second; NaN if no throughput is known
   * @param matmulPeakTflops of the fastest matrix product seen on this device in the run's number
   *     format; NaN if nobody has measured it
   * @param peakMemoryBytes the most that was in use
   * @param memoryOf {@code process}, resident memory on a CPU, or {@code device}, all that is taken
   *     on the GPU
   */
  public record Performance(
      int microBatch,
      double tflops,
      double matmulPeakTflops,
      OptionalLong peakMemoryBytes,
      String memoryOf) {

    private static final String TFLOPS = "tflops";
    private static final String PEAK = "matmul_peak_tflops";
    private static final String UTILISATION = "utilisation";
    private static final String MEMORY = "peak_memory_bytes";
    private static final String MEMORY_OF = "memory_of";

    /**
     * Share of the peak that was reached.
     *
     * @return {@code tflops / matmulPeakTflops}, NaN without one of them
     */
    public double utilisation() {
      return tflops / matmulPeakTflops;
    }

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put(Manifest.Key.MICRO_BATCH.path(), microBatch);
      map.put(TFLOPS, StepMetrics.finite(tflops));
      map.put(PEAK, StepMetrics.finite(matmulPeakTflops));
      map.put(UTILISATION, StepMetrics.finite(utilisation()));
      map.put(MEMORY, orNull(peakMemoryBytes));
      map.put(MEMORY_OF, memoryOf);
      return map;
    }

    private static Optional<Performance> of(JsonNode json) {
      return json.isObject()
          ? Optional.of(
              new Performance(
                  (int) Json.whole(json, Manifest.Key.MICRO_BATCH.path()).orElse(0),
                  Json.number(json, TFLOPS),
                  Json.number(json, PEAK),
                  Json.whole(json, MEMORY),
                  Json.text(json, MEMORY_OF)))
          : Optional.empty();
    }
  }

  /**
   * Whether running the command again has nothing to do.
   *
   * @return true if finished or diverged
   */
  public boolean isFinal() {
    return status == RunStatus.FINISHED || status == RunStatus.DIVERGED;
  }

  /**
   * Perplexity of the validation loss.
   *
   * @return exp(valLoss), NaN where there is none
   */
  public double valPerplexity() {
    return Math.exp(valLoss);
  }

  /** In the order of the file. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(STATUS, status.word());
    map.put(REASON, reason);
    map.put(STEPS, steps);
    map.put(Metrics.TOKENS, tokens);
    map.put(Metrics.VAL_LOSS, StepMetrics.finite(valLoss));
    map.put(VAL_PERPLEXITY, StepMetrics.finite(valPerplexity()));
    map.put(BEST_VAL_LOSS, StepMetrics.finite(bestValLoss));
    map.put(INIT_VAL_LOSS, StepMetrics.finite(initValLoss));
    if (Double.isFinite(valBitsPerByte)) {
      map.put(Metrics.VAL_BITS_PER_BYTE, valBitsPerByte);
    }
    if (Double.isFinite(readoutValLoss)) {
      map.put(Metrics.READOUT_VAL_LOSS, readoutValLoss);
    }
    map.put(Metrics.TRAIN_LOSS, StepMetrics.finite(trainLoss));
    map.put(Metrics.TOKENS_PER_SECOND, StepMetrics.finite(tokensPerSecond));
    map.put(SECONDS, seconds);
    map.put(SKIPPED_STEPS, skippedSteps);
    map.put(FIRST_BAD_STEP, orNull(firstBadStep));
    map.put(FINDINGS, findings.stream().map(Finding::toMap).toList());
    map.put(WEIGHTS_SHA256, weightsSha256);
    map.put(PERFORMANCE, performance.map(Performance::toMap).orElse(null));
    return map;
  }

  static RunSummary of(JsonNode json, String where) {
    List<Finding> findings = new ArrayList<>();
    json.path(FINDINGS).forEach(finding -> findings.add(Finding.read(finding)));
    return new RunSummary(
        RunStatus.of(Json.text(json, STATUS), where),
        Json.text(json, REASON),
        Json.whole(json, STEPS).orElse(0),
        Json.whole(json, Metrics.TOKENS).orElse(0),
        Json.number(json, Metrics.VAL_LOSS),
        Json.number(json, BEST_VAL_LOSS),
        Json.number(json, INIT_VAL_LOSS),
        Json.number(json, Metrics.VAL_BITS_PER_BYTE),
        Json.number(json, Metrics.READOUT_VAL_LOSS),
        Json.number(json, Metrics.TRAIN_LOSS),
        Json.number(json, Metrics.TOKENS_PER_SECOND),
        Json.number(json, SECONDS),
        Json.whole(json, SKIPPED_STEPS).orElse(0),
        Json.whole(json, FIRST_BAD_STEP),
        findings,
        Json.text(json, WEIGHTS_SHA256),
        Performance.of(json.path(PERFORMANCE)));
  }

  /** Of a run whose summary is not written yet. */
  static RunSummary unfinished(Metrics metrics) {
    Curve validation = metrics.curve(Metrics.VAL_LOSS);
    Curve skipped = metrics.curve(Metrics.SKIPPED);
    long skips = 0;
    OptionalLong first = OptionalLong.empty();
    for (int i = 0; i < skipped.size(); i++) {
      if (skipped.y(i) > 0) {
        skips++;
        first = first.isPresent() ? first : OptionalLong.of((long) skipped.x(i));
      }
    }
    double tokens = metrics.curve(Metrics.TOKENS).last();
    return new RunSummary(
        RunStatus.UNFINISHED,
        "",
        metrics.lastStep(),
        Double.isNaN(tokens) ? 0 : (long) tokens,
        validation.last(),
        Statistics.min(validation),
        Double.NaN,
        metrics.curve(Metrics.VAL_BITS_PER_BYTE).last(),
        metrics.curve(Metrics.READOUT_VAL_LOSS).last(),
        Statistics.meanOfLast(metrics.curve(Metrics.TRAIN_LOSS), 10),
        Statistics.median(metrics.curve(Metrics.TOKENS_PER_SECOND)),
        Double.NaN,
        skips,
        first,
        List.of(),
        "",
        Optional.empty());
  }

  private static Long orNull(OptionalLong value) {
    return value.isPresent() ? (Long) value.getAsLong() : null;
  }
}
