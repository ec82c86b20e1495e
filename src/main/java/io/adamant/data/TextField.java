package io.adamant.data;

import java.util.List;
import java.util.Objects;

/**
 * Where the text lies in files that have more than text: JSON Lines and Parquet.
 *
 * @param name the field or column; dots lead into objects, as in {@code data.body}
 * @param skipNulls whether a document whose text is null is left out; else it is refused
 */
public record TextField(String name, boolean skipNulls) {
  /** The field that most data sets use. */
  public static final TextField DEFAULT = new TextField("text", false);

  /** Checks the components. */
  public TextField {
    Objects.requireNonNull(name, "name");
  }

  /** The names that lead to the text. */
  List<String> path() {
    return List.of(name.split("\\.", -1));
  }

  /** What it adds to the identity of a corpus: nothing where it is the default. */
  String identity() {
    String nulls = skipNulls ? "nulls skipped\n" : "";
    return (name.equals(DEFAULT.name) ? "" : "field " + name + "\n") + nulls;
  }
}
