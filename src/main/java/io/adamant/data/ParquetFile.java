package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Documents from Parquet: the texts of a column, row by row, exactly as they are; those of nothing
 * but white space are left out.
 */
final class ParquetFile implements PieceReading, Closeable {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** Both magic numbers and the footer's length. */
  private static final int SHORTEST = 12;

  private final TextColumn column;
  private final String name;
  private final TextField field;
  private final DocumentPieces document;
  private long row;

  private ParquetFile(TextColumn column, String name, TextField field, CutRule cuts) {
    this.column = column;
    this.name = name;
    this.field = field;
    this.document = new DocumentPieces(cuts);
  }

  /** Whether a file is Parquet: by the end of its name, else by its first and last bytes. */
  static boolean isParquet(Path file) {
    if (isNamed(file)) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.size() >= SHORTEST
          && isMagic(channel, 0)
          && isMagic(channel, channel.size() - MAGIC.length);
    } catch (IOException e) {
      throw new InputException(
          "cannot read %s: %s".formatted(file.toAbsolutePath(), StorageException.reason(e)), e);
    }
  }

  private static boolean isNamed(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet");
  }

  /**
   * Opens a file.
   *
   * @throws InputException if it is no whole Parquet file, or has no such column of strings
   */
  static ParquetFile open(Path file, TextField field, CutRule cuts) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size < SHORTEST || !isMagic(channel, 0)) {
        throw incomplete(file, "it does not begin with PAR1", 0);
      }
      if (!isMagic(channel, size - MAGIC.length)) {
        throw incomplete(file, "it does not end with PAR1", size - MAGIC.length);
      }
    }
    return new ParquetFile(ParquetLibrary.open(file, field.name()), file.toString(), field, cuts);
  }

  private static boolean isMagic(FileChannel channel, long at) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAGIC.length);
    channel.read(bytes, at);
    return Arrays.equals(bytes.array(), MAGIC);
  }

  private static InputException incomplete(Path file, String what, long offset) {
    return new InputException(
        "%s is not a complete Parquet file: %s, at byte offset %s; fetch or write it again"
            .formatted(file, what, offset));
  }

  @Override
  public Optional<Piece> next() throws IOException {
    Optional<Piece> piece = document.next();
    while (piece.isEmpty() && column.hasNext()) {
      Optional<String> text = column.next();
      row++;
      if (text.isEmpty() && !field.skipNulls()) {
        throw new InputException(
            "%s row %s has null in column '%s'; expected: a string (nulls: skip leaves such documents out)"
                .formatted(name, row, field.name()));
      }
      text.ifPresent(words -> document.begin(words, name + " row " + row));
      piece = document.next();
    }
    return piece;
  }

  double fraction() {
    return column.fraction();
  }

  @Override
  public void close() throws IOException {
    column.close();
  }
}
