package io.adamant.report;

import io.adamant.chart.Chart.Style;
import io.adamant.chart.Digits;
import io.adamant.chart.Section;
import io.adamant.chart.Table;
import io.adamant.report.GroupCharts.Prediction;
import io.adamant.results.Metrics;
import io.adamant.stats.Statistics;
import java.util.List;
import java.util.Optional;

/** How often the momentum of coordinates changes its sign, beside white Gaussian noise. */
final class SignFlipsSection {
  private static final Prediction NOISE =
      new Prediction(Metrics.SIGN_FLIPS_PREDICTED, "on white Gaussian noise", Style.DASHED);

  private SignFlipsSection() {}

  static Section of(List<ArmCurves> arms) {
    GroupCharts charts =
        new GroupCharts(
            Metrics.SIGN_FLIPS, "Share of coordinates whose momentum flips", List.of(NOISE), arms);
    return charts
        .section(
            "sign-flips",
            "Sign flips of the momentum",
            "The share of coordinates whose momentum changed its sign in a step, among those with"
                + " a gradient. On white Gaussian noise it is arccos(ρ)/π, where ρ is the"
                + " momentum's correlation over a step, beta of an average (dashed). Below it lie"
                + " coordinates with a signal, and those whose gradient varies in size (heavy"
                + " tails), so that most steps add little. Above it lie gradients that oscillate,"
                + " and gradients that are zero in most steps, as of rare tokens' embeddings: when"
                + " one comes, the momentum has faded.")
        .sayOfEach(
            "Median over steps of measured over noise, all parameters: %s.",
            ArmCurves.each(arms, arm -> ratio(charts, arm)))
        .table(table(charts))
        .done();
  }

  private static Optional<String> ratio(GroupCharts charts, ArmCurves arm) {
    double ratio = 1 + Statistics.median(charts.deviation(arm, GroupCharts.ALL, NOISE));
    return Double.isFinite(ratio) ? Optional.of(Digits.fixed(ratio, 2)) : Optional.empty();
  }

  private static Table table(GroupCharts charts) {
    List<String> groups = charts.measuredGroups();
    Table.Columns<ArmCurves> columns = new Table.Columns<ArmCurves>().text("arm", ArmCurves::name);
    for (String group : groups) {
      columns.number(
          GroupCharts.named(group),
          Digits.fixed(2),
          arm -> 1 + Statistics.median(charts.deviation(arm, group, NOISE)));
    }
    return columns.of(
        "Flips over those of white noise, median over the measured steps",
        groups.isEmpty() ? List.of() : charts.arms());
  }
}
