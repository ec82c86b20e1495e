package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The tokens of a corpus in a memory-mapped file: a header (see {@link StoreHeader}), the training
 * tokens and the validation tokens.
 *
 * <p>A store lies in the cache directory under a name made of what it is built from: the content of
 * the corpus, the tokenizer and the split. It is written under a temporary name, forced to the disk
 * and renamed, so it is there complete or not at all. Of processes that want the same store at once
 * one builds it and the others wait; one that was killed is gone on after. Opening checks its
 * length and the CRC-32C of header and tokens (a second per few gigabytes, and it warms the page
 * cache the run is about to use); a store that fails is built again.
 *
 * <p>Token shards are mapped where they lie instead, see {@link ShardStore}.
 */
public final class TokenStore {
  private final Path file;
  private final StoreHeader header;
  private final TokenView train;
  private final TokenView validation;

  /** Joins what was checked: tokens of both splits as their header counts them. */
  TokenStore(Path file, StoreHeader header, TokenView train, TokenView validation) {
    this.file = file;
    this.header = header;
    this.train = train;
    this.validation = validation;
  }

  /**
   * Opens the store of a recipe, building it first if the cache has none that is whole.
   *
   * @param recipe what the tokens are made from
   * @param cacheDirectory the cache directory
   * @param progress told what is going on, a line at a time
   * @return the store
   * @throws InputException if the corpus cannot be used
   * @throws StorageException if the cache cannot be written
   */
  public static TokenStore open(
      StoreRecipe recipe, Path cacheDirectory, Consumer<String> progress) {
    if (recipe.corpus() instanceof TokenShards) {
      return ShardStore.open(recipe, cacheDirectory, progress);
    }
    ContentHashes hashes = new ContentHashes(cacheDirectory);
    String key = recipe.key(hashes);
    Path folder = cacheDirectory.resolve("tokens");
    Path file = folder.resolve(key.substring(0, 32) + ".tokens");
    CacheLocks locks = CacheLocks.of(cacheDirectory);
    locks.use(key); // before it is looked for, so that nobody takes it away in between
    try {
      Optional<TokenStore> store = read(file, key, progress);
      if (store.isEmpty()) {
        store = Optional.of(build(recipe, hashes, file, key, locks, progress));
      }
      touch(file);
      return store.get();
    } catch (IOException e) {
      throw new StorageException(
          "write the tokens in",
          folder,
          e,
          "set ADAMANT_CACHE to a folder with enough space, or make room and start again, which goes on from here");
    }
  }

  private static TokenStore build(
      StoreRecipe recipe,
      ContentHashes hashes,
      Path file,
      String key,
      CacheLocks locks,
      Consumer<String> progress)
      throws IOException {
    String waits =
        "another process tokenizes %s; waiting for it".formatted(recipe.corpus().description());
    Optional<FileLock> turn = locks.turn(key, () -> progress.accept(waits));
    try {
      Optional<TokenStore> others = read(file, key, line -> {});
      if (others.isPresent()) {
        return others.get();
      }
      new StoreBuilder(recipe, hashes, progress).build(file, key, turn.isPresent());
      return read(file, key, progress)
          .orElseThrow(() -> new IOException("what was written reads back differently"));
    } finally {
      if (turn.isPresent()) {
        turn.get().release();
      }
    }
  }

  /** Notes that a store is used, by which {@code adamant cache} tells old ones. */
  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      return; // a cache that may only be read
    }
  }

  /** Reads a store; empty if there is none, or it is damaged or of another version. */
  static Optional<TokenStore> read(Path file, String key, Consumer<String> progress)
      throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(StoreHeader.BYTES);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
      Optional<StoreHeader> header = StoreHeader.read(bytes.flip());
      if (header.isEmpty() || !header.get().key().equals(key)) {
        progress.accept(damaged(file, "its header is damaged or of another version"));
        return Optional.empty();
      }
      if (channel.size() != header.get().fileBytes()) {
        progress.accept(damaged(file, "its length is wrong"));
        return Optional.empty();
      }
      StoreHeader found = header.get();
      int width = TokenMap.width(found.vocab());
      TokenMap tokens =
          TokenMap.of(channel, StoreHeader.BYTES, found.tokens(), width, TokenMap.SEGMENT);
      if (crc(tokens) != found.bodyCrc()) {
        progress.accept(damaged(file, "its checksum is wrong"));
        return Optional.empty();
      }
      long train = found.statistics().trainTokens();
      return Optional.of(
          new TokenStore(
              file,
              found,
              tokens.part(0, train),
              tokens.part(train, found.statistics().validationTokens())));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // removed since we looked
    }
  }

  static int crc(TokenMap tokens) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer bytes : tokens.bytes()) {
      crc.update(bytes);
    }
    return (int) crc.getValue();
  }

  private static String damaged(Path file, String why) {
    return "token store %s: %s; building it again".formatted(file, why);
  }

  /**
   * The file.
   *
   * @return its path in the cache directory; of token shards, what is remembered of them
   */
  public Path file() {
    return file;
  }

  /** All that is recorded of the tokens. */
  StoreHeader header() {
    return header;
  }

  /**
   * The training split.
   *
   * @return its tokens
   */
  public TokenView train() {
    return train;
  }

  /**
   * The validation split.
   *
   * @return its tokens
   */
  public TokenView validation() {
    return validation;
  }

  /**
   * Counts and the unigram cross-entropy.
   *
   * @return the statistics
   */
  public DataStatistics statistics() {
    return header.statistics();
  }

  /**
   * The size of the vocabulary.
   *
   * @return V; every token is below it
   */
  public int vocabularySize() {
    return header.vocab();
  }

  /**
   * Identifies the tokens and their split, wherever the text came from.
   *
   * @return SHA-256 over vocabulary size, split and tokens, 64 hexadecimal digits
   */
  public String dataSha256() {
    return header.dataSha256();
  }
}
