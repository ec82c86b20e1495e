package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * SHA-256 hashes of files, remembered so that starting a run on a large corpus does not read it.
 *
 * <p>A remembered hash counts only while the file's stamp is the same: its absolute path, size,
 * modification time and, where the file system has them, file id and time of the last status
 * change. That is safe enough here: every ordinary edit changes the modification time, and on Unix
 * the status change time betrays even an edit that sets the modification time back, because no
 * program can set it. A file touched within the last two seconds is hashed but not remembered,
 * since a second edit within the clock's tick would leave the stamp as it is. What remains, an edit
 * below the file system, shows in the run's {@code dataSha256}, which is computed from tokens.
 */
public final class ContentHashes {
  private static final Duration TICK = Duration.ofSeconds(2);

  private final Path directory;

  /**
   * Opens the memory of hashes.
   *
   * @param cacheDirectory the cache directory; hashes lie in its folder {@code hashes}
   */
  public ContentHashes(Path cacheDirectory) {
    this.directory = cacheDirectory.resolve("hashes");
  }

  /**
   * Hashes a file, or remembers its hash.
   *
   * @param file the file
   * @return the SHA-256 of its bytes, 64 hexadecimal digits
   * @throws InputException if the file cannot be read
   */
  public String sha256(Path file) {
    try {
      Path real = file.toRealPath();
      Path memory = directory.resolve(new Sha256().add(real.toString()).hex() + ".txt");
      String stamp = stamp(real);
      Optional<String> known = recall(memory, stamp);
      if (known.isPresent()) {
        return known.get();
      }
      String hash;
      try (InputStream in = Files.newInputStream(real)) {
        hash = new Sha256().add(in).hex();
      }
      if (isSettled(real) && stamp(real).equals(stamp)) {
        remember(memory, stamp, hash);
      }
      return hash;
    } catch (IOException e) {
      throw new InputException(
          "cannot read %s: %s".formatted(file.toAbsolutePath(), Failure.reason(e)), e);
    }
  }

  /** Whether a file is old enough that every later edit changes its stamp. */
  static boolean isSettled(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(TICK));
  }

  /**
   * What must stay the same for a hash to count.
   *
   * @param file the file
   * @return one line
   * @throws IOException if the file has no readable attributes
   */
  static String stamp(Path file) throws IOException {
    BasicFileAttributes basic = Files.readAttributes(file, BasicFileAttributes.class);
    Object changed = basic.lastModifiedTime();
    if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Map<String, Object> unix = Files.readAttributes(file, "unix:ctime", new LinkOption[0]);
      changed = unix.get("ctime");
    }
    return "size %s modified %s changed %s id %s"
        .formatted(basic.size(), basic.lastModifiedTime().toInstant(), changed, basic.fileKey());
  }

  private static Optional<String> recall(Path memory, String stamp) {
    try {
      String[] lines = Files.readString(memory).split("\n", -1);
      boolean fits =
          lines.length == 3 && lines[0].equals(stamp) && lines[1].matches("[0-9a-f]{64}");
      return fits ? Optional.of(lines[1]) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // never hashed, or the memory is unreadable: hash again
    }
  }

  private void remember(Path memory, String stamp, String hash) {
    try {
      DurableFiles.write(memory, stamp + "\n" + hash + "\n");
    } catch (UncheckedIOException e) {
      // A read-only cache costs time at the next start and nothing else.
    }
  }
}
