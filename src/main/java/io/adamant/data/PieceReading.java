package io.adamant.data;

import java.io.IOException;
import java.util.Optional;

/** Reads the pieces of one file. */
@FunctionalInterface
interface PieceReading {
  /** The next piece, or empty at the end of the file. */
  Optional<Piece> next() throws IOException;
}
