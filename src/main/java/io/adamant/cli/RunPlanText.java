package io.adamant.cli;

import io.adamant.config.RunConfig;
import io.adamant.measure.MeasureCost;
import io.adamant.model.ModelSize;
import io.adamant.plan.RunPlan;
import io.adamant.study.StudyPlan;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** What {@code train --plan} prints. */
final class RunPlanText {

  private RunPlanText() {}

  static void print(StudyPlan.Item item, PrintWriter out) {
    RunPlan plan = RunPlan.of(item.config(), item.data(), Hooks.of(item));
    RunConfig run = item.config();
    out.print(text(plan, measuring(run, plan.size())));
    out.flush();
  }

  /** A sentence about each measurement that is switched on. */
  static List<String> measuring(RunConfig run, ModelSize size) {
    return Hooks.plan(run)
        .map(measure -> MeasureCost.of(measure, run.training().accumulation(), size.parameters()))
        .orElse(List.of());
  }

  /** The plan, and a sentence about each measurement that is switched on. */
  static String text(RunPlan plan, List<String> measuring) {
    StringBuilder text = new StringBuilder();
    size(text, plan.size(), plan.vocabulary());
    line(text, "tokens", "%,d, the training text %.2f times", plan.tokens(), plan.epochs());
    line(text, "kernels", "%s", plan.kernelPath());
    line(text, "peak memory", "%s", size(plan.peakBytes()));
    plan.memory().forEach((part, bytes) -> line(text, "  " + part, "%s", size(bytes)));
    checkpoints(text, plan.checkpointBytes(), plan.checkpoints());
    plan.time()
        .ifPresentOrElse(
            parts -> {
              line(
                  text,
                  "time",
                  "%s, from %d steps of this run done here for the purpose",
                  ProgressDisplay.duration(plan.seconds().orElseThrow()),
                  plan.measuredSteps());
              parts.forEach(
                  (part, seconds) ->
                      line(text, "  " + part, "%s", ProgressDisplay.duration(seconds)));
            },
            () -> line(text, "time", "not measured: the run needs more memory than there is"));
    measuring.forEach(sentence -> line(text, "measuring", "%s", sentence));
    return text.toString();
  }

  /** The model in numbers. */
  static void size(StringBuilder text, ModelSize size, int vocabulary) {
    line(text, "parameters", "%,d", size.parameters());
    if (vocabulary != size.vocabulary()) {
      line(
          text,
          "  before padding",
          "%,d, with the vocabulary of %,d that is padded to %,d",
          size.parametersWith(vocabulary),
          vocabulary,
          size.vocabulary());
    }
    size.byGroup().forEach((group, count) -> line(text, "  " + group, "%,d", count));
    line(text, "FLOPs a token", "%,d", size.flopsPerToken());
  }

  static void checkpoints(StringBuilder text, long bytes, int count) {
    line(
        text,
        "checkpoints",
        "%s each, up to %d at a time, %s",
        size(bytes),
        count,
        size(count * bytes));
  }

  static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-22s", name))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }

  static String size(long bytes) {
    return bytes < 10L << 30
        ? String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0)
        : String.format(Locale.ROOT, "%,.1f GiB", bytes / 1073741824.0);
  }
}
