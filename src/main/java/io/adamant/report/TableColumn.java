package io.adamant.report;

import io.adamant.chart.Digits;
import io.adamant.report.ComparisonTable.Row;
import java.util.List;
import java.util.function.Function;

/**
 * A column of the comparison table for people: what stands above it and in it.
 *
 * @param group heading over this column and its neighbours of the same group, may be empty
 * @param heading its own heading
 * @param brief the same where room is scarce
 * @param text whether it holds text, aligned left
 * @param cell what stands in it
 */
record TableColumn(
    String group, String heading, String brief, boolean text, Function<Row, String> cell) {
  private static final int RMS_DIGITS = 3;

  static final List<TableColumn> ALL =
      List.of(
          new TableColumn("", "optimizer", "optimizer", true, Row::name),
          new TableColumn("validation", "loss", "loss", false, TableColumn::loss),
          new TableColumn("validation", "perplexity", "ppl", false, TableColumn::perplexity),
          new TableColumn(
              "", "tokens/s", "tokens/s", false, row -> Digits.count(row.tokensPerSecond())),
          new TableColumn("", "seconds", "seconds", false, row -> seconds(row.seconds())),
          new TableColumn(
              "update RMS", "measured", "meas.", false, row -> rms(row, Row::updateRms)),
          new TableColumn(
              "update RMS", "predicted", "pred.", false, row -> rms(row, Row::updateRmsPredicted)),
          new TableColumn(
              "weight RMS", "measured", "meas.", false, row -> rms(row, Row::weightRms)),
          new TableColumn(
              "weight RMS", "predicted", "pred.", false, row -> rms(row, Row::weightRmsPredicted)));

  private static String loss(Row row) {
    if (row.lost()) {
      return row.status().word();
    }
    String mean = Digits.fixed(row.valLoss(), 4);
    String half = Digits.fixed(row.valLossHalfWidth(), 4);
    return half.isEmpty() ? mean : mean + " ± " + half;
  }

  private static String perplexity(Row row) {
    return row.lost() ? "" : Digits.fixed(row.perplexity(), 2);
  }

  private static String seconds(double seconds) {
    return seconds < 10 ? Digits.fixed(seconds, 1) : Digits.count(seconds);
  }

  private static String rms(Row row, Function<Row, Double> value) {
    return Digits.significant(value.apply(row), RMS_DIGITS);
  }
}
