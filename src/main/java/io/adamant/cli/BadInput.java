package io.adamant.cli;

import io.adamant.base.InputException;
import java.util.function.Supplier;

/** For rooms that know no configuration and refuse an argument with one line of their own. */
final class BadInput {

  private BadInput() {}

  /** The result, or the room's line as the user's mistake. */
  static <T> T unless(Supplier<T> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      throw new InputException(e.getMessage(), e);
    }
  }
}
