package io.adamant.base;

import java.util.List;
import java.util.stream.Collectors;

/** Comma-separated values as RFC 4180 has them, with line feeds as most tools write them. */
public final class Csv {
  private Csv() {}

  public static String text(List<List<String>> lines) {
    return lines.stream()
        .map(line -> line.stream().map(Csv::quoted).collect(Collectors.joining(",")) + "\n")
        .collect(Collectors.joining());
  }

  /**
   * A number with every digit.
   *
   * @param value any
   * @return the shortest text that reads back the same, blank if it is not finite
   */
  public static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
