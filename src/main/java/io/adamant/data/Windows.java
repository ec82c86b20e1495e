package io.adamant.data;

import io.adamant.base.InputException;
import java.util.Objects;

/** What training batches and validation windows share. */
final class Windows {
  private Windows() {}

  static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new InputException(key + " must be at least 1, found " + value);
    }
  }

  /** Puts a window of context + 1 tokens into row {@code row} of inputs and, shifted, targets. */
  static void put(long[] window, int row, long[] inputs, long[] targets) {
    int context = window.length - 1;
    int at = Math.multiplyExact(row, context);
    Objects.checkFromIndexSize(at, context, inputs.length);
    Objects.checkFromIndexSize(at, context, targets.length);
    System.arraycopy(window, 0, inputs, at, context);
    System.arraycopy(window, 1, targets, at, context);
  }
}
