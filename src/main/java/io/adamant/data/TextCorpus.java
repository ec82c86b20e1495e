package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Local text: one UTF-8 file, one gzip of such a file, or all of these below a directory in the
 * order of the bytes of their paths, hidden ones left out and hidden folders not entered.
 *
 * <p>A line that is exactly {@code <|endoftext|>} separates documents; a file's end ends its last
 * document too, and one within a line is refused. A document keeps its line breaks. Documents of
 * nothing but white space are left out.
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
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          Set.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return isHidden(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!isHidden(file)) {
                requireFile(key, file, attributes);
                files.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              if (!isHidden(file)) {
                throw new InputException(
                    "%s: cannot read %s: %s"
                        .formatted(key, file.toAbsolutePath(), Failure.reason(e)),
                    e);
              }
              return FileVisitResult.CONTINUE;
            }

            private boolean isHidden(Path path) {
              return !path.equals(root) && path.getFileName().toString().startsWith(".");
            }
          });
    } catch (IOException e) {
      throw new InputException(
          "%s: cannot read directory %s: %s"
              .formatted(key, root.toAbsolutePath(), Failure.reason(e)),
          e);
    }
    if (files.isEmpty()) {
      throw new InputException(
          "%s: directory %s holds no files; put UTF-8 text or .gz files there"
              .formatted(key, root.toAbsolutePath()));
    }
    Collections.sort(files); // by bytes: neither the locale nor the file system decides
    return files;
  }

  private static void requireFile(String key, Path file, BasicFileAttributes attributes) {
    if (attributes.isSymbolicLink()) {
      throw new InputException(
          "%s: %s is a link to a file that is not there".formatted(key, file.toAbsolutePath()));
    }
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
    // Raised when more is refused: tokens that an earlier version made of such a text are not used.
    Sha256 sha = new Sha256().add("text, pieces 1, checks 1\n");
    List<String> each = hashes.sha256(files);
    for (int i = 0; i < files.size(); i++) {
      sha.add(TextSource.isCompressed(files.get(i)) ? "gz " : "text ").add(each.get(i)).add("\n");
    }
    return sha.hex();
  }

  @Override
  public PieceSource open(Reading reading) throws IOException {
    return new TextSource(files, reading);
  }
}
