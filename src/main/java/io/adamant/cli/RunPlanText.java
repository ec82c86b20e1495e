package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.config.DataConfig;
import io.adamant.config.MeasureConfig;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.measure.MeasureCost;
import io.adamant.model.ModelSize;
import io.adamant.plan.GpuCard;
import io.adamant.plan.GpuPlan;
import io.adamant.plan.RunPlan;
import io.adamant.simulate.RunScales;
import io.adamant.study.StudyPlan;
import io.adamant.train.Training;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What {@code train --plan} prints, of this machine or, with {@code --gpu}, of a named GPU. */
final class RunPlanText {

  /** What a configuration may name without a file. */
  private static final Set<String> BUNDLED =
      Set.of("", DataConfig.WORDNET, DataConfig.GPT2, DataConfig.BYTES, DataConfig.NONE);

  /** Parts of a GPU's memory that are allowances: never measured, nor counted from shapes. */
  private static final Set<String> ALLOWANCES = Set.of("CUDA and libraries", "allocator");

  private final StringBuilder text = new StringBuilder();

  private RunPlanText() {}

  static void print(StudyPlan.Item item, PrintWriter out) {
    out.print(new RunPlanText().of(RunPlan.of(item.config(), item.data(), Hooks.of(item))));
    out.flush();
  }

  static void print(
      RunConfig run, GpuCard card, int ranks, PrintWriter out, Consumer<String> progress) {
    Optional<String> missing = missing(run.data());
    try (TokenDataset data =
        missing.isPresent()
            ? null
            : TokenDataset.open(Training.dataset(run), CacheDirectory.ofUser(), progress)) {
      GpuPlan plan = GpuPlan.of(run, card, Optional.ofNullable(data), Hooks.of(run), ranks);
      out.print(new RunPlanText().of(plan, missing));
      out.flush();
    }
  }

  /** The first file of the data that is not on this machine. */
  private static Optional<String> missing(DataConfig data) {
    return Stream.of(data.corpus(), data.validationCorpus(), data.tokenizer())
        .filter(name -> !BUNDLED.contains(name) && !TokenDataset.isThere(name))
        .findFirst();
  }

  private String of(RunPlan plan) {
    model(plan, Optional.empty());
    line("peak memory", "%s", size(plan.peakBytes()));
    plan.memory().forEach((part, bytes) -> line("  " + part, "%s", size(bytes)));
    checkpoints(plan);
    if (plan.time().isEmpty()) {
      line("time", "not measured: the run needs more memory than there is");
    } else {
      String time = ProgressDisplay.duration(plan.seconds());
      line(
          "time",
          "%s, from %d steps of this run done here for the purpose",
          time,
          plan.measuredSteps());
      plan.time()
          .forEach((part, seconds) -> line("  " + part, "%s", ProgressDisplay.duration(seconds)));
    }
    return measuring(plan);
  }

  private String of(GpuPlan gpu, Optional<String> missing) {
    RunPlan plan = gpu.run();
    GpuCard card = gpu.card();
    TrainConfig training = plan.config().training();
    line(
        "GPU",
        "%s: %s; its data sheet has %s TFLOP/s in %s, %,.0f GB/s",
        card.word(),
        card.product(),
        trimmed(card.tflops(training)),
        GpuCard.format(training),
        card.gigabytesPerSecond());
    model(plan, missing);
    if (gpu.ranks() > 1) {
      line(
          "ranks",
          "%d cards, each with %d of %d sequences; each sends %s a step at most at %,.0f GB/s",
          gpu.ranks(),
          training.batch() / gpu.ranks(),
          training.batch(),
          size(Math.round(gpu.exchangedBytes())),
          card.linkGigabytesPerSecond());
    }
    line("micro-batch", "%s", microBatch(gpu));
    line(
        gpu.ranks() > 1 ? "peak memory of each" : "peak memory",
        "%s of %s, of which %s are to stay free",
        gibibytes(plan.peakBytes()),
        gibibytes(card.bytes()),
        gibibytes(GpuPlan.RESERVE));
    plan.memory()
        .forEach(
            (part, bytes) ->
                line(
                    "  " + part,
                    "%s%s",
                    size(bytes),
                    ALLOWANCES.contains(part) ? ", an allowance" : ""));
    checkpoints(plan);
    line(
        "time",
        "at least %s; the data sheet allows no less, and real runs take longer",
        ProgressDisplay.duration(plan.seconds()));
    plan.time()
        .forEach(
            (part, seconds) ->
                line(
                    "  " + part,
                    "%s%s",
                    ProgressDisplay.duration(seconds),
                    part.equals("validation") && missing.isPresent()
                        ? ", without the last one, which reads the whole validation text"
                        : ""));
    line("tokens/s", "at most %,.0f while training", gpu.tokensPerSecond());
    return measuring(plan);
  }

  /** The model in numbers, its tokens and kernels. */
  private void model(RunPlan plan, Optional<String> missing) {
    ModelSize size = plan.size();
    int vocabulary = plan.vocabulary();
    line("parameters", "%,d", size.parameters());
    if (!size.frozen().isEmpty()) {
      line("  trained", "%,d; the others are frozen", size.trained());
    }
    if (vocabulary != size.vocabulary()) {
      line(
          "  before padding",
          "%,d, with the vocabulary of %,d that is padded to %,d",
          size.parametersWith(vocabulary),
          vocabulary,
          size.vocabulary());
    }
    size.byGroup().forEach((group, count) -> line("  " + group, "%,d", count));
    line("FLOPs a token", "%,d", size.flopsPerToken());
    if (plan.epochs().isPresent()) {
      double epochs = plan.epochs().getAsDouble();
      line("tokens", "%,d, the training text %.2f times", plan.tokens(), epochs);
    } else {
      String data = missing.orElse("the data");
      line("tokens", "%,d, epochs unknown: %s is not here", plan.tokens(), data);
    }
    TrainConfig training = plan.config().training();
    if (training.batchWarmup() > 0) {
      line(
          "batch",
          "grows from %,d to %,d sequences in the first %.4g %% of the steps",
          training.microBatch(),
          training.batch(),
          100 * training.batchWarmup());
    }
    line("kernels", "%s", plan.kernelPath());
    scales(RunScales.of(plan.config(), plan.epochs()));
  }

  /** What rate, decay, steps and batch mean. */
  private void scales(RunScales scales) {
    if (scales.decaySteps().isPresent()) {
      OptionalDouble epochs = scales.decayEpochs();
      line(
          "decay forgets over",
          "%s steps, %s tokens%s: %s",
          Digits.significant(scales.decaySteps().getAsDouble(), 3),
          Digits.words(scales.decayTokens().getAsDouble()),
          epochs.isPresent() ? ", " + Digits.significant(epochs.getAsDouble(), 3) + " epochs" : "",
          scales.decayForm());
    } else if (!scales.decayForm().isEmpty()) {
      line("decay's time", "%s", scales.decayForm());
    }
    scales
        .weightRms()
        .ifPresent(
            rms ->
                line(
                    "weight RMS",
                    "%s where decay and pure noise balance at the peak rate",
                    Digits.significant(rms, 3)));
    scales
        .angle()
        .ifPresent(angle -> line("angle a step", "%s rad there", Digits.significant(angle, 3)));
    if (scales.weightRms().isPresent() || scales.angle().isEmpty()) {
      line("  theory", "%s", scales.stated());
    }
    if (scales.momentum().isPresent()) {
      line(
          "momentum",
          "averages over %s steps, %s tokens",
          Digits.significant(scales.momentumSteps().getAsDouble(), 3),
          Digits.words(scales.momentumTokens().getAsDouble()));
    }
  }

  private void checkpoints(RunPlan plan) {
    line(
        "checkpoints",
        "%s each, up to %d at a time, %s",
        size(plan.checkpointBytes()),
        plan.checkpoints(),
        size(plan.checkpoints() * plan.checkpointBytes()));
  }

  /** Ends with a sentence about each measurement that is switched on. */
  private String measuring(RunPlan plan) {
    int accumulation = plan.config().training().accumulation();
    Hooks.plan(plan.config())
        .map(measure -> MeasureCost.of(measure, accumulation, plan.size().trained()))
        .orElse(List.of())
        .forEach(sentence -> line("measuring", "%s", sentence));
    MeasureConfig measured = plan.config().measure();
    if (measured.memory() > 0) {
      int groups = plan.size().byGroup().size();
      line(
          "measuring",
          "%s",
          MeasureCost.ofMemory(measured.memory(), measured.memoryCoordinates(), groups));
    }
    int every = plan.config().measure().evaluateEvery();
    if (every > 0) {
      line("measuring", "measure.evaluate_every %d: the time of its answers is not counted", every);
    }
    return text.toString();
  }

  /** The number, and what would fit if this one does not. */
  private static String microBatch(GpuPlan plan) {
    TrainConfig training = plan.run().config().training();
    String size = training.microBatch() + " of " + training.batch() + " sequences";
    String room = plan.card().word();
    if (plan.largest().isEmpty()) {
      return size
          + "; not even one sequence fits into "
          + room
          + ": take a smaller model.context"
          + (training.checkpointActivations() ? "" : ", or training.checkpoint_activations: true")
          + (plan.run().memory().get("measurements") > 0 ? ", or measure.every: 0" : "");
    }
    int largest = plan.largest().getAsInt();
    if (!plan.fits()) {
      return size + ", as configured, DOES NOT FIT into " + room + "; " + largest + " would";
    }
    if (plan.microBatchGiven()) {
      return size
          + ", as configured"
          + (largest > training.microBatch() ? "; up to " + largest + " fit" : "");
    }
    return size + ", the largest that fits";
  }

  private void line(String name, String format, Object... values) {
    text.append(Digits.format("%-22s", name)).append(Digits.format(format, values)).append('\n');
  }

  private static String size(long bytes) {
    return bytes < 10L << 30 ? Digits.format("%,.1f MiB", bytes / 1048576.0) : gibibytes(bytes);
  }

  private static String gibibytes(long bytes) {
    return Digits.format("%,.1f GiB", bytes / 1073741824.0);
  }

  /** 989, and 82.6. */
  private static String trimmed(double tflops) {
    return Digits.format(tflops == Math.rint(tflops) ? "%.0f" : "%.1f", tflops);
  }
}
