package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Local text: one file, or all files below a directory in the order of the bytes of their paths,
 * hidden ones left out and hidden folders not entered. A file is Parquet, or UTF-8 text or JSON
 * Lines, as it is or compressed by gzip, zstd or xz.
 *
 * <p>In text, a line that is exactly {@code <|endoftext|>} separates documents; a file's end ends
 * its last document too, and one within a line is refused. A document keeps its line breaks. In
 * JSON Lines, a document is the text of a field, exactly as it is. Documents of nothing but white
 * space are left out.
 *
 * @param root what the user named
 * @param files the files to read, in order; at least one
 * @param field where the text lies in files that have more than text
 */
public record TextCorpus(Path root, List<Path> files, TextField field) implements Corpus {
  /** Files that the description names. */
  private static final int SHOWN = 3;

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
   * @param field where the text lies in files that have more than text
   * @return the corpus
   * @throws InputException if a file or directory cannot be read, or there is no file
   */
  static TextCorpus of(String key, Path root, TextField field) {
    List<Path> files = Files.isDirectory(root) ? below(key, root, path -> true) : List.of(root);
    if (files.isEmpty()) {
      throw new InputException(
          "%s: directory %s holds no files; put text, JSON Lines or Parquet files there"
              .formatted(key, root.toAbsolutePath()));
    }
    return checked(key, root, files, field);
  }

  /**
   * Finds the files that a pattern matches, in the order of the bytes of their paths: {@code *} and
   * {@code ?} within a name, {@code **} through folders, {@code [a-z]} and {@code {a,b}}. Hidden
   * files and folders do not match.
   *
   * @param key the configuration key the pattern stands under, for messages
   * @param pattern a path that does not exist as it is
   * @param field where the text lies in files that have more than text
   * @return the corpus; empty if this is no pattern
   * @throws InputException if no file matches, or one cannot be read
   */
  static Optional<TextCorpus> matching(String key, Path pattern, TextField field) {
    Path folder = Path.of("");
    Path rest = pattern;
    if (pattern.isAbsolute()) {
      folder = pattern.getRoot();
      rest = folder.relativize(pattern);
    }
    // A folder may have a name like a pattern.
    while (rest.getNameCount() > 1 && Files.isDirectory(folder.resolve(rest.getName(0)))) {
      folder = folder.resolve(rest.getName(0));
      rest = rest.subpath(1, rest.getNameCount());
    }
    if (!rest.toString().matches(".*[*?\\[{].*")) {
      return Optional.empty();
    }
    PathMatcher matcher;
    try {
      String glob = rest.toString().replace("**/", "{**/,}"); // also through no folder
      matcher = rest.getFileSystem().getPathMatcher("glob:" + glob);
    } catch (PatternSyntaxException e) {
      throw new InputException(
          "%s: '%s' is no pattern of paths: %s".formatted(key, pattern, e.getDescription()), e);
    }
    Path start = folder.toString().isEmpty() ? Path.of(".") : folder;
    List<Path> files = below(key, start, path -> matcher.matches(start.relativize(path)));
    if (files.isEmpty()) {
      throw new InputException(
          "%s: no file matches '%s' (looked in %s)"
              .formatted(key, pattern, start.toAbsolutePath().normalize()));
    }
    return Optional.of(checked(key, pattern, files, field));
  }

  private static TextCorpus checked(String key, Path root, List<Path> files, TextField field) {
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
    return new TextCorpus(root, files, field);
  }

  private static List<Path> below(String key, Path root, Predicate<Path> wanted) {
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
              if (!isHidden(file) && wanted.test(file)) {
                requireFile(key, file, attributes);
                files.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              boolean matters = Files.isDirectory(file) || wanted.test(file);
              if (!isHidden(file) && matters) {
                throw new InputException(
                    "%s: cannot read %s: %s"
                        .formatted(key, file.toAbsolutePath(), StorageException.reason(e)),
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
              .formatted(key, root.toAbsolutePath(), StorageException.reason(e)),
          e);
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
    if (files.size() == 1) {
      return shown;
    }
    String first =
        files.stream()
            .limit(SHOWN)
            .map(file -> file.getFileName().toString())
            .collect(Collectors.joining(", "));
    String more = files.size() > SHOWN ? ", ..." : "";
    return "%s (%s files: %s%s)".formatted(shown, files.size(), first, more);
  }

  @Override
  public OptionalLong bytes() {
    return OptionalLong.of(files.stream().mapToLong(Failure::size).sum());
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
    Sha256 sha = new Sha256().add("text, pieces 1, checks 1\n").add(field.identity());
    List<String> each = hashes.sha256(files);
    for (int i = 0; i < files.size(); i++) {
      sha.add(label(files.get(i))).add(each.get(i)).add("\n");
    }
    return sha.hex();
  }

  /**
   * How a file is read, as far as its name says so; its content, which is hashed, says the rest.
   */
  private static String label(Path file) {
    if (ParquetFile.isParquet(file)) {
      return "parquet ";
    }
    String json = TextFormat.isJsonNamed(file.toString()) ? "json " : "";
    return json + Compression.of(file).label() + " ";
  }

  @Override
  public void prepare(Consumer<String> progress) {
    if (files.stream().anyMatch(ParquetFile::isParquet)) {
      ParquetLibrary.require(progress);
    }
  }

  @Override
  public PieceSource open(Reading reading) throws IOException {
    return new TextSource(files, field, reading);
  }
}
