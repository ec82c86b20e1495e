package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import io.adamant.base.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Rows of numbers in a file. */
final class CsvNumbers {

  private CsvNumbers() {}

  /** Rows, (rows, any length); empty lines and lines that begin with # do not count. */
  static double[][] read(Path file) {
    List<String> lines;
    try {
      lines = TextFile.read(file).lines().toList();
    } catch (IOException e) {
      throw new InputException(file + ": not a readable text file; expected: numbers as CSV", e);
    }
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        rows.add(row(line, file + ":" + (i + 1)));
      }
    }
    if (rows.isEmpty()) {
      throw new InputException(file + " is empty; expected: rows of numbers");
    }
    return rows.toArray(new double[0][]);
  }

  private static double[] row(String line, String where) {
    String[] cells = line.split(",", -1);
    double[] values = new double[cells.length];
    for (int i = 0; i < cells.length; i++) {
      try {
        values[i] = number(cells[i].strip());
      } catch (NumberFormatException e) {
        throw new InputException(
            "%s: column %s is '%s'; expected: a number".formatted(where, i + 1, cells[i].strip()),
            e);
      }
    }
    return values;
  }

  /** Not finite numbers also as Python and C write them: nan, inf, -Infinity. */
  private static double number(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan", "+nan", "-nan" -> Double.NaN;
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /**
   * Writes rows so that reading gives the same numbers.
   *
   * @param single whether the values came from float32, which needs fewer digits
   * @throws InputException if there is no such folder
   */
  static void write(Path file, double[][] rows, boolean single) {
    if (!Files.isDirectory(file.toAbsolutePath().getParent()) || Files.isDirectory(file)) {
      throw new InputException("--out " + file + ": expected: a file in an existing directory");
    }
    String text =
        Arrays.stream(rows)
            .map(
                row ->
                    Arrays.stream(row)
                        .mapToObj(x -> single ? Float.toString((float) x) : Double.toString(x))
                        .collect(Collectors.joining(",")))
            .collect(Collectors.joining("\n", "", "\n"));
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new StorageException("write", file, e);
    }
  }
}
