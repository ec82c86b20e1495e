package io.adamant.data;

import java.io.Closeable;
import java.util.Iterator;
import java.util.Optional;

/**
 * The texts of a column, row by row; empty where one is null. What reads it may come from a class
 * loader of its own, hence public. Reading on throws {@link io.adamant.base.InputException} where
 * the file is damaged.
 */
public interface TextColumn extends Iterator<Optional<String>>, Closeable {
  /**
   * How far it is read.
   *
   * @return the share of the rows, between 0 and 1
   */
  double fraction();
}
