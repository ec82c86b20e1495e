package io.adamant.chart;

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

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
