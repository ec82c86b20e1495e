package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Local text: one UTF-8 file, one {@code .gz} of such a file, or all of these below a directory in
 * the order of their relative paths, hidden ones left out.
 *
 * <p>A line that is exactly {@code <|endoftext|>} separates documents; a file's end ends its last
 * document too. A document keeps its line breaks. Documents of nothing but white space are left
 * out.
 *
 * @param root what the user named
 * @param files the files to read, in order; at least one
 */
public record TextCorpus(Path root, List<Path> files) implements Corpus {
  /** The line that separates documents. */
  public static final String SEPARATOR = "<|endoftext|>";

  /** Copies the list. */
  public TextCorpus {
    files = List.copyOf(files);
    if (files.isEmpty()) {
      throw new IllegalArgumentException("files must not be empty");
    }
  }

  /**
   * Finds the files.
   *
   * @param key the configuration key the path stands under, for messages
   * @param root an existing file or directory
   * @return the corpus
   * @throws InputException if a file or directory cannot be read, or there is no file
   */
  static TextCorpus of(String key, Path root) {
    List<Path> files = Files.isDirectory(root) ? below(key, root) : List.of(root);
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        throw new InputException(
            "%s: cannot read %s: permission denied".formatted(key, file.toAbsolutePath()));
      }
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            "%s: %s is neither a file nor a directory; %s"
                .formatted(key, file.toAbsolutePath(), ALLOWED));
      }
    }
    return new TextCorpus(root, files);
  }

  private static List<Path> below(String key, Path root) {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      files =
          tree.filter(Files::isRegularFile)
              .filter(file -> !isHidden(root.relativize(file)))
              .sorted(Comparator.comparing(file -> portable(root.relativize(file))))
              .toList();
    } catch (UncheckedIOException | IOException e) {
      IOException reason = e instanceof UncheckedIOException u ? u.getCause() : (IOException) e;
      throw new InputException(
          "%s: cannot read directory %s: %s"
              .formatted(key, root.toAbsolutePath(), Failure.reason(reason)),
          e);
    }
    if (files.isEmpty()) {
      throw new InputException(
          "%s: directory %s holds no files; put UTF-8 text or .gz files there"
              .formatted(key, root.toAbsolutePath()));
    }
    return files;
  }

  private static boolean isHidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String portable(Path relative) {
    return relative.toString().replace('\\', '/');
  }

  @Override
  public String description() {
    Path name = root.toAbsolutePath().normalize().getFileName();
    String shown = name == null ? root.toString() : name.toString();
    return files.size() == 1 ? shown : shown + " (" + files.size() + " files)";
  }

  @Override
  public long minimumValidationTokens() {
    return 1;
  }

  /**
   * {@inheritDoc} A file is hashed as it lies there, compressed or not, together with whether it is
   * compressed; names do not count, only their order.
   */
  @Override
  public String contentSha256(ContentHashes hashes) {
    Sha256 sha = new Sha256().add("text, pieces 1\n");
    for (Path file : files) {
      sha.add(TextSource.isCompressed(file) ? "gz " : "text ").add(hashes.sha256(file)).add("\n");
    }
    return sha.hex();
  }

  @Override
  public PieceSource open() throws IOException {
    return new TextSource(files);
  }
}
