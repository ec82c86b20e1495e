package io.adamant.lab;

import io.adamant.chart.ChartPage;

/** What a laboratory command found, three ways. */
public interface Findings {
  /** For a browser, with figures and CSV files. */
  ChartPage page();

  /** For a terminal, with a line end. */
  String text();

  /** For a program: maps, lists, numbers and texts. */
  Object json();
}
