package io.adamant.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A part of a report: what to look at in plain sentences, numbers in tables, charts.
 *
 * @param id anchor in the page: lower-case letters, digits, -
 * @param title heading
 * @param sentences what to look at, computed from the runs
 * @param tables small tables of numbers
 * @param wide charts over the whole width
 * @param panels small charts side by side that share their axes
 */
public record Section(
    String id,
    String title,
    List<String> sentences,
    List<FactTable> tables,
    List<Chart> wide,
    List<Chart> panels) {

  /** Takes copies. */
  public Section {
    sentences = List.copyOf(sentences);
    tables = List.copyOf(tables);
    wide = List.copyOf(wide);
    panels = List.copyOf(panels);
  }

  /**
   * All charts.
   *
   * @return the wide ones, then the panels
   */
  public List<Chart> charts() {
    return Stream.concat(wide.stream(), panels.stream()).toList();
  }

  /**
   * A table of texts; the first column names the row.
   *
   * @param caption what it is, may be empty
   * @param headings one a column
   * @param rows each with as many cells
   */
  public record FactTable(String caption, List<String> headings, List<List<String>> rows) {

    /**
     * Validates.
     *
     * @throws IllegalArgumentException if a row has another number of cells than there are headings
     */
    public FactTable {
      headings = List.copyOf(headings);
      List<List<String>> copies = new ArrayList<>();
      for (List<String> row : rows) {
        if (row.size() != headings.size()) {
          throw new IllegalArgumentException(
              "row " + row + " has " + row.size() + " cells; allowed: " + headings.size());
        }
        copies.add(List.copyOf(row));
      }
      rows = List.copyOf(copies);
    }
  }
}
