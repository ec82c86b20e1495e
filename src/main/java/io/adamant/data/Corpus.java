package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Suggestion;
import io.adamant.base.UserPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Where text comes from: an ordered sequence of documents with a stable identity. */
public sealed interface Corpus
    permits WordNetCorpus, TextCorpus, TokenShards, JoinedCorpus, DjlCorpus {
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
   * Brings what reading it needs, if that is not there yet.
   *
   * @param progress told of what takes long, a line at a time
   * @throws InputException if it cannot be brought
   */
  default void prepare(Consumer<String> progress) {}

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
   * The files that are read.
   *
   * @return in their order; none where the corpus is a named one
   */
  default List<Path> files() {
    return List.of();
  }

  /**
   * The size of the files that are read.
   *
   * @return bytes, compressed or not; empty where it is not known beforehand
   */
  default OptionalLong bytes() {
    return OptionalLong.empty();
  }

  /**
   * The text that validates a run on this corpus unless another is named.
   *
   * @return the corpus's own validation text; empty if a part of it is split off
   */
  default Optional<Corpus> ownValidation() {
    return Optional.empty();
  }

  /**
   * Finds the corpus a user names.
   *
   * @param key the configuration key the name stands under, for messages
   * @param text {@code wordnet}, {@code djl:wikitext-2} or {@code djl:penn-treebank}, the path of a
   *     file or directory, a pattern of paths such as {@code books/*.jsonl.zst}, or a JSON list of
   *     these and of objects with {@code path} and {@code field}, which are read one after the
   *     other
   * @return the corpus
   * @throws InputException if there is no such corpus, it cannot be read or holds no files, or it
   *     is a mixture
   */
  static Corpus of(String key, String text) {
    List<CorpusSource> sources = CorpusSource.parse(key, text);
    if (Mixture.weights(sources).isPresent()) {
      throw new InputException(
          key + " has weights; allowed: weights of data.corpus alone, whose windows are drawn");
    }
    List<Corpus> parts = sources.stream().map(source -> of(key, source)).toList();
    return parts.size() == 1
        ? parts.get(0)
        : TokenShards.joined(key, parts).orElseGet(() -> new JoinedCorpus(parts));
  }

  /** Finds one of the sources of a corpus. */
  static Corpus of(String key, CorpusSource source) {
    String name = source.name();
    if (name.equals(WordNetCorpus.NAME)) {
      return new WordNetCorpus();
    }
    if (name.startsWith(DjlCorpus.PREFIX)) {
      DjlCorpus corpus = DjlCorpus.of(key, name);
      corpus.requireReachable();
      return corpus;
    }
    Path path;
    try {
      path = UserPath.of(name);
    } catch (InputException e) {
      throw new InputException(key + ": " + e.getMessage(), e);
    }
    if (!name.isBlank() && Files.exists(path)) {
      return files(key, TextCorpus.of(key, path, source.field()));
    }
    return TextCorpus.matching(key, path, source.field())
        .map(found -> files(key, found))
        .orElseThrow(
            () ->
                new InputException(
                    "%s: no file or directory '%s'%s; %s"
                        .formatted(key, name, aside(name, path), ALLOWED)));
  }

  private static Corpus files(String key, TextCorpus found) {
    return TokenShards.of(key, found).map(shards -> (Corpus) shards).orElse(found);
  }

  /** What {@code data.corpus} may be, as messages say it. */
  String ALLOWED =
      "allowed: wordnet, djl:wikitext-2, djl:penn-treebank, or the path of a file or directory of text, JSON Lines, Parquet or token shards";

  /** The corpus that was probably meant, or for a relative path where it was looked for. */
  private static String aside(String name, Path path) {
    String tried =
        name.isBlank() || path.isAbsolute() ? "" : " (looked for " + path.toAbsolutePath() + ")";
    String meant = Suggestion.aside(name, List.of(WordNetCorpus.NAME));
    return meant.isEmpty() ? tried : meant;
  }
}
