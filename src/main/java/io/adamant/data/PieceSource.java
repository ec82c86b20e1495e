package io.adamant.data;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** One pass over a corpus, in its fixed order. Not safe for use by several threads. */
public interface PieceSource extends Closeable {
  /**
   * Reads on.
   *
   * @return the next piece, or empty at the end of the corpus
   * @throws IOException if the corpus cannot be read
   * @throws io.adamant.base.InputException if what was read is not text
   */
  Optional<Piece> next() throws IOException;

  /**
   * Tells how far the pass has come, for progress messages.
   *
   * @return the share of the corpus read so far, between 0 and 1
   */
  double fraction();
}
