package io.adamant.data;

import io.adamant.base.InputException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** One pass over text files, one open file at a time. */
final class TextSource implements PieceSource {
  private final List<Path> files;
  private final long totalBytes;
  private long bytesOfEarlierFiles;
  private int nextFile;
  private Optional<OpenFile> current = Optional.empty();

  TextSource(List<Path> files) throws IOException {
    this.files = files;
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    this.totalBytes = bytes;
  }

  static boolean isCompressed(Path file) {
    return file.toString().endsWith(".gz");
  }

  @Override
  public Optional<Piece> next() throws IOException {
    while (true) {
      if (current.isEmpty()) {
        if (nextFile == files.size()) {
          return Optional.empty();
        }
        current = Optional.of(OpenFile.of(files.get(nextFile++)));
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
      current.get().bytes.close();
      current = Optional.empty();
    }
  }

  /** A file, the bytes read from it and the pieces made of them. */
  private record OpenFile(Path path, CountingStream bytes, PieceReader pieces) {
    static OpenFile of(Path path) throws IOException {
      CountingStream bytes = new CountingStream(Files.newInputStream(path));
      try {
        InputStream text = isCompressed(path) ? new GZIPInputStream(bytes, 1 << 16) : bytes;
        return new OpenFile(path, bytes, new PieceReader(text, path.toString()));
      } catch (ZipException | EOFException e) {
        bytes.close();
        throw notGzip(path, e);
      } catch (IOException e) {
        bytes.close();
        throw e;
      }
    }

    Optional<Piece> next() throws IOException {
      try {
        return pieces.next();
      } catch (ZipException | EOFException e) {
        throw notGzip(path, e);
      }
    }

    private static InputException notGzip(Path path, IOException e) {
      return new InputException(
          "%s is not a complete gzip file (%s); compress the text again"
              .formatted(path, Failure.reason(e)),
          e);
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
