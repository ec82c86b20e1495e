package io.adamant.report;

import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.results.RunDirectory;
import io.adamant.results.SampledText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Texts that the models continued while they were trained. */
final class SampleSection {

  private static final int MOST_ROWS = 6; // of an arm
  private static final Pattern LINE_END = Pattern.compile("\\R");

  private record Row(String arm, SampledText sample) {}

  private SampleSection() {}

  static Section of(List<ArmCurves> arms) {
    List<Row> rows = new ArrayList<>();
    for (ArmCurves arm : arms) {
      arm.arm().shown().stream()
          .map(run -> RunDirectory.samples(run.directory()))
          .filter(samples -> !samples.isEmpty())
          .findFirst()
          .ifPresent(samples -> thinned(samples).forEach(s -> rows.add(new Row(arm.name(), s))));
    }
    return Section.of("samples", "Texts that the model continued")
        .say(
            "Drawn while training from the model as it is; of each arm those of its first seed, at"
                + " most "
                + MOST_ROWS
                + " steps. All of them are in samples.jsonl of the run's folder.")
        .table(
            new Table.Columns<Row>()
                .text("arm", Row::arm)
                .whole("step", row -> row.sample().step())
                .text("prompt", row -> line(row.sample().prompt()))
                .text("text", row -> line(row.sample().text()))
                .of("Texts by step; ⏎ stands for a line end", rows))
        .done();
  }

  /** The first, the last, and some between them. */
  private static List<SampledText> thinned(List<SampledText> samples) {
    int rows = Math.min(MOST_ROWS, samples.size());
    List<SampledText> kept = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int last = samples.size() - 1;
      kept.add(samples.get(rows == 1 ? last : (int) Math.round((double) i * last / (rows - 1))));
    }
    return kept;
  }

  private static String line(String text) {
    return LINE_END.matcher(text).replaceAll("⏎").replaceAll("\\p{Cntrl}", "\uFFFD");
  }
}
