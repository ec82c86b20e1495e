package io.adamant.plan;

import io.adamant.train.TrainingStep.Phase;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a benchmark measured.
 *
 * @param kernels name of the kernel path
 * @param tokensPerStep tokens in a step
 * @param parameters number of parameters, embedding included
 * @param flopsPerToken 6 N without the embedding, and 12 L d T
 * @param secondsPerStep median over steps, with the hooks' mean share
 * @param parts median seconds of each phase
 * @param ceiling operations a second of the fastest product seen in the same run
 * @param loss of the last step, nats a token
 * @param microBatch sequences computed at once
 * @param bandwidth bytes a second that a large copy reads and writes
 * @param peakMemory bytes, of the process on a CPU, of all on a GPU; empty if unknown
 */
public record BenchResult(
    String kernels,
    long tokensPerStep,
    long parameters,
    long flopsPerToken,
    double secondsPerStep,
    Map<Phase, Double> parts,
    double ceiling,
    double loss,
    int microBatch,
    double bandwidth,
    OptionalLong peakMemory) {

  /**
   * Throughput.
   *
   * @return tokens a second
   */
  public double tokensPerSecond() {
    return tokensPerStep / secondsPerStep;
  }

  /**
   * Work done.
   *
   * @return operations a second by the convention of {@code flopsPerToken}
   */
  public double flopsPerSecond() {
    return flopsPerToken * tokensPerSecond();
  }

  /**
   * Share of the matmul ceiling.
   *
   * @return usually 0 to 1
   */
  public double utilisation() {
    return flopsPerSecond() / ceiling;
  }

  /**
   * Share of a step that a phase takes. The shares add up to 1 less the loop's own share, or to a
   * little more, for each phase is a median of its own.
   *
   * @param phase which
   * @return 0 to 1
   */
  public double share(Phase phase) {
    return parts.get(phase) / secondsPerStep;
  }

  /**
   * Share of a step outside the model's kernels: data, clipping, optimizer, hooks and the loop.
   *
   * @return 0 to 1
   */
  public double outsideKernels() {
    double kernels = share(Phase.FORWARD) + share(Phase.HEAD) + share(Phase.BACKWARD);
    return Math.max(0, 1 - kernels);
  }

  /**
   * Everything by name, for JSON.
   *
   * @return numbers in the units that the names say
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("kernels", kernels);
    map.put("tokens_per_s", tokensPerSecond());
    map.put("ms_per_step", 1e3 * secondsPerStep);
    parts.forEach((phase, seconds) -> map.put(name(phase) + "_ms", 1e3 * seconds));
    parts.keySet().forEach(phase -> map.put(name(phase) + "_share", share(phase)));
    map.put("outside_kernels", outsideKernels());
    map.put("tokens_per_step", tokensPerStep);
    map.put("parameters", parameters);
    map.put("flops_per_token", flopsPerToken);
    map.put("gflops", flopsPerSecond() / 1e9);
    map.put("matmul_ceiling_gflops", ceiling / 1e9);
    map.put("utilisation", utilisation());
    map.put("loss", loss);
    map.put("micro_batch", microBatch);
    map.put("memory_bandwidth_gb_per_s", bandwidth / 1e9);
    map.put("peak_memory_bytes", peakMemory.isPresent() ? (Long) peakMemory.getAsLong() : null);
    return map;
  }

  private static String name(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
