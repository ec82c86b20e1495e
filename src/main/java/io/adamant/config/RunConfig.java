package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Collections;
import java.util.List;
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
 *         .with(OptimizerConfig.of("sgdm", 1.0, 0).with("beta1", 0.9))
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
   * @throws InputException if a value is not allowed, naming its key
   */
  public RunConfig {
    groups.keySet().forEach(GroupConfig::checkedName);
    groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
    RunCodec.check(List.of(model, data, optimizer, clip, schedule, training, measure), groups);
  }

  /**
   * The run that an empty configuration describes.
   *
   * @return the defaults
   */
  public static RunConfig defaults() {
    return RunCodec.decode(WrittenSettings.NONE, "defaults", "");
  }

  /**
   * The same run with one setting changed, by its YAML key. Everything else stays as it is resolved
   * now, except for a value that is the default of its key and follows from the changed one: a new
   * {@code model.width} brings its {@code model.mlp_hidden}, another tokenizer its vocabulary.
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
   * The same run with another section.
   *
   * @param section a model, data, optimizer, clipping, schedule, training or measurement
   * @return a copy
   * @throws InputException if a value is not allowed, or no section of a run is such a record
   */
  public RunConfig with(Record section) {
    return RunCodec.with(this, section);
  }

  /**
   * The same run with other parameter groups.
   *
   * @param newGroups groups by name
   * @return a copy
   */
  public RunConfig withGroups(Map<String, GroupConfig> newGroups) {
    return newGroups.equals(groups)
        ? this
        : new RunConfig(model, data, optimizer, clip, schedule, training, measure, newGroups);
  }

  /**
   * Tokens that a step trains on when the batch is whole.
   *
   * @return {@code batch · context}
   */
  public long tokensPerStep() {
    return (long) training.batch() * model.context();
  }

  /**
   * Tokens that the first steps train on.
   *
   * @param steps how many
   * @return their sum, less than {@code steps · batch · context} where the batch grows
   */
  public long tokens(long steps) {
    return training.sequences(steps) * model.context();
  }

  /**
   * Tokens that the run trains on.
   *
   * @return those of all steps
   */
  public long tokens() {
    return tokens(training.steps());
  }
}
