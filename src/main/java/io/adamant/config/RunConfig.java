package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One training run, complete: every setting has a value.
 *
 * <p>Read from YAML by {@link Configs#readRun}, or built from Java:
 *
 * <pre>{@code
 * RunConfig run =
 *     RunConfig.defaults()
 *         .withOptimizer(OptimizerConfig.of("sgdm", 1.0, 0).withSetting("beta1", 0.9))
 *         .with("training.steps", 100);
 * }</pre>
 *
 * @param model shape of the language model
 * @param data text and tokens
 * @param optimizer optimizer and its settings
 * @param clip gradient clipping
 * @param schedule learning rate over the run
 * @param training length, batch, device, seed, evaluation and checkpoints
 * @param measure what is measured while training
 * @param groups parameters that are trained otherwise than the rest, by the group's name
 */
@PublicApi
public record RunConfig(
    ModelConfig model,
    DataConfig data,
    OptimizerConfig optimizer,
    ClipConfig clip,
    ScheduleConfig schedule,
    TrainConfig training,
    MeasureConfig measure,
    Map<String, GroupConfig> groups) {

  /**
   * Copies the groups in alphabetical order.
   *
   * @throws InputException if a group's name is not lower-case letters, digits and _
   */
  public RunConfig {
    groups.keySet().forEach(GroupConfig::checkedName);
    groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
  }

  /**
   * A run that trains all parameters alike.
   *
   * @param model shape of the language model
   * @param data text and tokens
   * @param optimizer optimizer and its settings
   * @param clip gradient clipping
   * @param schedule learning rate over the run
   * @param training length, batch, device, seed, evaluation and checkpoints
   * @param measure what is measured while training
   */
  public RunConfig(
      ModelConfig model,
      DataConfig data,
      OptimizerConfig optimizer,
      ClipConfig clip,
      ScheduleConfig schedule,
      TrainConfig training,
      MeasureConfig measure) {
    this(model, data, optimizer, clip, schedule, training, measure, Map.of());
  }

  /**
   * The run that an empty configuration describes.
   *
   * @return the defaults
   */
  public static RunConfig defaults() {
    return new RunConfig(
        ModelConfig.defaults(),
        DataConfig.defaults(),
        OptimizerConfig.defaults(),
        ClipConfig.defaults(),
        ScheduleConfig.defaults(),
        TrainConfig.defaults(),
        MeasureConfig.defaults());
  }

  /**
   * The same run with one setting changed, by its YAML key. Everything else stays as it is resolved
   * now: a new {@code model.width} does not change {@code model.mlp_hidden}.
   *
   * @param key dotted key, such as {@code optimizer.lr}
   * @param value a number, a truth value, an enum constant or the text that YAML would have
   * @return a copy
   * @throws InputException if there is no such key or the value is not allowed
   */
  public RunConfig with(String key, Object value) {
    return with(Map.of(key, value));
  }

  /**
   * The same run with several settings changed at once, for those that are only valid together; as
   * {@link #with(String, Object)}.
   *
   * @param values new values by dotted key
   * @return a copy
   * @throws InputException if there is no such key or a value is not allowed
   */
  public RunConfig with(Map<String, ?> values) {
    return RunCodec.with(this, values);
  }

  /**
   * The same run with another model.
   *
   * @param newModel the model
   * @return a copy
   */
  public RunConfig withModel(ModelConfig newModel) {
    return new RunConfig(newModel, data, optimizer, clip, schedule, training, measure, groups);
  }

  /**
   * The same run on other data.
   *
   * @param newData the data
   * @return a copy
   */
  public RunConfig withData(DataConfig newData) {
    return new RunConfig(model, newData, optimizer, clip, schedule, training, measure, groups);
  }

  /**
   * The same run with another optimizer.
   *
   * @param newOptimizer the optimizer
   * @return a copy
   */
  public RunConfig withOptimizer(OptimizerConfig newOptimizer) {
    return new RunConfig(model, data, newOptimizer, clip, schedule, training, measure, groups);
  }

  /**
   * The same run with other clipping.
   *
   * @param newClip the clipping
   * @return a copy
   */
  public RunConfig withClip(ClipConfig newClip) {
    return new RunConfig(model, data, optimizer, newClip, schedule, training, measure, groups);
  }

  /**
   * The same run with another schedule.
   *
   * @param newSchedule the schedule
   * @return a copy
   */
  public RunConfig withSchedule(ScheduleConfig newSchedule) {
    return new RunConfig(model, data, optimizer, clip, newSchedule, training, measure, groups);
  }

  /**
   * The same run trained otherwise.
   *
   * @param newTraining length, batch, device, seed, evaluation and checkpoints
   * @return a copy
   */
  public RunConfig withTraining(TrainConfig newTraining) {
    return new RunConfig(model, data, optimizer, clip, schedule, newTraining, measure, groups);
  }

  /**
   * The same run measured otherwise.
   *
   * @param newMeasure what is measured
   * @return a copy
   */
  public RunConfig withMeasure(MeasureConfig newMeasure) {
    return new RunConfig(model, data, optimizer, clip, schedule, training, newMeasure, groups);
  }

  /**
   * The same run with other parameter groups.
   *
   * @param newGroups groups by name
   * @return a copy
   */
  public RunConfig withGroups(Map<String, GroupConfig> newGroups) {
    return new RunConfig(model, data, optimizer, clip, schedule, training, measure, newGroups);
  }

  /**
   * Tokens that a step trains on.
   *
   * @return {@code batch · context}
   */
  public long tokensPerStep() {
    return (long) training.batch() * model.context();
  }
}
