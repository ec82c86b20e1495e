package io.adamant.data;

import io.adamant.base.InputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One pass over text files, one open file at a time. */
final class TextSource implements PieceSource {
  private final List<Path> files;
  private final Reading reading;
  private final long totalBytes;
  private long bytesOfEarlierFiles;
  private int nextFile;
  private Optional<OpenFile> current = Optional.empty();

  TextSource(List<Path> files, Reading reading) throws IOException {
    this.files = files;
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
        current = Optional.of(OpenFile.of(files.get(nextFile++), reading));
      }
      Optional<Piece> piece = current.get().next();
      if (piece.isPresent()) {
        return piece;
      }
      bytesOfEarlierFiles += current.get().bytes.count();
      close();
    }
  }

  @Override
  public double fraction() {
    long bytes = bytesOfEarlierFiles + current.map(file -> file.bytes.count()).orElse(0L);
    return totalBytes == 0 ? 1 : Math.min(1, bytes / (double) totalBytes);
  }

  @Override
  public void close() throws IOException {
    if (current.isPresent()) {
      current.get().text.close();
      current = Optional.empty();
    }
  }

  /** A file, the bytes read from it, the text in them and its pieces. */
  private record OpenFile(CountingStream bytes, InputStream text, PieceReading pieces) {
    static OpenFile of(Path path, Reading reading) throws IOException {
      CountingStream bytes =
          new CountingStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16));
      try {
        String name = path.toString();
        InputStream raw = Compression.of(path).open(bytes, name);
        BufferedInputStream text = new BufferedInputStream(raw, TextFormat.HEAD);
        text.mark(TextFormat.HEAD);
        TextFormat format = TextFormat.of(text.readNBytes(TextFormat.HEAD), name);
        text.reset();
        return new OpenFile(bytes, text, format.pieces(text, name, reading));
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
