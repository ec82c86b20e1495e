package io.adamant.report;

import io.adamant.chart.Chart.Axis;
import io.adamant.chart.Chart.Series;
import io.adamant.chart.Digits;
import io.adamant.chart.Range;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.Metrics;
import java.util.List;

/** Answers to multiple-choice questions while the models were trained. */
final class TaskSection {

  private static final String RIGHT = key(Metrics.ACCURACY);
  private static final String BY_LENGTH = key(Metrics.ACCURACY_BY_LENGTH);

  private TaskSection() {}

  private static String key(String accuracy) {
    return Metrics.TASK + "." + accuracy + ".";
  }

  static Section of(List<ArmCurves> all) {
    List<ArmCurves> arms =
        all.stream().filter(arm -> arm.mean(RIGHT + Metrics.VALUE).size() > 0).toList();
    List<Series> lines = ArmCurves.lines(arms, arm -> arm.measured(RIGHT + Metrics.VALUE));
    Axis share =
        new Axis(
            "accuracy", "", false, Range.linear(lines.stream().map(Series::line).toList(), false));
    return Section.of("task", "Multiple-choice questions")
        .say(
            "The share of the questions of measure.evaluate_task that the model answers right, and over"
                + " choices' lengths; means over seeds. The standard errors are over questions, which all"
                + " seeds share.")
        .table(
            new Table.Columns<ArmCurves>()
                .text("arm", ArmCurves::name)
                .number("step", Digits::count, arm -> step(arm))
                .number(
                    "questions", Digits::count, arm -> arm.mean(Metrics.TASK + ".questions").last())
                .text("accuracy", arm -> words(arm, RIGHT))
                .text("by length", arm -> words(arm, BY_LENGTH))
                .of("Last answers", arms))
        .wide(ArmCurves.chart(arms, "task-accuracy", "Accuracy", share, lines))
        .done();
  }

  private static double step(ArmCurves arm) {
    double[] steps = arm.mean(RIGHT + Metrics.VALUE).xs();
    return steps[steps.length - 1];
  }

  private static String words(ArmCurves arm, String key) {
    return Digits.plusMinus(
        arm.mean(key + Metrics.VALUE).last(), arm.mean(key + Metrics.STANDARD_ERROR).last(), 4);
  }
}
