package io.adamant.reproduce;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.adamant.base.InputException;
import io.adamant.reproduce.Figure.Line;
import io.adamant.results.Metrics;
import io.adamant.stats.RateGrid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Published numbers by setting, to draw and to compare with runs: a table of anybody's, or the runs
 * that the study's authors released, decoded to CSV (160 M parameters on SlimPajama, sequences of
 * 2048, one run a setting; theory.md §9.4).
 *
 * @param name whose it is, in words
 * @param rows in the file's order
 * @param compared whether its rows are held against runs one by one
 */
record PublishedTable(String name, List<Row> rows, boolean compared) {

  /** The quantity of a table that prints e to the loss. */
  static final String PERPLEXITY = "perplexity";

  private static final List<String> NEEDED = List.of("setting", "value");
  private static final List<String> OPTIONAL = List.of("interval", "quantity");
  private static final List<String> AUTHORS =
      List.of("file", "dataset", "seq_len", "method", "lr", "beta1", "beta2", Metrics.VAL_LOSS);
  private static final double BLOWN_UP = 7; // nats; the authors' sentinels lie above

  /** The authors' sweeps that are drawn, by file; the arm that each is called here. */
  private static final Map<String, String> SWEEPS = sweeps();

  private static Map<String, String> sweeps() {
    Map<String, String> sweeps = new LinkedHashMap<>();
    sweeps.put("Adam_160M_SP_SL2048_3Btok_BS256", "adamw");
    sweeps.put("Signum_160M_SP_SL2048_2Btok_BS256", "signum");
    sweeps.put("RMSprop_160M_SP_SL2048_3Btok_BS256", "rmsprop");
    sweeps.put("SGD_GClip_160M_SP_SL2048_3Btok_BS256", "sgd_norm_clip");
    sweeps.put("SignSGD", "signsgd"); // RMSprop's sweep has it
    sweeps.put("SGDPlain_160M_SP_SL2048_3Btok_BS256", "sgd");
    return sweeps;
  }

  /**
   * A published number.
   *
   * @param arm name of an arm or an optimizer
   * @param settings as they are written, by column of runs.csv
   * @param quantity a column of runs.csv, or {@link #PERPLEXITY}
   * @param value the number
   * @param printed the number as it is written, with its interval
   */
  record Row(
      String arm, Map<String, String> settings, String quantity, double value, String printed) {

    /** The setting as it was written. */
    String setting() {
      StringBuilder text = new StringBuilder(arm);
      settings.forEach((key, each) -> text.append(' ').append(key).append('=').append(each));
      return text.toString();
    }

    double number(String key) {
      return PublishedTable.number(settings.getOrDefault(key, ""));
    }

    /** In nats. */
    double loss() {
      return switch (quantity) {
        case Metrics.VAL_LOSS -> value;
        case PERPLEXITY -> Math.log(value);
        default -> Double.NaN;
      };
    }
  }

  /**
   * Reads a table.
   *
   * @param file CSV with {@code setting} and {@code value}, or the authors' runs
   * @throws InputException if it is neither, naming the line
   */
  static PublishedTable read(Path file) {
    List<Map<String, String>> lines = lines(file);
    List<String> columns = lines.isEmpty() ? List.of() : List.copyOf(lines.get(0).keySet());
    if (columns.containsAll(AUTHORS)) {
      List<Row> rows = new ArrayList<>();
      SWEEPS.values().forEach(arm -> lines.forEach(line -> author(line, arm).ifPresent(rows::add)));
      return new PublishedTable("the authors' runs", rows, false);
    }
    if (!columns.containsAll(NEEDED)) {
      throw new InputException(
          "%s:1: not a table of published numbers; expected: columns %s and, if you like, %s"
              .formatted(file, String.join(", ", NEEDED), String.join(", ", OPTIONAL)));
    }
    List<Row> rows = new ArrayList<>();
    for (Map<String, String> line : lines) {
      rows.add(row(line, file + ":" + (rows.size() + 2)));
    }
    return new PublishedTable(ConfigKey.name(file.toString()), rows, true);
  }

  private static List<Map<String, String>> lines(Path file) {
    CsvMapper mapper =
        CsvMapper.builder()
            .enable(CsvParser.Feature.TRIM_SPACES)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .enable(CsvParser.Feature.INSERT_NULLS_FOR_MISSING_COLUMNS)
            .build();
    try (MappingIterator<Map<String, String>> lines =
        mapper
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader().withNullValue(""))
            .readValues(file.toFile())) {
      return lines.readAll();
    } catch (IOException e) {
      String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new InputException(file + " cannot be read as CSV: " + first, e);
    }
  }

  private static Row row(Map<String, String> line, String where) {
    String setting = text(line, "setting");
    String[] words = setting.split("\\s+", -1);
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] pair = words[i].split("=", 2);
      if (pair.length < 2 || !RunRow.COLUMNS.contains(pair[0])) {
        throw new InputException(
            "%s: setting is '%s'; expected: an arm or optimizer, then such as beta1=0.9 lr=0.004"
                .formatted(where, setting));
      }
      settings.put(pair[0], pair[1]);
    }
    String quantity = line.get("quantity") == null ? Metrics.VAL_LOSS : line.get("quantity");
    if (!quantity.equals(PERPLEXITY) && !Evidence.QUANTITIES.contains(quantity)) {
      throw InputException.badValue(
          where + ": quantity",
          quantity,
          String.join(", ", Evidence.QUANTITIES) + ", " + PERPLEXITY);
    }
    String printed = text(line, "value");
    if (line.get("interval") != null) {
      number(line, "interval", where);
      printed += " ± " + line.get("interval");
    }
    return new Row(words[0], settings, quantity, number(line, "value", where), printed);
  }

  private static String text(Map<String, String> line, String column) {
    return line.get(column) == null ? "" : line.get(column);
  }

  private static double number(Map<String, String> line, String column, String where) {
    double number = number(text(line, column));
    if (!Double.isFinite(number)) {
      throw InputException.badValue(where + ": " + column, text(line, column), "a number");
    }
    return number;
  }

  /** NaN for what is no number. */
  static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** A run of the authors', if it is of an arm and did not blow up. */
  private static Optional<Row> author(Map<String, String> line, String arm) {
    double loss = number(text(line, Metrics.VAL_LOSS));
    boolean sign = text(line, "method").equals("RMSprop") && number(text(line, "beta2")) == 0;
    String own = sign ? "signsgd" : SWEEPS.getOrDefault(text(line, "file"), "");
    if (!own.equals(arm) || !(loss < BLOWN_UP)) {
      return Optional.empty();
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (String key : List.of("lr", "beta1", "beta2")) {
      if (!Double.isNaN(number(text(line, key)))) {
        settings.put(key, line.get(key));
      }
    }
    return Optional.of(new Row(arm, settings, Metrics.VAL_LOSS, loss, Text.number(loss)));
  }

  /** Lowest loss by rate over all other settings, a line an arm. */
  List<Line> methods() {
    Map<String, List<Row>> arms =
        rows.stream()
            .collect(Collectors.groupingBy(Row::arm, LinkedHashMap::new, Collectors.toList()));
    List<Line> lines = new ArrayList<>();
    arms.forEach((arm, own) -> lines.add(line(arm, lines.size(), lowest(own))));
    return lines;
  }

  /** Lowest loss by rate, a line a momentum; AdamW's with equal betas only. */
  List<Line> momenta(String arm) {
    List<Line> lines = new ArrayList<>();
    byMomentum(arm)
        .forEach((beta, loss) -> lines.add(line("β = " + Text.number(beta), lines.size(), loss)));
    return lines;
  }

  /** Best rate by 1 − β1. */
  Line bestRates(String arm, int colour) {
    NavigableMap<Double, Double> best = new TreeMap<>();
    byMomentum(arm)
        .forEach(
            (beta, loss) ->
                new RateGrid<>(loss, each -> each)
                    .best()
                    .ifPresent(rate -> best.put(1 - beta, rate)));
    return line(name, colour, best);
  }

  private NavigableMap<Double, NavigableMap<Double, Double>> byMomentum(String arm) {
    NavigableMap<Double, List<Row>> groups = new TreeMap<>();
    for (Row row : rows) {
      double beta = row.number("beta1");
      boolean equal = Double.isNaN(row.number("beta2")) || row.number("beta2") == beta;
      if (row.arm().equals(arm) && equal && !Double.isNaN(beta)) {
        groups.computeIfAbsent(beta, key -> new ArrayList<>()).add(row);
      }
    }
    NavigableMap<Double, NavigableMap<Double, Double>> lowest = new TreeMap<>();
    groups.forEach((beta, own) -> lowest.put(beta, lowest(own)));
    return lowest;
  }

  private static NavigableMap<Double, Double> lowest(List<Row> rows) {
    NavigableMap<Double, Double> lowest = new TreeMap<>();
    for (Row row : rows) {
      if (!Double.isNaN(row.number("lr")) && Double.isFinite(row.loss())) {
        lowest.merge(row.number("lr"), row.loss(), Math::min);
      }
    }
    return lowest;
  }

  private static Line line(String name, int colour, NavigableMap<Double, Double> points) {
    return Line.of(
        name,
        "published",
        colour,
        points.keySet().stream().mapToDouble(x -> x).toArray(),
        points.values().stream().mapToDouble(y -> y).toArray());
  }
}
