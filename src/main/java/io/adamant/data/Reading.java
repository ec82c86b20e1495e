package io.adamant.data;

import java.util.List;
import java.util.Objects;

/**
 * Where the text lies in files that have more than text: JSON Lines and Parquet.
 *
 * @param field the field or column; dots lead into objects, as in {@code data.body}
 * @param skipNulls whether a document whose text is null is left out; else it is refused
 */
public record Reading(String field, boolean skipNulls) {
  /** The field that most data sets use. */
  public static final Reading DEFAULT = new Reading("text", false);

  /** Checks the components. */
  public Reading {
    Objects.requireNonNull(field, "field");
  }

  /** The names that lead to the text. */
  List<String> path() {
    return List.of(field.split("\\.", -1));
  }

  /** What it adds to the identity of a corpus: nothing where it is the default. */
  String identity() {
    String nulls = skipNulls ? "nulls skipped\n" : "";
    return (field.equals(DEFAULT.field) ? "" : "field " + field + "\n") + nulls;
  }
}
