package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * What is measured while training, and where it is written in addition to {@code metrics.jsonl}.
 * Measuring never changes a trajectory.
 *
 * @param every steps between measurements of update RMS, weight RMS and gradient noise; 0 = never
 * @param tensors whether to measure each parameter tensor in addition to the groups
 * @param probeEvery steps between probes of the gradient on fresh batches; 0 = never
 * @param probeBatches fresh batches of a probe, at least 4
 * @param memory gradients K that the measurement of their memory keeps, of the last steps; 0 = none
 * @param memoryCoordinates coordinates of each group of parameters that it keeps of them
 * @param csv whether to write {@code metrics.csv}
 * @param tensorboard whether to write TensorBoard event files into {@code tensorboard/}
 * @param sampleEvery steps between texts that are drawn from the model, by seed and step, into
 *     {@code samples.jsonl}; 0 = never. The last step's is among them
 * @param samplePrompt how these texts begin
 * @param sampleTokens tokens that each of them adds at most
 * @param evaluateEvery steps between evaluations on questions; 0 = never. The last step's is among
 *     them
 * @param evaluateTask the file of these multiple-choice questions, as {@code evaluate --task} reads
 *     it
 */
@PublicApi
public record MeasureConfig(
    @Key(value = "10", min = 0) @Key.OutsideId int every,
    @Key("false") @Key.OutsideId boolean tensors,
    @Key(value = "0", min = 0) @Key.OutsideId int probeEvery,
    @Key(value = "8", min = 4, max = 256) @Key.OutsideId int probeBatches,
    @Key(value = "0", min = 0, max = 1024) @Key.OutsideId int memory,
    @Key(value = "4096", min = 64, max = 1_000_000) @Key.OutsideId int memoryCoordinates,
    @Key("false") @Key.OutsideId boolean csv,
    @Key("false") @Key.OutsideId boolean tensorboard,
    @Key(value = "0", min = 0) @Key.OutsideId int sampleEvery,
    @Key(allowed = "the beginning of a text, or \"\" for a text from its start") @Key.OutsideId
        String samplePrompt,
    @Key(value = "48", min = 1, max = 100_000) @Key.OutsideId int sampleTokens,
    @Key(value = "0", min = 0) @Key.OutsideId int evaluateEvery,
    @Key(allowed = "the path of a file of multiple-choice questions, or \"\"") @Key.OutsideId
        String evaluateTask) {

  private static final int FEWEST_REMEMBERED = 16;

  /**
   * Validates.
   *
   * @throws InputException if probes or memory are asked for and no measurement, or evaluations
   *     without questions
   */
  public MeasureConfig {
    if (every == 0 && probeEvery > 0) {
      throw InputException.badValue(
          "measure.probe_every", probeEvery, "0 while measure.every is 0, which measures nothing");
    }
    if (memory > 0 && (every == 0 || memory < FEWEST_REMEMBERED)) {
      throw InputException.badValue(
          "measure.memory",
          memory,
          every == 0
              ? "0 while measure.every is 0, which measures nothing"
              : "0, or at least " + FEWEST_REMEMBERED);
    }
    if (evaluateEvery > 0 && evaluateTask.isBlank()) {
      throw InputException.badValue(
          "measure.evaluate_every", evaluateEvery, "0, or a file as measure.evaluate_task");
    }
  }

  /**
   * Groups at every tenth step, no probe, {@code metrics.jsonl} only.
   *
   * @return the defaults
   */
  public static MeasureConfig defaults() {
    return ConfigSection.defaults("measure", MeasureConfig.class);
  }
}
