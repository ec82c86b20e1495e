package io.adamant.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import io.adamant.base.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * GPT-2's byte-level byte-pair encoding, whole (50,257 ids) or cut to a vocabulary of N.
 *
 * <p>Byte-pair encoding merges the adjacent pair of lowest rank until no pair has a rank, and a
 * token's id is its rank. A cut vocabulary keeps the first N−1 ranks and gives end-of-text the id
 * N−1: it is what training the encoding with fewer merges would have given, because merges are
 * ranked in the order of their discovery. The first 256 ranks are the bytes, so every text can be
 * encoded from N = 257 on. The ranks are those of {@code r50k_base} in the jtokkit package.
 *
 * <p>The text {@code <|endoftext|>} inside a document is encoded like any other text.
 */
public final class Gpt2Tokenizer implements Tokenizer {
  /** The name of this tokenizer in a configuration. */
  public static final String NAME = "gpt2";

  /** The size of the whole vocabulary. */
  public static final int FULL_SIZE = 50_257;

  /** The smallest vocabulary: 256 bytes and end-of-text. */
  public static final int SMALLEST_SIZE = 257;

  private static final String RANKS = "/com/knuddels/jtokkit/r50k_base.tiktoken";

  /** How GPT-2 cuts text into words before merging. */
  private static final Pattern WORDS =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final int vocab;
  private final Encoding encoding;

  /**
   * Builds the tokenizer.
   *
   * @param vocab the vocabulary size N, between 257 and 50,257
   * @throws InputException if the size is out of range
   */
  public Gpt2Tokenizer(int vocab) {
    if (vocab > FULL_SIZE) {
      throw new InputException(
          "data.vocab: %s is larger than the vocabulary of tokenizer 'gpt2', which is %s"
              .formatted(vocab, FULL_SIZE));
    }
    if (vocab < SMALLEST_SIZE) {
      throw new InputException(
          "data.vocab: %s is too small for tokenizer 'gpt2'; allowed: %s (256 bytes and end-of-text) to %s"
              .formatted(vocab, SMALLEST_SIZE, FULL_SIZE));
    }
    this.vocab = vocab;
    String name = "gpt2 cut to " + vocab;
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(
            name, WORDS, ranks(vocab - 1), Map.of(TextCorpus.SEPARATOR, vocab - 1)));
    this.encoding =
        registry
            .getEncoding(name)
            .orElseThrow(() -> new IllegalStateException("jtokkit lost the encoding " + name));
  }

  /**
   * The first {@code count} byte sequences with their ranks; jtokkit only iterates over the map.
   */
  static IdentityHashMap<byte[], Integer> ranks(int count) {
    IdentityHashMap<byte[], Integer> ranks = new IdentityHashMap<>(count);
    InputStream in = Encodings.class.getResourceAsStream(RANKS);
    if (in == null) {
      throw new IllegalStateException("the jtokkit package has no " + RANKS);
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int space = line.indexOf(' ');
        int rank = Integer.parseInt(line.substring(space + 1));
        if (rank < count) {
          ranks.put(Base64.getDecoder().decode(line.substring(0, space)), rank);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RANKS + " of the jtokkit package", e);
    }
    if (ranks.size() != count) {
      throw new IllegalStateException(
          "%s has %s of the first %s ranks".formatted(RANKS, ranks.size(), count));
    }
    return ranks;
  }

  @Override
  public int[] encode(String text) {
    return encoding.encodeOrdinary(text).toArray();
  }

  @Override
  public String decode(int[] tokens) {
    IntArrayList list = new IntArrayList(tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= vocab) {
        throw new IllegalArgumentException(
            "token must be between 0 and " + (vocab - 1) + ", found " + token);
      }
      list.add(token);
    }
    return encoding.decode(list);
  }

  @Override
  public int vocabularySize() {
    return vocab;
  }

  @Override
  public int endOfText() {
    return vocab - 1;
  }

  @Override
  public String identity() {
    return "gpt2 r50k_base " + vocab;
  }
}
