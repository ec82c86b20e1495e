package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Suggestion;
import io.adamant.base.UserPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where text comes from: an ordered sequence of documents with a stable identity. */
public sealed interface Corpus permits WordNetCorpus, TextCorpus {
  /**
   * Describes the corpus for people.
   *
   * @return a short text, such as {@code WordNet 3.1 glosses} or {@code books.txt.gz}
   */
  String description();

  /**
   * Identifies the text and its order, whatever path it lies at.
   *
   * @param hashes where the hashes of large files are remembered
   * @return 64 hexadecimal digits
   */
  String contentSha256(ContentHashes hashes);

  /**
   * Starts a pass over the corpus. Each pass gives the same pieces in the same order.
   *
   * @param reading how its text is read
   * @return the pass, to be closed by the caller
   * @throws IOException if the corpus cannot be opened
   */
  PieceSource open(Reading reading) throws IOException;

  /**
   * The fewest tokens a validation split cut from this corpus may have.
   *
   * @return a positive number
   */
  long minimumValidationTokens();

  /**
   * Finds the corpus a user names.
   *
   * @param key the configuration key the name stands under, for messages
   * @param name {@code wordnet}, or the path of a text file, a {@code .gz} file or a directory
   * @return the corpus
   * @throws InputException if there is no such corpus, it cannot be read or holds no files
   */
  static Corpus of(String key, String name) {
    if (name.equals(WordNetCorpus.NAME)) {
      return new WordNetCorpus();
    }
    Path path;
    try {
      path = UserPath.of(name);
    } catch (InputException e) {
      throw new InputException(key + ": " + e.getMessage(), e);
    }
    if (name.isBlank() || !Files.exists(path)) {
      throw new InputException(
          "%s: no file or directory '%s'%s; %s".formatted(key, name, aside(name, path), ALLOWED));
    }
    return TextCorpus.of(key, path);
  }

  /** What {@code data.corpus} may be, as messages say it. */
  String ALLOWED = "allowed: wordnet, or the path of a UTF-8 text file, a .gz file or a directory";

  /** The corpus that was probably meant, or for a relative path where it was looked for. */
  private static String aside(String name, Path path) {
    String tried =
        name.isBlank() || path.isAbsolute() ? "" : " (looked for " + path.toAbsolutePath() + ")";
    String meant = Suggestion.aside(name, List.of(WordNetCorpus.NAME));
    return meant.isEmpty() ? tried : meant;
  }
}
