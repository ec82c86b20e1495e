package io.adamant.cli;

import java.util.List;

/** The claims as lines of text. */
final class ReproduceListing {

  private ReproduceListing() {}

  /** Columns as wide as they need; the last one as it is. */
  static String of(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    int columns = rows.isEmpty() ? 0 : rows.get(0).size();
    int[] width = new int[columns];
    rows.forEach(
        row -> {
          for (int c = 0; c < columns; c++) {
            width[c] = Math.max(width[c], row.get(c).length());
          }
        });
    for (List<String> row : rows) {
      for (int c = 0; c < columns - 1; c++) {
        text.append(row.get(c)).append(" ".repeat(width[c] - row.get(c).length() + 2));
      }
      text.append(row.get(columns - 1)).append('\n');
    }
    return text.toString();
  }
}
