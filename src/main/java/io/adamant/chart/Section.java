package io.adamant.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    List<Table> tables,
    List<Chart> wide,
    List<Chart> panels) {

  /** Takes copies. */
  public Section {
    sentences = List.copyOf(sentences);
    tables = List.copyOf(tables);
    wide = List.copyOf(wide);
    panels = List.copyOf(panels);
  }

  /** All charts, the wide ones first. */
  public List<Chart> charts() {
    return Stream.concat(wide.stream(), panels.stream()).toList();
  }

  /** Whether there is neither a number nor a chart to look at. */
  public boolean blank() {
    return charts().isEmpty() && tables.isEmpty();
  }

  /** Sentences and tables under the heading; nothing without a table. */
  public String markdown() {
    if (tables.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n## " + title + "\n");
    sentences.forEach(sentence -> text.append('\n').append(sentence).append('\n'));
    tables.forEach(table -> text.append(table.markdown()));
    return text.toString();
  }

  /** A section to which its parts are still to be added. */
  public static Builder of(String id, String title) {
    return new Builder(id, title);
  }

  /** Adds the parts of a section one by one, in their order. */
  public static final class Builder {
    private final String id;
    private final String title;
    private final List<String> sentences = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final List<Chart> wide = new ArrayList<>();
    private final List<Chart> panels = new ArrayList<>();

    private Builder(String id, String title) {
      this.id = id;
      this.title = title;
    }

    public Builder say(String sentence) {
      sentences.add(sentence);
      return this;
    }

    public Builder say(Optional<String> sentence) {
      sentence.ifPresent(sentences::add);
      return this;
    }

    public Builder say(List<String> more) {
      sentences.addAll(more);
      return this;
    }

    /**
     * One sentence about several arms: "a: 1; b: 2" in the place of %s; none where there is none.
     */
    public Builder sayOfEach(String format, List<String> parts) {
      return parts.isEmpty() ? this : say(format.formatted(String.join("; ", parts)));
    }

    /** A table, if it has a row. */
    public Builder table(Table table) {
      if (!table.rows().isEmpty()) {
        tables.add(table);
      }
      return this;
    }

    public Builder wide(Chart chart) {
      return wide(List.of(chart));
    }

    public Builder wide(List<Chart> charts) {
      wide.addAll(charts);
      return this;
    }

    public Builder panel(Chart chart) {
      return panels(List.of(chart));
    }

    public Builder panels(List<Chart> charts) {
      panels.addAll(charts);
      return this;
    }

    public Section done() {
      return new Section(id, title, sentences, tables, wide, panels);
    }
  }
}
