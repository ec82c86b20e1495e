package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * A store whose tokens are those of other stores in other parts: nothing is tokenized or copied
 * again. What its header says is computed once and remembered in the cache directory, together with
 * numbers that say where the parts lie.
 *
 * @param header as if the store had been built with these parts
 * @param places what the maker of the store needs to find them again
 */
record DerivedStore(StoreHeader header, long[] places) {
  private static final int LARGEST = Integer.MAX_VALUE - StoreHeader.BYTES - Long.BYTES;

  /** Both parts, with what is known of their text. */
  record Parts(TokenView train, TokenView validation, Census.Bytes text, long[] places) {}

  /**
   * A corpus validated on the validation part of another store, as if both had been tokenized
   * together.
   *
   * @param corpus all of whose tokens are trained on
   * @param other whose validation part is taken
   * @param tokenizer of both
   * @param cacheDirectory the cache directory
   */
  static TokenStore validatedOn(
      TokenStore corpus, TokenStore other, Tokenizer tokenizer, Path cacheDirectory) {
    String key =
        new Sha256()
            .add("validated on another 1\n")
            .add(corpus.header().key() + "\n")
            .add(other.header().key() + "\n")
            .hex();
    TokenView train = all(corpus);
    TokenView validation = other.validation();
    DataStatistics its = corpus.statistics();
    Census.Bytes text =
        new Census.Bytes(
            its.trainBytes() + its.validationBytes(),
            other.statistics().validationBytes(),
            other.statistics().validationText());
    DerivedStore store =
        of(cacheDirectory, key, tokenizer, () -> new Parts(train, validation, text, new long[0]));
    return new TokenStore(corpus.file(), store.header(), train, validation);
  }

  /** The tokens of both parts of a store, in the order of its corpus. */
  static TokenView all(TokenStore store) {
    return JoinedView.ofFiles(List.of(store.train(), store.validation()));
  }

  /** What is remembered under a key, else what is made now. */
  static DerivedStore of(
      Path cacheDirectory, String key, Tokenizer tokenizer, Supplier<Parts> maker) {
    Path memory = cacheDirectory.resolve("derived").resolve(key.substring(0, 32) + ".parts");
    Optional<DerivedStore> known = recall(memory, key);
    if (known.isPresent()) {
      return known.get();
    }
    Parts parts = maker.get();
    ByteBuffer places = bytes(parts.places());
    DerivedStore made = new DerivedStore(header(key, parts, tokenizer, places), parts.places());
    ByteBuffer file = ByteBuffer.allocate(StoreHeader.BYTES + places.remaining());
    try {
      DurableFiles.write(memory, file.put(made.header().write()).put(places).array());
    } catch (UncheckedIOException e) {
      // A read-only cache costs time at the next start and nothing else.
    }
    return made;
  }

  private static StoreHeader header(
      String key, Parts parts, Tokenizer tokenizer, ByteBuffer places) {
    int vocab = tokenizer.vocabularySize();
    int endOfText = tokenizer.endOfText();
    long[] train = Census.counts(parts.train(), vocab);
    long[] validation = Census.counts(parts.validation(), vocab);
    Sha256 sha = Census.hash(vocab, parts.train().size(), parts.validation().size());
    for (TokenView part : List.of(parts.train(), parts.validation())) {
      for (long at = 0; at < part.size(); at += Census.CHUNK) {
        int here = (int) Math.min(Census.CHUNK, part.size() - at);
        sha.add(TokenMap.bytes(part, at, here, TokenMap.width(vocab)));
      }
    }
    DataStatistics statistics =
        new DataStatistics(
            parts.train().size(),
            parts.validation().size(),
            train[endOfText],
            validation[endOfText],
            parts.text().train(),
            parts.text().validation(),
            parts.text().validationText(),
            Census.unigramCrossEntropy(train, validation));
    return new StoreHeader(key, vocab, endOfText, statistics, sha.hex(), crc(places), "");
  }

  private static ByteBuffer bytes(long[] places) {
    if (places.length > LARGEST / Long.BYTES) {
      throw new IllegalStateException("too many documents to remember: " + places.length / 2);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(places.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(places);
    return bytes;
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  private static Optional<DerivedStore> recall(Path memory, String key) {
    try {
      byte[] bytes = Files.readAllBytes(memory);
      if (bytes.length < StoreHeader.BYTES) {
        return Optional.empty();
      }
      ByteBuffer places =
          ByteBuffer.wrap(bytes, StoreHeader.BYTES, bytes.length - StoreHeader.BYTES)
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      LongBuffer numbers = places.asLongBuffer();
      long[] found = new long[numbers.remaining()];
      numbers.get(found);
      return StoreHeader.read(ByteBuffer.wrap(bytes, 0, StoreHeader.BYTES).slice())
          .filter(header -> header.key().equals(key) && header.bodyCrc() == crc(places))
          .map(header -> new DerivedStore(header, found));
    } catch (IOException e) {
      return Optional.empty(); // never made, or the memory is unreadable: make it again
    }
  }
}
