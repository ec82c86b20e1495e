package io.adamant.cli;

import io.adamant.chart.Digits;
import io.adamant.results.RunSummary;
import io.adamant.study.StudyStatus;
import java.io.PrintWriter;
import java.util.Locale;

/** A study's state as text: a line a run, then the sums. */
final class StatusText {

  private StatusText() {}

  /**
   * Prints it.
   *
   * @param status of the runs that are known
   * @param mayFollow how many more may confirm the winners when the others are done
   * @param out where to
   */
  static void print(StudyStatus status, int mayFollow, PrintWriter out) {
    int width =
        status.runs().stream().mapToInt(line -> line.item().label().length()).max().orElse(0);
    int word =
        status.runs().stream().mapToInt(line -> line.state().name().length()).max().orElse(1);
    for (StudyStatus.Line line : status.runs()) {
      out.println(
          Digits.format(
                  "%-" + Math.max(1, width) + "s  %-" + word + "s  %s",
                  line.item().label(),
                  line.state().name().toLowerCase(Locale.ROOT),
                  detail(line))
              .stripTrailing());
    }
    out.println();
    out.println(sums(status));
    if (mayFollow > 0) {
      String runs = mayFollow == 1 ? " run that confirms" : " runs that confirm";
      out.println("then at most " + mayFollow + runs + " the winners on fresh seeds");
    }
    status
        .best()
        .ifPresent(
            best ->
                out.printf(
                    Locale.ROOT,
                    "best so far: %s, validation loss %.4f%n",
                    best.item().label(),
                    best.summary().orElseThrow().valLoss()));
    out.flush();
  }

  private static String detail(StudyStatus.Line line) {
    double loss = line.summary().map(RunSummary::valLoss).orElse(Double.NaN);
    if (Double.isFinite(loss)) {
      return Digits.format("validation loss %.4f", loss);
    }
    long steps = line.item().config().training().steps();
    String step =
        line.state() == StudyStatus.State.WAITING ? "" : "step " + line.step() + "/" + steps;
    return line.detail().isEmpty() || step.isEmpty()
        ? step + line.detail()
        : step + ", " + line.detail();
  }

  private static String sums(StudyStatus status) {
    StringBuilder text = new StringBuilder();
    for (StudyStatus.State state : StudyStatus.State.values()) {
      if (status.count(state) > 0) {
        text.append(text.isEmpty() ? "" : ", ")
            .append(status.count(state))
            .append(' ')
            .append(state.name().toLowerCase(Locale.ROOT));
      }
    }
    String left =
        status
            .left()
            .filter(time -> !time.isZero())
            .map(time -> "; about " + ProgressDisplay.duration((double) time.toSeconds()) + " left")
            .orElse("");
    return status.runs().size() + " runs: " + text + left;
  }
}
