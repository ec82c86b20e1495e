package io.adamant.study;

import io.adamant.base.InputException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A fixed part of a study, for machines that do not see one another's files: every {@code count}-th
 * run, beginning with the {@code index}-th.
 *
 * @param index 1 to {@code count}
 * @param count number of parts
 */
public record Shard(int index, int count) {

  /** The whole study. */
  public static final Shard WHOLE = new Shard(1, 1);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})/(\\d{1,5})");

  /**
   * Reads {@code i/n}.
   *
   * @param text such as {@code 2/4}
   * @return the part
   * @throws InputException if it is not of this form or {@code i} is not one of 1 to {@code n}
   */
  public static Shard parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (parts.matches()) {
      int index = Integer.parseInt(parts.group(1));
      int count = Integer.parseInt(parts.group(2));
      if (index >= 1 && index <= count) {
        return new Shard(index, count);
      }
    }
    throw InputException.badValue("--shard", text, "i/n with i from 1 to n, such as 2/4");
  }

  /**
   * The runs of this part.
   *
   * @param items all runs
   * @return those of this part, in the same order
   */
  public List<StudyPlan.Item> of(List<StudyPlan.Item> items) {
    return IntStream.range(0, items.size())
        .filter(i -> i % count == index - 1)
        .mapToObj(items::get)
        .toList();
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
