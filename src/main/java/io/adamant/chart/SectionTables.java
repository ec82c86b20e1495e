package io.adamant.chart;

import io.adamant.base.Csv;
import io.adamant.base.DurableFiles;
import io.adamant.chart.Section.FactTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tables of a report's sections as files: Markdown under their headings, CSV one by one. */
public final class SectionTables {
  private SectionTables() {}

  /** {@code ID.csv}, and {@code ID-2.csv} for a section's second table. */
  public static List<Path> write(List<Section> sections, Path directory) {
    List<Path> files = new ArrayList<>();
    for (Section section : sections) {
      for (int i = 0; i < section.tables().size(); i++) {
        FactTable table = section.tables().get(i);
        List<List<String>> lines = new ArrayList<>(List.of(table.headings()));
        lines.addAll(table.rows());
        String name = section.id() + (i == 0 ? "" : "-" + (i + 1)) + ".csv";
        files.add(DurableFiles.write(directory.resolve(name), Csv.text(lines)));
      }
    }
    return files;
  }

  public static String markdown(List<Section> sections) {
    StringBuilder text = new StringBuilder();
    for (Section section : sections) {
      if (!section.tables().isEmpty()) {
        text.append("\n## ").append(section.title()).append("\n");
        section.sentences().forEach(s -> text.append('\n').append(s).append('\n'));
        section.tables().forEach(table -> text.append(markdown(table)));
      }
    }
    return text.toString();
  }

  public static String markdown(FactTable table) {
    StringBuilder text = new StringBuilder();
    if (!table.caption().isEmpty()) {
      text.append('\n').append(table.caption()).append(":\n");
    }
    text.append('\n').append(line(table.headings()));
    List<String> rule = new ArrayList<>();
    for (int column = 0; column < table.headings().size(); column++) {
      rule.add(column > 0 && Html.numeric(table.rows(), column) ? "---:" : ":---");
    }
    text.append(line(rule));
    table.rows().forEach(row -> text.append(line(row)));
    return text.toString();
  }

  private static String line(List<String> cells) {
    return "| "
        + String.join(" | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList())
        + " |\n";
  }

  /** Aligned columns for a terminal, numbers to the right. */
  public static String terminal(FactTable table) {
    List<List<String>> lines = new ArrayList<>(List.of(table.headings()));
    lines.addAll(table.rows());
    StringBuilder text = new StringBuilder(table.caption()).append(":\n");
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < line.size(); i++) {
        int column = i;
        int width = lines.stream().mapToInt(l -> l.get(column).length()).max().orElse(0);
        String space = " ".repeat(width - line.get(i).length());
        boolean right = i > 0 && Html.numeric(table.rows(), i);
        row.append(i == 0 ? "" : "  ").append(right ? space + line.get(i) : line.get(i) + space);
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
