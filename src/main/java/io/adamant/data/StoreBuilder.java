package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
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
import java.util.function.Consumer;

/** Writes a token store: tokenizes, splits, counts, and gives the file its name at the very end. */
final class StoreBuilder {
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final StoreRecipe recipe;
  private final ContentHashes hashes;
  private final Consumer<String> progress;

  StoreBuilder(StoreRecipe recipe, ContentHashes hashes, Consumer<String> progress) {
    this.recipe = recipe;
    this.hashes = hashes;
    this.progress = progress;
  }

  /**
   * Builds a store.
   *
   * @param file where it goes
   * @param key the recipe's key, taken before the text is read
   * @throws InputException if the text cannot be used, or changes while it is read
   * @throws IOException if the file cannot be written
   */
  void build(Path file, String key) throws IOException {
    Files.createDirectories(file.getParent());
    removeAbandoned(file.getParent());
    Path temporary = DurableFiles.temporary(file);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        StoreHeader header = writeTokens(channel, key);
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
      DurableFiles.publish(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private StoreHeader writeTokens(FileChannel channel, String key) throws IOException {
    int vocab = recipe.tokenizer().vocabularySize();
    TokenWriter writer = new TokenWriter(channel, StoreHeader.BYTES, TokenMap.width(vocab));
    long corpusTokens = encode("data.corpus", recipe.corpus(), writer);
    long validation = 0;
    if (recipe.validationCorpus().isPresent()) {
      validation = encode("data.validation_corpus", recipe.validationCorpus().get(), writer);
    }
    writer.flush();
    TokenMap tokens =
        TokenMap.of(
            channel, StoreHeader.BYTES, writer.count(), TokenMap.width(vocab), TokenMap.SEGMENT);
    long train = validation > 0 ? corpusTokens : Split.trainTokens(tokens, recipe);
    return Census.take(tokens, train, recipe.tokenizer()).header(key);
  }

  /** Appends a corpus; the number of tokens it has. */
  private long encode(String configKey, Corpus corpus, TokenWriter writer) throws IOException {
    long before = writer.count();
    corpus.prepare(progress);
    try (PieceSource source = corpus.open(recipe.reading())) {
      new ParallelEncoder(recipe.tokenizer(), corpus.description(), progress)
          .encode(source, writer);
    }
    long tokens = writer.count() - before;
    if (tokens == 0) {
      throw new InputException("%s: %s holds no text".formatted(configKey, corpus.description()));
    }
    return tokens;
  }

  /** Removes what builds that were killed left behind; never what a living one still writes. */
  private static void removeAbandoned(Path folder) throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, "*" + DurableFiles.TEMPORARY)) {
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
