package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes a token store: tokenizes, splits, counts, and gives the file its name at the very end. */
final class StoreBuilder {
  /** The end of the name of tokens that are not complete, and of what is noted of them. */
  static final String PART = ".part";

  static final String JOURNAL = ".journal";

  private static final Duration ABANDONED = Duration.ofDays(1);

  /** After which nobody goes on with a build. */
  private static final Duration FORGOTTEN = Duration.ofDays(14);

  private final StoreRecipe recipe;
  private final ContentHashes hashes;
  private final Consumer<String> progress;

  StoreBuilder(StoreRecipe recipe, ContentHashes hashes, Consumer<String> progress) {
    this.recipe = recipe;
    this.hashes = hashes;
    this.progress = progress;
  }

  /**
   * Builds a store. What a build that was killed, or had no more room, has finished is not made
   * again; see {@link TokenWriter}.
   *
   * @param file where it goes
   * @param key the recipe's key, taken before the text is read
   * @param alone whether no other process builds it; if that is not known, nothing is gone on with
   *     and nothing left
   * @throws InputException if the text cannot be used, or changes while it is read
   * @throws IOException if the file cannot be written
   */
  void build(Path file, String key, boolean alone) throws IOException {
    Files.createDirectories(file.getParent());
    removeAbandoned(file.getParent());
    Path unfinished = alone ? beside(file, PART) : DurableFiles.temporary(file);
    Path journal = beside(file, JOURNAL);
    boolean done = !alone;
    try (FileChannel tokens = open(unfinished)) {
      if (alone) {
        try (FileChannel records = open(journal)) {
          write(tokens, Optional.of(records), key);
        }
      } else {
        write(tokens, Optional.empty(), key);
      }
      DurableFiles.publish(unfinished, file);
      done = true;
    } catch (InputException e) {
      done |= !(e.getCause() instanceof IOException); // another text will have another key
      throw e;
    } finally {
      if (done) {
        Files.deleteIfExists(unfinished);
      }
      if (done && alone) {
        Files.deleteIfExists(journal);
      }
    }
  }

  private static Path beside(Path file, String ending) {
    return file.resolveSibling("." + file.getFileName() + ending);
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private void write(FileChannel channel, Optional<FileChannel> journal, String key)
      throws IOException {
    StoreHeader header = writeTokens(channel, journal, key);
    if (!recipe.key(hashes).equals(key)) {
      throw new InputException(
          "data.corpus: %s changed while it was read; start again when it is complete"
              .formatted(recipe.corpus().description()));
    }
    ByteBuffer bytes = header.write();
    while (bytes.hasRemaining()) {
      channel.write(bytes, bytes.position());
    }
    channel.force(true);
  }

  private StoreHeader writeTokens(FileChannel channel, Optional<FileChannel> journal, String key)
      throws IOException {
    int vocab = recipe.tokenizer().vocabularySize();
    TokenWriter writer =
        new TokenWriter(channel, journal, StoreHeader.BYTES, TokenMap.width(vocab));
    TextIndex text = encode("data.corpus", recipe.corpus(), writer);
    Optional<TextIndex> validation = Optional.empty();
    if (recipe.validationCorpus().isPresent()) {
      validation =
          Optional.of(encode("data.validation_corpus", recipe.validationCorpus().get(), writer));
    }
    writer.end();
    TokenMap tokens =
        TokenMap.of(
            channel, StoreHeader.BYTES, writer.count(), TokenMap.width(vocab), TokenMap.SEGMENT);
    Tokenizer tokenizer = recipe.tokenizer();
    if (validation.isPresent()) {
      TextIndex other = validation.get();
      Census.Bytes bytes = new Census.Bytes(text.bytes(), other.bytes(), other.sha256());
      return Census.take(tokens, text.tokens(), tokenizer, bytes).header(key, recipe);
    }
    long train = Split.trainTokens(tokens, recipe);
    long trainBytes = text.bytesOf(train, tokens, tokenizer);
    String part = new Sha256().add(text.sha256() + " from byte " + trainBytes).hex();
    Census.Bytes bytes = new Census.Bytes(trainBytes, text.bytes() - trainBytes, part);
    return Census.take(tokens, train, tokenizer, bytes).header(key, recipe);
  }

  /** Appends a corpus. */
  private TextIndex encode(String configKey, Corpus corpus, TokenWriter writer) throws IOException {
    TextIndex text = new TextIndex();
    corpus.prepare(progress);
    try (PieceSource source = corpus.open(recipe.reading())) {
      new ParallelEncoder(recipe.tokenizer(), corpus.description(), progress)
          .encode(source, writer, text);
    }
    if (text.tokens() == 0) {
      throw new InputException("%s: %s holds no text".formatted(configKey, corpus.description()));
    }
    return text;
  }

  /** Removes what builds that were killed left behind; never what a living one still writes. */
  private static void removeAbandoned(Path folder) throws IOException {
    removeOlder(folder, "*" + DurableFiles.TEMPORARY, ABANDONED);
    removeOlder(folder, ".*{" + PART + "," + JOURNAL + "}", FORGOTTEN);
  }

  private static void removeOlder(Path folder, String names, Duration age) throws IOException {
    Instant limit = Instant.now().minus(age);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, names)) {
      for (Path file : files) {
        if (isOlder(file, limit)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isOlder(Path file, Instant limit) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
    } catch (NoSuchFileException e) {
      return false; // its writer finished between our listing and our look
    }
  }
}
