package io.adamant.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.adamant.base.PublicApi;

/**
 * How well a run used its machine; part of {@code summary.json}. It decides nothing and may differ
 * between two runs of the same seed.
 *
 * @param microBatch sequences computed at once
 * @param tflops 10^12 operations a second: {@code flops_per_token} times the median tokens a
 *     second; null if no throughput is known
 * @param matmulPeakTflops of the fastest matrix product seen on this device in the run's number
 *     format; null if nobody has measured it
 * @param utilisation the first over the second; null without it
 * @param peakMemoryBytes the most that was in use
 * @param memoryOf {@code process}, resident memory on a CPU, or {@code device}, all that is taken
 *     on the GPU
 */
@PublicApi
public record Performance(
    @JsonProperty("micro_batch") int microBatch,
    @JsonProperty("tflops") Double tflops,
    @JsonProperty("matmul_peak_tflops") Double matmulPeakTflops,
    @JsonProperty("utilisation") Double utilisation,
    @JsonProperty("peak_memory_bytes") Long peakMemoryBytes,
    @JsonProperty("memory_of") String memoryOf) {

  /** From operations a second. */
  static Performance of(
      int microBatch, Double flops, Double peak, Long peakMemoryBytes, String memoryOf) {
    return new Performance(
        microBatch,
        flops == null ? null : (Double) (flops / 1e12),
        peak == null ? null : (Double) (peak / 1e12),
        flops == null || peak == null ? null : (Double) (flops / peak),
        peakMemoryBytes,
        memoryOf);
  }
}
