package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Suggestion;
import io.adamant.base.UserPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Turns text into token ids between 0 and {@link #vocabularySize()} − 1 and back. Safe for use by
 * several threads at once.
 */
public sealed interface Tokenizer extends AutoCloseable
    permits BytesTokenizer, Gpt2Tokenizer, HuggingFaceTokenizer, IdTokenizer {
  /**
   * Encodes text. No token is added at either end.
   *
   * @param text the text
   * @return the ids
   */
  int[] encode(String text);

  /**
   * Decodes ids. Ids that do not form valid UTF-8 give U+FFFD.
   *
   * @param tokens the ids
   * @return the text; end-of-text reads {@code <|endoftext|>} or as the tokenizer's file names it
   * @throws IllegalArgumentException if an id is not of this vocabulary
   */
  String decode(int[] tokens);

  /**
   * The number of ids.
   *
   * @return V
   */
  int vocabularySize();

  /**
   * The id that separates documents.
   *
   * @return an id below V; −1 if the vocabulary is known by its size alone
   */
  int endOfText();

  /**
   * The bytes of text that an id stands for, wherever it stands.
   *
   * @param token an id
   * @return 0 for end-of-text; empty where that depends on its neighbours or is unknown
   */
  default OptionalInt bytesOf(int token) {
    return OptionalInt.empty();
  }

  /**
   * Whether this can encode.
   *
   * @return false for a vocabulary that is known by its size alone
   */
  default boolean hasText() {
    return true;
  }

  /**
   * Identifies the mapping from text to ids: equal identities encode equally.
   *
   * @return one line
   */
  String identity();

  /**
   * Where a long document may be cut into pieces to be encoded by themselves.
   *
   * @return a rule that keeps the ids those of the whole document
   */
  CutRule cuts();

  /** Releases native memory, if there is any. */
  @Override
  default void close() {}

  /**
   * Finds the tokenizer a user names.
   *
   * @param name {@code bytes}, {@code gpt2}, the path of a Hugging Face {@code tokenizer.json}, or
   *     {@code none} for token shards whose vocabulary is known by its size alone
   * @param vocab the vocabulary size wanted; 0 means all the tokenizer has. Only {@code gpt2} can
   *     be cut
   * @return the tokenizer, to be closed by the caller
   * @throws InputException if there is no such tokenizer, it is no tokenizer, or it cannot have
   *     this vocabulary
   */
  static Tokenizer of(String name, int vocab) {
    return of(name, vocab, "");
  }

  /**
   * Finds the tokenizer a user names.
   *
   * @param name as above
   * @param vocab as above
   * @param endOfText the token of a {@code tokenizer.json} that separates documents; empty for the
   *     first that it has of those that are known
   * @return the tokenizer, to be closed by the caller
   * @throws InputException as above, or if it has no such token
   */
  static Tokenizer of(String name, int vocab, String endOfText) {
    if (vocab < 0) {
      throw new InputException("data.vocab must be positive, found " + vocab);
    }
    boolean file = !name.equals(BytesTokenizer.NAME) && !name.equals(Gpt2Tokenizer.NAME);
    if (!endOfText.isEmpty() && !file) {
      throw InputException.badValue(
          "data.end_of_text",
          endOfText,
          "auto with tokenizer %s, which has its own".formatted(name));
    }
    switch (name) {
      case BytesTokenizer.NAME -> {
        requireWhole(name, vocab, BytesTokenizer.SIZE);
        return new BytesTokenizer();
      }
      case Gpt2Tokenizer.NAME -> {
        return new Gpt2Tokenizer(vocab == 0 ? Gpt2Tokenizer.FULL_SIZE : vocab);
      }
      case IdTokenizer.NAME -> {
        return new IdTokenizer(vocab);
      }
      default -> {
        Tokenizer tokenizer = HuggingFaceTokenizer.open(existing(name), endOfText);
        try {
          requireWhole(name, vocab, tokenizer.vocabularySize());
          return tokenizer;
        } catch (InputException e) {
          tokenizer.close();
          throw e;
        }
      }
    }
  }

  /**
   * The number of ids that a tokenizer has, without opening it.
   *
   * @param name as for {@link #of}
   * @param vocab as for {@link #of}
   * @return {@code vocab}, or where it is 0 what the tokenizer has
   * @throws InputException if there is no such tokenizer
   */
  static int size(String name, int vocab) {
    if (vocab != 0) {
      return vocab;
    }
    return switch (name) {
      case BytesTokenizer.NAME -> BytesTokenizer.SIZE;
      case Gpt2Tokenizer.NAME -> Gpt2Tokenizer.FULL_SIZE;
      default -> TokenizerFile.read(existing(name)).vocabularySize();
    };
  }

  /**
   * Looks whether there is a tokenizer of a name, without opening it.
   *
   * @param name as for {@link #of}
   * @throws InputException if there is none
   */
  static void requireKnown(String name) {
    if (!List.of(BytesTokenizer.NAME, Gpt2Tokenizer.NAME, IdTokenizer.NAME).contains(name)) {
      existing(name);
    }
  }

  private static Path existing(String name) {
    Path path;
    try {
      path = UserPath.of(name);
    } catch (InputException e) {
      throw new InputException("data.tokenizer: " + e.getMessage(), e);
    }
    if (!name.isBlank() && Files.exists(path)) {
      return path;
    }
    throw unknown(name, path);
  }

  private static InputException unknown(String name, Path path) {
    boolean file = name.contains("/") || name.endsWith(".json");
    String tried = file && !path.isAbsolute() ? " (looked for " + path.toAbsolutePath() + ")" : "";
    return new InputException(
        "data.tokenizer: unknown tokenizer '%s'%s%s; allowed: bytes, gpt2, or the path of a tokenizer.json"
            .formatted(
                name,
                tried,
                Suggestion.aside(name, List.of(BytesTokenizer.NAME, Gpt2Tokenizer.NAME))));
  }

  private static void requireWhole(String name, int vocab, int size) {
    if (vocab > size) {
      throw new InputException(
          "data.vocab: %s is larger than the vocabulary of tokenizer '%s', which is %s"
              .formatted(vocab, name, size));
    }
    if (vocab != 0 && vocab < size) {
      throw new InputException(
          "data.vocab: tokenizer '%s' cannot be cut to %s; allowed: %s (only gpt2 can be cut)"
              .formatted(name, vocab, size));
    }
  }
}
