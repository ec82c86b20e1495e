package io.adamant.reproduce;

import io.adamant.base.InputException;
import io.adamant.reproduce.Figure.Line;
import io.adamant.stats.RateGrid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The runs that the study's authors released, decoded to CSV: at 160 M parameters on SlimPajama,
 * sequences of 2048 (theory.md §9.4). One run a setting, so without intervals.
 *
 * @param rows by column
 */
record AuthorsRuns(List<Map<String, String>> rows) {

  private static final List<String> NEEDED =
      List.of("file", "dataset", "seq_len", "method", "lr", "beta1", "beta2", "val_loss");
  private static final double BLOWN_UP = 7; // nats; the file's sentinels lie above

  static AuthorsRuns read(Path file) {
    try {
      return new AuthorsRuns(
          RunTable.rows(
              file,
              Files.readAllLines(file),
              NEEDED,
              "not the authors' runs; expected: columns " + String.join(", ", NEEDED)));
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Lowest loss by rate over all other settings, a line a method. */
  List<Line> methods() {
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put("Adam_160M_SP_SL2048_3Btok_BS256", "adamw");
    methods.put("Signum_160M_SP_SL2048_2Btok_BS256", "signum");
    methods.put("RMSprop_160M_SP_SL2048_3Btok_BS256", "rmsprop");
    methods.put("SGD_GClip_160M_SP_SL2048_3Btok_BS256", "sgd_norm_clip");
    methods.put("SignSGD", "signsgd");
    methods.put("SGDPlain_160M_SP_SL2048_3Btok_BS256", "sgd");
    List<Line> lines = new ArrayList<>();
    methods.forEach(
        (sweep, name) -> {
          Predicate<Map<String, String>> own =
              name.equals("signsgd")
                  ? AuthorsRuns::isSignSgd
                  : row -> row.get("file").equals(sweep) && !isSignSgd(row);
          lines.add(line(name, lines.size(), best(own, "lr")));
        });
    return lines;
  }

  private static boolean isSignSgd(Map<String, String> row) {
    return row.get("method").equals("RMSprop") && number(row, "beta2") == 0;
  }

  /** Lowest loss by rate, a line a momentum; AdamW's with equal betas only. */
  List<Line> momenta(String optimizer) {
    NavigableMap<Double, NavigableMap<Double, Double>> byBeta = byBeta(optimizer);
    List<Line> lines = new ArrayList<>();
    byBeta.forEach((beta, loss) -> lines.add(line("β = " + Text.number(beta), lines.size(), loss)));
    return lines;
  }

  /** Best rate by 1 − β1. */
  Line bestRates(String optimizer, int colour) {
    NavigableMap<Double, Double> best = new TreeMap<>();
    byBeta(optimizer)
        .forEach(
            (beta, loss) -> {
              RateGrid<Double> grid = new RateGrid<>(loss, each -> each);
              grid.best().ifPresent(rate -> best.put(1 - beta, rate));
            });
    return line("authors, 160 M", colour, best);
  }

  private NavigableMap<Double, NavigableMap<Double, Double>> byBeta(String optimizer) {
    boolean adam = optimizer.equals("adamw");
    String sweep = adam ? "Adam_160M_SP_SL2048_3Btok_BS256" : "Signum_160M_SP_SL2048_2Btok_BS256";
    NavigableMap<Double, NavigableMap<Double, Double>> byBeta = new TreeMap<>();
    for (Map<String, String> row : rows) {
      double beta = number(row, "beta1");
      boolean equal = !adam || number(row, "beta2") == beta;
      if (row.get("file").equals(sweep) && equal && !Double.isNaN(beta)) {
        byBeta.putIfAbsent(
            beta, best(r -> r.get("file").equals(sweep) && same(r, beta, adam), "lr"));
      }
    }
    return byBeta;
  }

  private static boolean same(Map<String, String> row, double beta, boolean equal) {
    return number(row, "beta1") == beta && (!equal || number(row, "beta2") == beta);
  }

  private NavigableMap<Double, Double> best(Predicate<Map<String, String>> which, String column) {
    NavigableMap<Double, Double> best = new TreeMap<>();
    for (Map<String, String> row : rows) {
      double loss = number(row, "val_loss");
      if (which.test(row) && loss < BLOWN_UP) {
        best.merge(number(row, column), loss, Math::min);
      }
    }
    return best;
  }

  private static Line line(String name, int colour, NavigableMap<Double, Double> points) {
    return Line.of(
        name,
        "published",
        colour,
        points.keySet().stream().mapToDouble(x -> x).toArray(),
        points.values().stream().mapToDouble(y -> y).toArray());
  }

  private static double number(Map<String, String> row, String column) {
    try {
      return Double.parseDouble(row.getOrDefault(column, ""));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
