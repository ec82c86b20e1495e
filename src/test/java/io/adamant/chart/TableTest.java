package io.adamant.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.chart.Table.Column;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One table, written for terminal, Markdown, CSV and HTML. */
class TableTest {

  private static Table table() {
    return new Table.Columns<Map.Entry<String, Double>>()
        .text("name", Map.Entry::getKey)
        .number("value", Digits.significant(3), Map.Entry::getValue)
        .exact("every digit", Map.Entry::getValue)
        .text("note", row -> row.getValue() < 1 ? "a|b, c" : "2 or more")
        .of("Values", List.of(Map.entry("one", 0.12345), Map.entry("another", 12.5)));
  }

  @Test
  void numbersStandAtTheRightAndTextsAtTheLeft() {
    assertThat(table().terminal(100))
        .isEqualTo(
            """
            Values:
            name     value  every digit  note
            one      0.123      0.12345  a|b, c
            another   12.5         12.5  2 or more
            """);
    assertThat(table().markdown())
        .isEqualTo(
            """

            Values:

            | name | value | every digit | note |
            | :--- | ---: | ---: | :--- |
            | one | 0.123 | 0.12345 | a\\|b, c |
            | another | 12.5 | 12.5 | 2 or more |
            """);
    assertThat(Html.table(table()))
        .contains("<caption>Values</caption>", "<td class=\"n\">12.5</td>", ">a|b, c</td>")
        .doesNotContain("colgroup");
  }

  @Test
  void csvIsQuotedWhereItMustBe() {
    assertThat(table().csv())
        .isEqualTo(
            """
            name,value,every digit,note
            one,0.123,0.12345,"a|b, c"
            another,12.5,12.5,2 or more
            """);
  }

  @Test
  void groupsStandOverTheirColumnsAndLongNamesAreBroken() {
    Table table =
        new Table.Columns<String>()
            .text("name", name -> name)
            .add(new Column("a wide heading", "measured", "meas.", true), name -> "none")
            .add(new Column("a wide heading", "predicted", "pred.", true), name -> "1.5")
            .of("", List.of("a name that is too long", "x"));
    assertThat(table.terminal(30))
        .isEqualTo(
            """
                            a wide heading
            name            meas.    pred.
            a name that is   none      1.5
              too long
            x                none      1.5
            """);
    assertThat(table.markdown()).contains("| name | a wide heading measured |", "| ---: | ---: |");
    assertThat(Html.table(table)).contains("<th scope=\"colgroup\" class=\"g\" colspan=\"2\">");
  }

  @Test
  void everyRowHasAsManyCells() {
    assertThatThrownBy(() -> Table.of("", List.of("a", "b"), List.of(List.of("1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row [1] has 1 cells; allowed: 2");
  }
}
