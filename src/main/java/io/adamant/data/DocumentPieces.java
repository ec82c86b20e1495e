package io.adamant.data;

import java.io.IOException;
import java.util.Optional;

/**
 * The pieces of documents whose borders are known: a line {@code <|endoftext|>} in one is text. A
 * document of nothing but white space has none.
 */
final class DocumentPieces implements PieceReading {
  private final CutRule cuts;
  private Optional<PieceReader> cutting = Optional.empty();
  private Optional<Piece> whole = Optional.empty();

  DocumentPieces(CutRule cuts) {
    this.cuts = cuts;
  }

  /** Begins a document, which messages call by this name; the one before is over. */
  void begin(String text, String name) {
    boolean isLong = text.length() > PieceReader.TARGET;
    cutting = isLong ? Optional.of(PieceReader.ofDocument(text, name, cuts)) : Optional.empty();
    whole = isLong || text.isBlank() ? Optional.empty() : Optional.of(new Piece(text, true));
  }

  @Override
  public Optional<Piece> next() throws IOException {
    if (cutting.isPresent()) {
      return cutting.get().next();
    }
    Optional<Piece> piece = whole;
    whole = Optional.empty();
    return piece;
  }
}
