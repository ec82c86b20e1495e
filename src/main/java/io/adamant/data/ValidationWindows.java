package io.adamant.data;

import io.adamant.base.InputException;
import java.util.Objects;

/**
 * The validation split as fixed windows, in order: window w has inputs w·context, …, w·context +
 * context − 1 and the tokens after each as targets, so that no token is a target twice. The last
 * partial window is dropped. Safe for several threads.
 */
public final class ValidationWindows {
  private final TokenView tokens;
  private final int context;
  private final long count;

  /**
   * Divides the validation split.
   *
   * @param tokens the validation split
   * @param context tokens a window
   * @throws InputException if context is not positive or the split is shorter than one window
   */
  public ValidationWindows(TokenView tokens, int context) {
    this.tokens = Objects.requireNonNull(tokens, "tokens");
    Windows.requirePositive("model.context", context);
    if (tokens.size() < context + 1L) {
      throw new InputException(
          "model.context: a window of %s + 1 tokens is larger than the validation text of %s tokens; raise data.validation_fraction or use more text"
              .formatted(context, tokens.size()));
    }
    this.context = context;
    this.count = (tokens.size() - 1) / context;
  }

  /**
   * The number of windows.
   *
   * @return at least 1
   */
  public long count() {
    return count;
  }

  /**
   * The number of targets of all windows.
   *
   * @return count · context
   */
  public long targets() {
    return count * context;
  }

  /**
   * Writes some windows.
   *
   * @param firstWindow index of the first
   * @param windows how many
   * @param inputs receives the tokens, (windows, context) row by row
   * @param targets receives the tokens that follow, (windows, context) row by row
   * @throws IndexOutOfBoundsException if the windows are out of range or an array is short
   */
  public void fill(long firstWindow, int windows, long[] inputs, long[] targets) {
    Objects.checkFromIndexSize(firstWindow, windows, count);
    long[] window = new long[context + 1];
    for (int i = 0; i < windows; i++) {
      tokens.read((firstWindow + i) * context, context + 1, window, 0);
      Windows.put(window, i, inputs, targets);
    }
  }
}
