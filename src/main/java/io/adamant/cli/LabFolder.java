package io.adamant.cli;

import io.adamant.report.Section.FactTable;
import java.util.ArrayList;
import java.util.List;

/** Small helpers of the laboratory's own pages. */
final class LabFolder {

  private LabFolder() {}

  /** A table's cells, headings first, for a CSV file. */
  static List<List<String>> csv(FactTable table) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(table.headings());
    rows.addAll(table.rows());
    return rows;
  }

  /** Four significant digits, plain or with a power of ten. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "" : "diverged";
    }
    return String.format(java.util.Locale.ROOT, "%.4g", value);
  }
}
