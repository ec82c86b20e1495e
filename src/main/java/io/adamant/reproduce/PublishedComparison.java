package io.adamant.reproduce;

import io.adamant.chart.Table;
import io.adamant.reproduce.PublishedTable.Row;
import io.adamant.results.Metrics;
import io.adamant.stats.RankCorrelation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A table of published numbers beside the runs of the same settings. Losses of another model and
 * text are not comparable as such; their order is, and so are gaps to the table's first row.
 */
final class PublishedComparison {
  private static final List<String> SETTINGS =
      List.of(
          "arm",
          "optimizer",
          "lr",
          "weight_decay",
          "beta1",
          "beta2",
          "eps",
          "clip",
          "coordinate_clip",
          "steps",
          "tokens",
          "parameters",
          "corpus");
  private static final int FEWEST = 3; // runs that tell a rate's luck from its worth

  private final PublishedTable table;
  private final List<Pair> pairs;

  /** A row and its runs, a run a seed; none where nothing of the kind was run. */
  private record Pair(Row row, List<RunRow> runs) {
    boolean known() {
      return !runs.isEmpty();
    }

    double value(RunRow run) {
      return row.quantity().equals(PublishedTable.PERPLEXITY)
          ? Math.exp(run.quantity(Metrics.VAL_LOSS))
          : run.quantity(row.quantity());
    }

    /** What is known of it, in words. */
    String here() {
      double[] values = runs.stream().mapToDouble(this::value).filter(Double::isFinite).toArray();
      return values.length > 0 ? number(Estimate.of(values)) : "";
    }
  }

  PublishedComparison(PublishedTable table, Collection<RunRow> runs, Scale scale) {
    this.table = table;
    List<RunRow> own = runs.stream().filter(run -> run.text("scale").equals(scale.word())).toList();
    pairs = table.rows().stream().map(row -> new Pair(row, runs(row, own))).toList();
  }

  /** Of the runs of a setting those of what it leaves open that ended lowest. */
  private static List<RunRow> runs(Row row, List<RunRow> all) {
    boolean arm = all.stream().anyMatch(run -> run.text("arm").equals(row.arm()));
    Map<List<String>, List<RunRow>> groups =
        all.stream()
            .filter(run -> run.text(arm ? "arm" : "optimizer").equals(row.arm()))
            .filter(run -> row.settings().entrySet().stream().allMatch(each -> same(run, each)))
            .collect(
                Collectors.groupingBy(
                    run -> SETTINGS.stream().map(run::text).toList(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    boolean repeated = groups.values().stream().anyMatch(group -> group.size() >= FEWEST);
    return groups.values().stream()
        .filter(group -> !repeated || group.size() >= FEWEST)
        .filter(group -> Double.isFinite(Tuned.mean(group)))
        .min(Comparator.comparingDouble(Tuned::mean))
        .orElse(List.of());
  }

  private static boolean same(RunRow run, Map.Entry<String, String> setting) {
    double number = PublishedTable.number(setting.getValue());
    return Double.isNaN(number)
        ? run.text(setting.getKey()).equals(setting.getValue())
        : run.number(setting.getKey()) == number;
  }

  /** A row's loss above that of the first, seed by seed where they share seeds. */
  private Optional<Estimate> gap(Pair pair) {
    Map<Long, Double> first = new LinkedHashMap<>();
    pairs.get(0).runs().forEach(run -> first.put(run.seed(), run.quantity(Metrics.VAL_LOSS)));
    double[] gaps =
        pair.runs().stream()
            .filter(run -> first.containsKey(run.seed()))
            .mapToDouble(run -> run.quantity(Metrics.VAL_LOSS) - first.get(run.seed()))
            .toArray();
    return isLoss(pair) && gaps.length > 0 ? Optional.of(Estimate.of(gaps)) : Optional.empty();
  }

  private boolean isLoss(Pair pair) {
    return Double.isFinite(pair.row().loss()) && Double.isFinite(pairs.get(0).row().loss());
  }

  private String publishedGap(Pair pair) {
    if (!isLoss(pair)) {
      return "";
    }
    double gap = pair.row().loss() - pairs.get(0).row().loss();
    return Text.number(gap, 3);
  }

  private static String number(Estimate estimate) {
    double half = estimate.interval(Verdict.LEVEL).halfWidth();
    return Double.isFinite(half)
        ? Text.plusMinus(estimate.value(), half)
        : Text.number(estimate.value());
  }

  String heading() {
    return "Against " + table.name();
  }

  Table table() {
    return new Table.Columns<Pair>()
        .text("setting", pair -> pair.row().setting())
        .text("quantity", pair -> pair.row().quantity().replace('_', ' '))
        .text("published", pair -> pair.row().printed())
        .text("here, ± 95 %", Pair::here)
        .text("runs", pair -> Integer.toString(pair.runs().size()))
        .text("published above the first row, nats", this::publishedGap)
        .text(
            "here above the first row, nats",
            pair -> gap(pair).map(PublishedComparison::number).orElse(""))
        .of("", pairs);
  }

  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    List<Pair> known = pairs.stream().filter(Pair::known).toList();
    sentences.add(
        "Run here: %s of its %s. Losses of another model and text are not comparable as such;"
                .formatted(known.size(), Text.plural(pairs.size(), "setting"))
            + " their order is, and gaps to the first row may be. What a setting leaves open, such"
            + " as the learning rate, is the best that was tried, by the runs that are shown.");
    List<Pair> losses = known.stream().filter(this::isLoss).toList();
    RankCorrelation rank =
        RankCorrelation.of(
            numbers(losses, pair -> pair.row().loss()),
            numbers(losses, pair -> Tuned.mean(pair.runs())),
            Verdict.LEVEL);
    if (!Double.isNaN(rank.tau())) {
      boolean wide = Double.isInfinite(rank.interval().low());
      sentences.add(
          "Kendall's τ of published losses and those here, over %s: %s%s."
              .formatted(
                  Text.plural(rank.n(), "setting"),
                  Text.number(rank.tau(), 2),
                  wide
                      ? ", too few for an interval"
                      : " (%s to %s)"
                          .formatted(
                              Text.number(rank.interval().low(), 2),
                              Text.number(rank.interval().high(), 2))));
    }
    return sentences;
  }

  private static double[] numbers(List<Pair> pairs, ToDoubleFunction<Pair> number) {
    return pairs.stream().mapToDouble(number).toArray();
  }
}
