package io.adamant.data;

import io.adamant.base.InputException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
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

  /** Whether a file is gzip: by its name, or by its first bytes, which no text has. */
  static boolean isCompressed(Path file) {
    if (file.toString().endsWith(".gz")) {
      return true;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return GzipStream.isGzip(in.readNBytes(2));
    } catch (IOException e) {
      throw new InputException(
          "cannot read %s: %s".formatted(file.toAbsolutePath(), Failure.reason(e)), e);
    }
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
      bytesOfEarlierFiles += current.get().bytes.count;
      close();
    }
  }

  @Override
  public double fraction() {
    long bytes = bytesOfEarlierFiles + current.map(file -> file.bytes.count).orElse(0L);
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
  private record OpenFile(CountingStream bytes, InputStream text, PieceReader pieces) {
    static OpenFile of(Path path, Reading reading) throws IOException {
      CountingStream bytes = new CountingStream(Files.newInputStream(path));
      try {
        String name = path.toString();
        InputStream raw = isCompressed(path) ? new GzipStream(bytes, name) : bytes;
        BufferedInputStream text = new BufferedInputStream(raw, TextFormat.HEAD);
        text.mark(TextFormat.HEAD);
        Optional<String> unread = TextFormat.unread(text.readNBytes(TextFormat.HEAD), name);
        if (unread.isPresent()) {
          throw new InputException(
              "%s is %s, which is not read; convert it to UTF-8 text, plain or .gz, with a line %s between documents"
                  .formatted(name, unread.get(), TextCorpus.SEPARATOR));
        }
        text.reset();
        return new OpenFile(bytes, text, new PieceReader(text, name, reading));
      } catch (IOException | InputException e) {
        bytes.close();
        throw e;
      }
    }

    Optional<Piece> next() throws IOException {
      return pieces.next();
    }
  }

  private static final class CountingStream extends FilterInputStream {
    private long count;

    CountingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
