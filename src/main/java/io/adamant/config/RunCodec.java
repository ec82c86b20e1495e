package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.Numbers;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A run as sections of YAML keys and values, and back: the one place that knows every key. */
final class RunCodec {

  private RunCodec() {}

  /**
   * Completes settings to a run.
   *
   * @param settings what was written
   * @param source the place to name where a key that was not written is to blame
   * @param whose what to put in front of a complaint besides its place, such as {@code "arm x: "}
   * @throws InputException if a value is not allowed, naming the place where it was written
   */
  static RunConfig decode(Settings settings, String source, String whose) {
    SettingsReader in = new SettingsReader(settings);
    try {
      return new RunConfig(
          model(in),
          data(in),
          optimizer(in),
          clip(in),
          schedule(in),
          training(in),
          measure(in),
          GroupCodec.decode(in));
    } catch (InputException e) {
      String place = e.key().flatMap(settings::get).map(YamlNode.Scalar::origin).orElse(source);
      throw e.at(whose.isEmpty() ? place : place + ": " + whose);
    }
  }

  /** A run as sections; values are Integer, Long, Double, Boolean or String, in a stable order. */
  static Map<String, Map<String, Object>> encode(RunConfig run) {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    sections.put("model", map(run.model()));
    sections.put("data", map(run.data()));
    sections.put("optimizer", map(run.optimizer()));
    sections.put(
        "clip",
        pairs(
            "global_norm", orNone(run.clip().globalNorm()),
            "coordinate", orNone(run.clip().coordinate())));
    ScheduleConfig schedule = run.schedule();
    sections.put(
        "schedule",
        pairs(
            "kind", word(schedule.kind()),
            "warmup", schedule.warmup(),
            "final_lr", schedule.finalLr().encoded(),
            "decay", schedule.decay()));
    sections.put("training", map(run.training()));
    sections.put("measure", map(run.measure()));
    if (!run.groups().isEmpty()) {
      sections.put(GroupCodec.SECTION, GroupCodec.encode(run.groups()));
    }
    return sections;
  }

  /** The run with some keys changed; the others keep their resolved values. */
  static RunConfig with(RunConfig run, Map<String, ?> values) {
    Map<String, YamlNode.Scalar> changed = new LinkedHashMap<>();
    encode(run)
        .forEach(
            (section, map) ->
                map.forEach((name, v) -> changed.put(section + "." + name, scalar(v))));
    values.forEach((key, v) -> changed.put(RunKeys.checked(key, "configuration"), scalar(v)));
    return decode(new Settings(changed), "configuration", "");
  }

  /** A value as YAML and tables show it. */
  static String text(Object value) {
    if (value instanceof Double || value instanceof Float) {
      return Numbers.text(((Number) value).doubleValue());
    }
    return value instanceof Enum<?> constant ? word(constant) : String.valueOf(value);
  }

  /** An enum constant as it is written in YAML. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static ModelConfig model(SettingsReader in) {
    ModelConfig def = ModelConfig.defaults();
    int width = in.whole("model.width", def.width());
    int auto = ModelConfig.autoMlpHidden(width);
    return new ModelConfig(
        in.whole("model.layers", def.layers()),
        width,
        in.whole("model.heads", def.heads()),
        in.whole("model.context", def.context()),
        in.wholeOr("auto", auto, "model.mlp_hidden", auto),
        in.number("model.rotary", def.rotary()),
        in.number("model.init_std", def.initStd()),
        in.whole("model.vocab_multiple", def.vocabMultiple()));
  }

  private static Map<String, Object> map(ModelConfig model) {
    return pairs(
        "layers", model.layers(),
        "width", model.width(),
        "heads", model.heads(),
        "context", model.context(),
        "mlp_hidden", model.mlpHidden(),
        "rotary", model.rotary(),
        "init_std", model.initStd(),
        "vocab_multiple", model.vocabMultiple());
  }

  private static DataConfig data(SettingsReader in) {
    DataConfig def = DataConfig.defaults();
    String tokenizer =
        in.text("data.tokenizer", "gpt2, bytes, or the path of a tokenizer.json", def.tokenizer());
    return new DataConfig(
        in.text("data.corpus", "wordnet, or the path of a text file or directory", def.corpus()),
        tokenizer,
        in.whole("data.vocab", DataConfig.defaultVocab(tokenizer)),
        in.text(
            "data.validation_corpus",
            "a path, or \"\" to hold out the corpus' last part",
            def.validationCorpus()),
        in.number("data.validation_fraction", def.validationFraction()));
  }

  private static Map<String, Object> map(DataConfig data) {
    return pairs(
        "corpus", data.corpus(),
        "tokenizer", data.tokenizer(),
        "vocab", data.vocab(),
        "validation_corpus", data.validationCorpus(),
        "validation_fraction", data.validationFraction());
  }

  private static OptimizerConfig optimizer(SettingsReader in) {
    OptimizerConfig def = OptimizerConfig.defaults();
    OptimizerConfig shared =
        OptimizerConfig.of(
            in.text("optimizer.type", "the name of an optimizer", def.type()),
            in.number("optimizer.lr", def.lr()),
            in.number("optimizer.weight_decay", def.weightDecay()));
    Map<String, Object> own = new TreeMap<>();
    for (String key : in.settings().keys()) {
      String name = key.substring(key.indexOf('.') + 1);
      if (key.startsWith("optimizer.") && !map(shared).containsKey(name)) {
        own.put(name, in.text(key, "a finite number, true, false or a text").orElseThrow());
      }
    }
    return shared.withSettings(own);
  }

  private static Map<String, Object> map(OptimizerConfig optimizer) {
    Map<String, Object> map =
        pairs(
            "type", optimizer.type(),
            "lr", optimizer.lr(),
            "weight_decay", optimizer.weightDecay());
    map.putAll(optimizer.settings());
    return map;
  }

  private static ClipConfig clip(SettingsReader in) {
    return new ClipConfig(
        in.numberOr("none", 0, "clip.global_norm", ClipConfig.defaults().globalNorm()),
        in.numberOr("none", 0, "clip.coordinate", ClipConfig.defaults().coordinate()));
  }

  private static Object orNone(double bound) {
    return bound > 0 ? (Object) bound : "none";
  }

  private static ScheduleConfig schedule(SettingsReader in) {
    ScheduleConfig def = ScheduleConfig.defaults();
    return new ScheduleConfig(
        in.choice("schedule.kind", ScheduleConfig.Kind.class, def.kind()),
        in.number("schedule.warmup", def.warmup()),
        in.text("schedule.final_lr", "a learning rate, or a share of the peak such as 10%")
            .map(FinalRate::parse)
            .orElse(def.finalLr()),
        in.number("schedule.decay", def.decay()));
  }

  private static TrainConfig training(SettingsReader in) {
    TrainConfig def = TrainConfig.defaults();
    return new TrainConfig(
        in.whole("training.steps", def.steps()),
        in.whole("training.batch", def.batch()),
        in.wholeOr("auto", 0, "training.micro_batch", def.microBatch()),
        in.choice("training.precision", Precision.class, def.precision()),
        in.text("training.device", "auto, cpu, cuda or cuda:N", def.device()),
        in.text("training.kernels", "auto or such as onednn+sdpa", def.kernels()),
        flag(in, "training.checkpoint_activations", def.checkpointActivations()),
        in.wholeOr("auto", 0, "training.threads", def.threads()),
        in.wholeLong("training.seed", def.seed()),
        in.whole("training.eval_every", def.evalEvery()),
        in.wholeLong("training.eval_tokens", def.evalTokens()),
        in.whole("training.checkpoint_every", def.checkpointEvery()),
        in.whole("training.keep_checkpoints", def.keepCheckpoints()),
        in.whole("training.log_every", def.logEvery()),
        in.choice("training.on_nonfinite", NonFinitePolicy.class, def.onNonfinite()),
        in.whole("training.max_skipped", def.maxSkipped()),
        in.text(
            "training.init_from",
            "the directory of a checkpoint, or \"\" for random weights",
            def.initFrom()),
        in.choice("training.on_divergence", DivergencePolicy.class, def.onDivergence()),
        in.flag("training.tf32", def.tf32()));
  }

  private static boolean flag(SettingsReader in, String key, boolean otherwise) {
    String text = in.text(key, "true or false", Boolean.toString(otherwise));
    if (!text.equals("true") && !text.equals("false")) {
      throw InputException.badValue(key, text, "true or false");
    }
    return text.equals("true");
  }

  private static Map<String, Object> map(TrainConfig training) {
    return pairs(
        "steps", training.steps(),
        "batch", training.batch(),
        "micro_batch", training.microBatch() == 0 ? "auto" : training.microBatch(),
        "precision", word(training.precision()),
        "device", training.device(),
        "kernels", training.kernels(),
        "checkpoint_activations", training.checkpointActivations(),
        "threads", training.threads() == 0 ? "auto" : training.threads(),
        "seed", training.seed(),
        "eval_every", training.evalEvery(),
        "eval_tokens", training.evalTokens(),
        "checkpoint_every", training.checkpointEvery(),
        "keep_checkpoints", training.keepCheckpoints(),
        "log_every", training.logEvery(),
        "on_nonfinite", word(training.onNonfinite()),
        "max_skipped", training.maxSkipped(),
        "init_from", training.initFrom(),
        "on_divergence", word(training.onDivergence()),
        "tf32", training.tf32());
  }

  private static MeasureConfig measure(SettingsReader in) {
    MeasureConfig def = MeasureConfig.defaults();
    return new MeasureConfig(
        in.whole("measure.every", def.every()),
        in.flag("measure.tensors", def.tensors()),
        in.whole("measure.probe_every", def.probeEvery()),
        in.whole("measure.probe_batches", def.probeBatches()),
        in.flag("measure.csv", def.csv()),
        in.flag("measure.tensorboard", def.tensorboard()));
  }

  private static Map<String, Object> map(MeasureConfig measure) {
    return pairs(
        "every", measure.every(),
        "tensors", measure.tensors(),
        "probe_every", measure.probeEvery(),
        "probe_batches", measure.probeBatches(),
        "csv", measure.csv(),
        "tensorboard", measure.tensorboard());
  }

  private static YamlNode.Scalar scalar(Object value) {
    return new YamlNode.Scalar(text(value), false, "configuration");
  }

  private static Map<String, Object> pairs(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
