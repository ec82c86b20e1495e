package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
  private static final Pattern LINE = Pattern.compile("[0-9a-f]{64} [0-9a-f]{64}");
  private static final int DIGITS = 64;

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
    return sha256(List.of(file)).get(0);
  }

  /**
   * Hashes files, or remembers their hashes. They share one memory, named after the folder that
   * holds them all: a file of its own for each would take longer to write than the hashes to find.
   *
   * @param files at least one
   * @return the SHA-256 of each one's bytes, in their order
   * @throws InputException if one cannot be read
   */
  public List<String> sha256(List<Path> files) {
    List<Path> paths = files.stream().map(file -> file.toAbsolutePath().normalize()).toList();
    Path memory = directory.resolve(new Sha256().add(common(paths).toString()).hex() + ".txt");
    Map<String, String> known = recall(memory);
    Map<String, String> now = new LinkedHashMap<>();
    List<String> hashes = new ArrayList<>();
    boolean news = false;
    for (Path file : paths) {
      try {
        String stamp = stamp(file);
        String key = key(file, stamp);
        String hash = known.get(key);
        if (hash == null) {
          hash = hash(file);
          boolean settled =
              Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(TICK));
          if (!settled || !stamp(file).equals(stamp)) {
            hashes.add(hash);
            continue;
          }
          news = true;
        }
        now.put(key, hash);
        hashes.add(hash);
      } catch (IOException e) {
        throw new InputException(
            "cannot read %s: %s".formatted(file, StorageException.reason(e)), e);
      }
    }
    if (news) {
      remember(memory, now);
    }
    return hashes;
  }

  /** The folder that holds all files, or the only one. */
  private static Path common(List<Path> files) {
    Path common = files.get(0);
    for (Path file : files) {
      while (!file.startsWith(common)) {
        common = common.getParent();
      }
    }
    return common;
  }

  private static String hash(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new Sha256().add(in).hex();
    }
  }

  private static String key(Path file, String stamp) {
    return new Sha256().add(file + "\n" + stamp).hex();
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
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    String wanted = (unix ? "unix:ctime," : "") + "size,lastModifiedTime,fileKey";
    Map<String, Object> found = Files.readAttributes(file, wanted);
    return String.join(
        " ",
        "size " + found.get("size"),
        "modified " + found.get("lastModifiedTime"),
        "changed " + found.get("ctime"),
        "id " + found.get("fileKey"));
  }

  /** Hashes by path and stamp; a line that is damaged is one that was never written. */
  private static Map<String, String> recall(Path memory) {
    Map<String, String> known = new HashMap<>();
    try (Stream<String> lines = Files.lines(memory)) {
      lines
          .filter(line -> LINE.matcher(line).matches())
          .forEach(line -> known.put(line.substring(0, DIGITS), line.substring(DIGITS + 1)));
    } catch (IOException | UncheckedIOException e) {
      known.clear(); // never hashed, or the memory is unreadable: hash again
    }
    return known;
  }

  private static void remember(Path memory, Map<String, String> known) {
    StringBuilder text = new StringBuilder();
    known.forEach((key, hash) -> text.append(key).append(' ').append(hash).append('\n'));
    try {
      DurableFiles.write(memory, text.toString());
    } catch (UncheckedIOException e) {
      // A read-only cache costs time at the next start and nothing else.
    }
  }
}
