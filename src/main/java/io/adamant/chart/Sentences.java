package io.adamant.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Lists in sentences. */
public final class Sentences {
  private Sentences() {}

  /** "a", "a and b", "a, b and c". */
  public static String list(List<String> parts) {
    int n = parts.size();
    if (n < 2) {
      return String.join("", parts);
    }
    return String.join(", ", parts.subList(0, n - 1)) + " and " + parts.get(n - 1);
  }

  /** With a capital letter at its beginning. */
  public static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** A name as part of a chart's id: lower-case letters, digits and -. */
  public static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /** "a: 1; b: 2", or "1" alone where all values are the same. */
  public static String each(List<String> names, List<String> values) {
    if (values.stream().distinct().count() == 1) {
      return values.get(0) + (names.size() > 1 ? " in every arm" : "");
    }
    return java.util.stream.IntStream.range(0, names.size())
        .mapToObj(i -> names.get(i) + ": " + values.get(i))
        .collect(Collectors.joining("; "));
  }

  /** Breaks a text into lines, at spaces where there are some; later lines are indented. */
  public static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width) {
      int space = rest.lastIndexOf(' ', width);
      int cut = space > rest.indexOf(rest.strip()) ? space : width;
      lines.add(rest.substring(0, cut));
      rest = "  " + rest.substring(cut).strip();
    }
    lines.add(rest);
    return lines;
  }
}
