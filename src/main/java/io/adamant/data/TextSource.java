package io.adamant.data;

import io.adamant.base.InputException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** One pass over text files, one open file at a time. */
final class TextSource implements PieceSource {
  private final List<Path> files;
  private final TextField field;
  private final Reading reading;
  private final long totalBytes;
  private long bytesOfEarlierFiles;
  private int nextFile;
  private Optional<OpenFile> current = Optional.empty();

  TextSource(List<Path> files, TextField field, Reading reading) throws IOException {
    this.files = files;
    this.field = field;
    this.reading = reading;
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    this.totalBytes = bytes;
  }

  @Override
  public Optional<Piece> next() throws IOException {
    while (true) {
      if (current.isEmpty()) {
        if (nextFile == files.size()) {
          return Optional.empty();
        }
        current = Optional.of(OpenFile.of(files.get(nextFile++), field, reading));
      }
      Optional<Piece> piece = current.get().next();
      if (piece.isPresent()) {
        return piece;
      }
      bytesOfEarlierFiles += current.get().bytesRead.getAsLong();
      close();
    }
  }

  @Override
  public double fraction() {
    long bytes = bytesOfEarlierFiles + current.map(file -> file.bytesRead.getAsLong()).orElse(0L);
    return totalBytes == 0 ? 1 : Math.min(1, bytes / (double) totalBytes);
  }

  @Override
  public void close() throws IOException {
    if (current.isPresent()) {
      current.get().resource.close();
      current = Optional.empty();
    }
  }

  /** A file, how much of it is read, and its pieces. */
  private record OpenFile(LongSupplier bytesRead, Closeable resource, PieceReading pieces) {
    static OpenFile of(Path path, TextField field, Reading reading) throws IOException {
      if (ParquetFile.isParquet(path)) {
        ParquetFile file = ParquetFile.open(path, field, reading.cuts());
        long size = Files.size(path);
        return new OpenFile(() -> (long) (size * file.fraction()), file, file);
      }
      CountingStream bytes =
          new CountingStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16));
      try {
        String name = path.toString();
        InputStream raw = Compression.of(path).open(bytes, name);
        BufferedInputStream text = new BufferedInputStream(raw, TextFormat.HEAD);
        text.mark(TextFormat.HEAD);
        TextFormat format = TextFormat.of(text.readNBytes(TextFormat.HEAD), name);
        text.reset();
        return new OpenFile(bytes::count, text, format.pieces(text, name, field, reading));
      } catch (IOException | InputException e) {
        bytes.close();
        throw e;
      }
    }

    Optional<Piece> next() throws IOException {
      return pieces.next();
    }
  }
}
