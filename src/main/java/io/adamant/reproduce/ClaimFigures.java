package io.adamant.reproduce;

import io.adamant.reproduce.Figure.Line;
import io.adamant.reproduce.TrialDesign.Tuning;
import io.adamant.results.Metrics;
import io.adamant.stats.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The figures of a claim: those of its simulation, or what its runs show. */
final class ClaimFigures {
  private static final int COLOURS = 8;
  private static final int FEWEST = 3; // points that make a line

  private final Claim claim;
  private final Scale scale;
  private final String id;
  private final Optional<PublishedTable> published;

  private ClaimFigures(ClaimStatus status, Optional<PublishedTable> published) {
    this.claim = status.claim();
    this.scale = status.scale();
    this.id = status.id();
    this.published = published;
  }

  static List<Figure> of(ClaimStatus status, Optional<PublishedTable> published) {
    if (status.simulated().isPresent()) {
      return status.simulated().get().figures();
    }
    ClaimFigures figures = new ClaimFigures(status, published);
    return status
        .trial()
        .filter(trial -> !trial.tuned().isEmpty())
        .map(figures::ofTrial)
        .orElse(List.of());
  }

  private List<Figure> ofTrial(Trial trial) {
    TrialDesign design = claim.designs().get(scale);
    if (design.tuning() == Tuning.FIXED) {
      return fixed(trial);
    }
    List<Figure> figures = new ArrayList<>();
    if (design.tuning() == Tuning.EQUAL) {
      return List.of(betas(trial));
    }
    boolean cells = design.tuning() == Tuning.CELLS;
    List<Line> ours = new ArrayList<>();
    for (Tuned tuned : trial.tuned().stream().limit(COLOURS).toList()) {
      ours.add(losses(tuned, ours.size(), cells));
    }
    figures.add(rates("rates", "here", ours));
    String arm = trial.tuned().get(0).cell().arm();
    published.ifPresent(
        runs ->
            figures.add(rates("authors", runs.name(), cells ? runs.momenta(arm) : runs.methods())));
    if (cells) {
      figures.add(bestRates(trial, arm));
    }
    return figures;
  }

  /** The lowest loss of the grid's seed against β2, a line a β1. */
  private Figure betas(Trial trial) {
    Map<Double, NavigableMap<Double, Double>> byMomentum = new TreeMap<>();
    trial
        .grids()
        .forEach(
            (cell, grid) ->
                byMomentum
                    .computeIfAbsent(cell.beta1(), key -> new TreeMap<>())
                    .put(1 - cell.beta2(), grid.lowest()));
    List<Line> lines = new ArrayList<>();
    byMomentum.forEach(
        (beta1, losses) ->
            lines.add(
                Line.of(
                    "β1 = " + Text.number(beta1),
                    "measured",
                    lines.size(),
                    losses.keySet().stream().mapToDouble(x -> x).toArray(),
                    losses.values().stream().mapToDouble(y -> y).toArray())));
    return new Figure(
        id + "-betas",
        claim.title() + ": lowest loss of each pair of betas",
        "1 − β2",
        "validation loss (nats)",
        lines);
  }

  private Figure rates(String part, String whose, List<Line> lines) {
    boolean cells = claim.designs().get(scale).tuning() == Tuning.CELLS;
    return new Figure(
        id + "-" + part,
        claim.title() + ": loss against rate, " + whose,
        cells ? "learning rate" : "learning rate over the arm's best",
        "validation loss (nats)",
        lines.stream()
            .filter(line -> !line.xs().isEmpty())
            .map(line -> cells ? line : line.overLowest())
            .toList());
  }

  /** Mean over fresh seeds between the lowest and the highest. */
  private static Line losses(Tuned tuned, int colour, boolean byBeta) {
    String name = byBeta ? "β = " + Text.number(tuned.cell().beta1()) : tuned.cell().arm();
    NavigableMap<Double, List<RunRow>> rows = new TreeMap<>(tuned.rows());
    rows.values().removeIf(each -> !Double.isFinite(Tuned.mean(each)));
    return Line.of(
            name,
            "measured",
            colour,
            rows.keySet().stream().mapToDouble(x -> x).toArray(),
            rows.values().stream().mapToDouble(Tuned::mean).toArray())
        .banded(
            rows.values().stream().mapToDouble(each -> extreme(each, false)).toArray(),
            rows.values().stream().mapToDouble(each -> extreme(each, true)).toArray());
  }

  private static double extreme(List<RunRow> rows, boolean largest) {
    Comparator<Double> order = largest ? Comparator.reverseOrder() : Comparator.naturalOrder();
    return rows.stream().map(row -> row.quantity(Metrics.VAL_LOSS)).min(order).orElse(Double.NaN);
  }

  private Figure bestRates(Trial trial, String arm) {
    NavigableMap<Double, double[]> rates = new TreeMap<>(); // log2 by 1 − β1
    trial.tuned().forEach(t -> rates.put(1 - t.cell().beta1(), BestRate.log2(t)));
    Function<double[], Double> mean =
        values -> Math.pow(2, java.util.Arrays.stream(values).average().orElse(Double.NaN));
    double[] x = rates.keySet().stream().mapToDouble(k -> k).toArray();
    double[] y = rates.values().stream().mapToDouble(mean::apply).toArray();
    double[] low =
        rates.values().stream()
            .mapToDouble(v -> Math.pow(2, java.util.Arrays.stream(v).min().orElse(Double.NaN)))
            .toArray();
    double[] high =
        rates.values().stream()
            .mapToDouble(v -> Math.pow(2, java.util.Arrays.stream(v).max().orElse(Double.NaN)))
            .toArray();
    List<Line> lines = new ArrayList<>();
    lines.add(Line.of("here", "measured", 0, x, y).banded(low, high));
    if (arm.equals("signum")) {
      double last = y[y.length - 1] / x[x.length - 1];
      double[] law = java.util.Arrays.stream(x).map(k -> k * last).toArray();
      lines.add(Line.of("∝ 1 − β", "formula", 4, x, law));
    }
    published.ifPresent(runs -> lines.add(runs.bestRates(arm, 1)));
    return new Figure(id + "-best", claim.title(), "1 − β", "best learning rate", lines);
  }

  /** One quantity of all arms, against the setting that they differ in. */
  private List<Figure> fixed(Trial trial) {
    Optional<ClaimCheck> failures =
        claim.checks().stream().filter(c -> c.rule() == CheckRule.FAILED_SHARE).findFirst();
    if (failures.isPresent()) {
      return List.of(failures(trial, failures.get().input("against")));
    }
    String quantity = claim.checks().get(0).inputs().getOrDefault("quantity", Metrics.VAL_LOSS);
    String column = varying(trial);
    Map<String, NavigableMap<Double, List<RunRow>>> byOptimizer = new TreeMap<>();
    for (Tuned tuned : trial.tuned()) {
      RunRow first = tuned.best().get(0);
      double x =
          switch (column) {
            case "eps" -> first.number("eps");
            case "beta1" -> 1 - first.number("beta1");
            default -> first.number("lr") / first.number("weight_decay");
          };
      if (x > 0 && Double.isFinite(x)) {
        byOptimizer
            .computeIfAbsent(first.text("optimizer"), key -> new TreeMap<>())
            .put(x, tuned.best());
      }
    }
    List<Line> lines = new ArrayList<>();
    byOptimizer.forEach(
        (optimizer, points) -> {
          double[] x = points.keySet().stream().mapToDouble(k -> k).toArray();
          double[] y = points.values().stream().mapToDouble(r -> mean(r, quantity)).toArray();
          lines.add(Line.of(optimizer, "measured", lines.size(), x, y));
          if (optimizer.equals("adamw") && !column.equals("eps") && quantity.endsWith("_rms")) {
            double[] law = java.util.Arrays.stream(x).map(k -> law(column, k)).toArray();
            lines.add(Line.of("independent gradients", "formula", 4, x, law));
          }
        });
    if (lines.stream().noneMatch(line -> line.xs().size() >= FEWEST)) {
      return List.of(); // arms that no number sets apart
    }
    String label =
        switch (column) {
          case "eps" -> "ε";
          case "beta1" -> "1 − β1";
          default -> "η/λ";
        };
    return List.of(new Figure(id, claim.title(), label, quantity.replace('_', ' '), lines));
  }

  /** The share of each arm's runs that failed. */
  private Figure failures(Trial trial, String against) {
    double[] losses = trial.best(against).orElseThrow().quantity(Metrics.VAL_LOSS);
    NavigableMap<Double, Estimate> shares = new TreeMap<>();
    for (Tuned tuned : trial.tuned()) {
      GridCell cell = tuned.cell();
      shares.put(cell.beta1() * cell.beta1() / cell.beta2(), Evidence.failedShare(tuned, losses));
    }
    List<Interval> bands =
        shares.values().stream().map(share -> share.interval(Verdict.LEVEL)).toList();
    Line line =
        Line.of(
                "here, with 95 % intervals",
                "measured",
                0,
                shares.keySet().stream().mapToDouble(x -> x).toArray(),
                shares.values().stream().mapToDouble(Estimate::value).toArray())
            .banded(
                bands.stream().mapToDouble(Interval::low).toArray(),
                bands.stream().mapToDouble(Interval::high).toArray());
    return new Figure(id, claim.title(), "β1²/β2", "share of runs that failed", List.of(line));
  }

  private static double law(String column, double x) {
    return column.equals("beta1") ? Math.sqrt(x / (2 - x)) : Math.sqrt(x / 2);
  }

  private static double mean(List<RunRow> rows, String quantity) {
    return rows.stream().mapToDouble(row -> row.quantity(quantity)).average().orElse(Double.NaN);
  }

  private static String varying(Trial trial) {
    for (String column : List.of("eps", "beta1")) {
      long values =
          trial.tuned().stream()
              .map(tuned -> tuned.best().get(0))
              .filter(row -> row.text("optimizer").equals("adamw"))
              .map(row -> row.text(column))
              .distinct()
              .count();
      if (values > 1) {
        return column;
      }
    }
    return "decay";
  }
}
