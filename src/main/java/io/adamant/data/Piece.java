package io.adamant.data;

import java.util.Objects;

/**
 * A stretch of a document's text, small enough to be tokenized by itself.
 *
 * <p>Most documents are one piece. A long one (a file without document separators may have
 * gigabytes) is several, cut by its tokenizer's {@link CutRule}, so that the tokens of the pieces
 * are the tokens of the whole.
 *
 * @param text the text; may be empty in the last piece of a document
 * @param endsDocument whether the document ends after this piece
 */
public record Piece(String text, boolean endsDocument) {
  /** Checks the components. */
  public Piece {
    Objects.requireNonNull(text, "text");
  }
}
