package io.adamant.cli;

import io.adamant.config.DataConfig;
import io.adamant.config.RunConfig;
import io.adamant.config.TrainConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.plan.GpuCard;
import io.adamant.plan.GpuPlan;
import io.adamant.train.Training;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What {@code train --plan --gpu NAME} prints. */
final class GpuPlanText {

  /** What a configuration may name without a file. */
  private static final Set<String> BUNDLED =
      Set.of("", DataConfig.WORDNET, DataConfig.GPT2, DataConfig.BYTES);

  /** Parts of memory that are allowances: never measured, nor counted from shapes. */
  private static final Set<String> ALLOWANCES = Set.of("CUDA and libraries", "allocator");

  private GpuPlanText() {}

  static void print(RunConfig run, GpuCard card, PrintWriter out, Consumer<String> progress) {
    Optional<String> missing = missing(run.data());
    try (TokenDataset data =
        missing.isPresent()
            ? null
            : TokenDataset.open(Training.dataset(run), CacheDirectory.ofUser(), progress)) {
      GpuPlan plan = GpuPlan.of(run, card, Optional.ofNullable(data), Hooks.of(run));
      out.print(text(plan, missing, RunPlanText.measuring(plan.config(), plan.size())));
      out.flush();
    }
  }

  /** The first file of the data that is not on this machine. */
  private static Optional<String> missing(DataConfig data) {
    return Stream.of(data.corpus(), data.validationCorpus(), data.tokenizer())
        .filter(name -> !BUNDLED.contains(name) && !Files.exists(Path.of(name)))
        .findFirst();
  }

  static String text(GpuPlan plan, Optional<String> missing, List<String> measuring) {
    StringBuilder text = new StringBuilder();
    TrainConfig training = plan.config().training();
    GpuCard card = plan.card();
    RunPlanText.line(
        text,
        "GPU",
        "%s: %s; its data sheet has %s TFLOP/s in %s, %,.0f GB/s",
        card.word(),
        card.product(),
        trimmed(card.tflops(training)),
        GpuCard.format(training),
        card.gigabytesPerSecond());
    RunPlanText.size(text, plan.size(), plan.vocabulary());
    RunPlanText.line(text, "tokens", "%,d, %s", tokens(plan), epochs(plan, missing));
    RunPlanText.line(text, "kernels", "%s", plan.kernelPath());
    RunPlanText.line(text, "micro-batch", "%s", microBatch(plan));
    RunPlanText.line(
        text,
        "peak memory",
        "%s of %s, of which %s are to stay free",
        gibibytes(plan.peakBytes()),
        gibibytes(card.bytes()),
        gibibytes(GpuPlan.RESERVE));
    plan.memory()
        .forEach(
            (part, bytes) ->
                RunPlanText.line(
                    text,
                    "  " + part,
                    "%s%s",
                    RunPlanText.size(bytes),
                    ALLOWANCES.contains(part) ? ", an allowance" : ""));
    RunPlanText.checkpoints(text, plan.checkpointBytes(), plan.checkpoints());
    RunPlanText.line(
        text,
        "time",
        "at least %s; the data sheet allows no less, and real runs take longer",
        ProgressDisplay.duration(plan.seconds()));
    plan.time()
        .forEach(
            (part, seconds) ->
                RunPlanText.line(
                    text,
                    "  " + part,
                    "%s%s",
                    ProgressDisplay.duration(seconds),
                    part.equals("validation") && missing.isPresent()
                        ? ", without the last one, which reads the whole validation text"
                        : ""));
    RunPlanText.line(text, "tokens/s", "at most %,.0f while training", plan.tokensPerSecond());
    measuring.forEach(sentence -> RunPlanText.line(text, "measuring", "%s", sentence));
    return text.toString();
  }

  private static long tokens(GpuPlan plan) {
    return plan.config().training().steps() * plan.config().tokensPerStep();
  }

  private static String epochs(GpuPlan plan, Optional<String> missing) {
    return plan.epochs().isPresent()
        ? String.format(Locale.ROOT, "the training text %.2f times", plan.epochs().getAsDouble())
        : "epochs unknown: " + missing.orElse("the data") + " is not here";
  }

  /** The number, and what would fit if this one does not. */
  private static String microBatch(GpuPlan plan) {
    TrainConfig training = plan.config().training();
    String size = training.microBatch() + " of " + training.batch() + " sequences";
    String room = plan.card().word();
    if (plan.largest().isEmpty()) {
      return size
          + "; not even one sequence fits into "
          + room
          + ": take a smaller model.context"
          + (training.checkpointActivations() ? "" : ", or training.checkpoint_activations: true")
          + (plan.memory().get("measurements") > 0 ? ", or measure.every: 0" : "");
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

  private static String gibibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f GiB", bytes / 1073741824.0);
  }

  /** 989, and 82.6. */
  private static String trimmed(double tflops) {
    return tflops == Math.rint(tflops)
        ? String.format(Locale.ROOT, "%.0f", tflops)
        : String.format(Locale.ROOT, "%.1f", tflops);
  }
}
