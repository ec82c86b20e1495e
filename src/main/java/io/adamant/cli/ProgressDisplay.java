package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.results.Metrics;
import io.adamant.results.RunStatus;
import io.adamant.results.RunSummary;
import io.adamant.results.RunSummary.Performance;
import io.adamant.results.StepMetrics;
import io.adamant.study.WorkerLink;
import io.adamant.train.ProgressListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A run's progress: a bar with loss, speed and ETA on a terminal, plain lines elsewhere. */
final class ProgressDisplay implements ProgressListener {

  private static final int LINES_A_RUN = 10;
  static final long LINE_EVERY_NANOS = Duration.ofMinutes(4).toNanos(); // steps may take a minute
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
  private static final int WIDEST_BAR = 120;
  private static final int USUAL_COLUMNS = 80;

  private final String label;
  private final PrintWriter err;
  private final boolean terminal;
  private ProgressBar bar;
  private long steps;
  private long firstStep;
  private long startNanos;
  private long lineNanos; // when the last line was written
  private double validation = Double.NaN;
  private String readout = "";

  /** A display with a label in front of every line, for a person's terminal or else. */
  ProgressDisplay(String label, PrintWriter err, boolean terminal) {
    this.label = label;
    this.err = err;
    this.terminal = terminal;
  }

  /** Whether standard error is a terminal, as the launcher says: Java cannot tell. */
  static boolean onTerminal() {
    return Boolean.getBoolean("adamant.terminal") && !"dumb".equals(System.getenv("TERM"));
  }

  /** A bar to which a command adds what it knows. */
  static ProgressBarBuilder bar(String task, long total, int width) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
        .setUpdateIntervalMillis(200)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, width));
  }

  /** Leaves space for ^C in the terminal's width: a wrapped line cannot be redrawn. */
  static int barWidth() {
    return columns() - 3;
  }

  /** Characters of a line: those of the terminal within reason, else the usual ones. */
  static int columns() {
    int columns = Integer.getInteger("adamant.columns", USUAL_COLUMNS);
    return Math.min(WIDEST_BAR + 3, Math.max(USUAL_COLUMNS / 2 + 3, columns));
  }

  /**
   * What to write in front of a line on a terminal: it erases a bar in the line and the {@code ^C}
   * that the terminal wrote there. The bar draws itself again below.
   */
  static String clearLine(boolean terminal) {
    return terminal ? "\r\u001b[K" : "";
  }

  @Override
  public void started(long first, long total) {
    steps = total;
    firstStep = first;
    startNanos = System.nanoTime();
    lineNanos = startNanos;
    if (terminal) {
      bar = bar(label, total, barWidth()).startsFrom(first, Duration.ZERO).build();
    } else if (first == 0) { // else the run itself says where it goes on
      say("starts, " + total + " steps");
    }
  }

  @Override
  public void progressed(long step, StepMetrics line) {
    if (line.more().get(Metrics.READOUT_VAL_LOSS) instanceof Double loss) {
      readout = readout(loss);
    }
    if (bar != null) {
      bar.stepTo(step);
      bar.setExtraMessage(
          Digits.format(" loss %.3f, %,.0f tok/s", line.trainLoss(), line.tokensPerSecond()));
    } else if (step == steps
        || step % Math.max(1, steps / LINES_A_RUN) == 0
        || System.nanoTime() - lineNanos > LINE_EVERY_NANOS) {
      lineNanos = System.nanoTime();
      String measured =
          Double.isNaN(validation) ? "" : Digits.format(", validation %.4f%s", validation, readout);
      say(
          Digits.format(
              "step %d/%d, loss %.4f%s, lr %.3g, %,.0f tokens/s, %s left",
              step,
              steps,
              line.trainLoss(),
              measured,
              line.learningRate(),
              line.tokensPerSecond(),
              left(step)));
    }
  }

  private static String readout(double loss) {
    return Double.isNaN(loss) ? "" : Digits.format(" (readout %.4f)", loss);
  }

  private String left(long step) {
    double perStep = (System.nanoTime() - startNanos) / 1e9 / Math.max(1, step - firstStep);
    return duration(perStep * (steps - step));
  }

  /** Such as {@code 1:05} or {@code 2:00:09}. */
  static String duration(double seconds) {
    return Digits.duration(seconds);
  }

  @Override
  public void evaluated(long step, double loss) {
    validation = loss;
  }

  @Override
  public void message(String text) {
    say(text);
  }

  @Override
  public void ended(RunSummary summary) {
    if (bar != null) {
      bar.close();
    }
    if (summary.status() == RunStatus.STOPPED) {
      say(
          Digits.format(
              "%s, validation loss %.4f there, checkpoint kept, %s",
              WorkerLink.stopped(summary), summary.valLoss(), duration(summary.seconds())));
      return;
    }
    String status = summary.status().word();
    String loss =
        Double.isNaN(summary.valLoss())
            ? summary.reason()
                + (summary.status() == RunStatus.INTERRUPTED ? ", checkpoint saved" : "")
            : Digits.format(
                "validation loss %.4f%s, perplexity %.2f%s",
                summary.valLoss(),
                readout(summary.readoutValLoss()),
                summary.valPerplexity(),
                Double.isNaN(summary.valBitsPerByte())
                    ? ""
                    : Digits.format(", %.4f bits per byte", summary.valBitsPerByte()));
    say(status + ", " + loss + ", " + duration(summary.seconds()));
    if (Double.isFinite(summary.tokensPerSecond())) {
      summary
          .performance()
          .ifPresent(machine -> say(throughput(summary.tokensPerSecond(), machine)));
    }
  }

  /**
   * Such as {@code 24,048 tokens/s, 0.09 TFLOP/s, 41 % of this machine's matrix-product peak (0.22
   * TFLOP/s), memory of the process 0.30 GiB}.
   */
  static String throughput(double tokensPerSecond, Performance machine) {
    StringBuilder text = new StringBuilder();
    text.append(Digits.format("%,.0f tokens/s", tokensPerSecond));
    text.append(Digits.format(", %.3g TFLOP/s", machine.tflops()));
    text.append(
        Double.isNaN(machine.utilisation())
            ? ""
            : Digits.format(
                ", %.0f %% of this machine's matrix-product peak (%.3g TFLOP/s)",
                100 * machine.utilisation(), machine.matmulPeakTflops()));
    if (machine.peakMemoryBytes().isPresent()) {
      text.append(
          Digits.format(
              ", memory of the %s %.2f GiB",
              machine.memoryOf(), machine.peakMemoryBytes().getAsLong() / (double) (1L << 30)));
    }
    return text.toString();
  }

  private void say(String text) {
    say(err, terminal, label, text);
  }

  /** Writes a line between the updates of a bar, if there is one; into a log, with the time. */
  static void say(PrintWriter err, boolean terminal, String who, String text) {
    String before =
        terminal ? clearLine(true) : ZonedDateTime.now(ZoneId.systemDefault()).format(TIME) + " ";
    err.println(before + who + ": " + text);
    err.flush();
  }
}
