package io.adamant.data;

import io.adamant.base.InputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A vocabulary of which nothing but its size is known, for token shards that bring no tokenizer,
 * such as nanoGPT's characters.
 *
 * @param vocabularySize V, at least 2
 */
public record IdTokenizer(int vocabularySize) implements Tokenizer {
  /** The name of this tokenizer in a configuration. */
  public static final String NAME = "none";

  /**
   * Checks the size.
   *
   * @throws InputException if it is below 2
   */
  public IdTokenizer {
    if (vocabularySize < 2) {
      throw new InputException(
          "data.vocab must be at least 2 with tokenizer none, found " + vocabularySize);
    }
  }

  @Override
  public boolean hasText() {
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public int[] encode(String text) {
    throw new UnsupportedOperationException("tokenizer none cannot encode");
  }

  /** {@inheritDoc} Here the ids as numbers. */
  @Override
  public String decode(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "token must be between 0 and %s, found %s".formatted(vocabularySize - 1, token));
      }
    }
    return Arrays.stream(tokens).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }

  @Override
  public int endOfText() {
    return -1;
  }

  @Override
  public CutRule cuts() {
    return CutRule.NOWHERE;
  }

  @Override
  public String identity() {
    return "none " + vocabularySize;
  }
}
