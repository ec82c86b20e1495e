package io.adamant.data;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.adamant.base.Granted;
import io.adamant.base.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A tokenizer from a local Hugging Face {@code tokenizer.json}, run by DJL's binding of the Hugging
 * Face tokenizers library: the ids of a text are those that the library gives for it, without the
 * special tokens that its post-processor would add.
 *
 * <p>Its whole vocabulary is used: 1 + the largest id in the file, added tokens included. End of
 * text is the token that the user names, or the first of {@link TokenizerFile#END_OF_TEXT_NAMES}
 * that the file has. Unlike {@link Gpt2Tokenizer}, it also maps the names of added tokens inside a
 * document, that of end-of-text too, to their ids, because the library does.
 */
public final class HuggingFaceTokenizer implements Tokenizer {
  /** Characters of a text whose memory is looked after. */
  private static final int LARGE = 1 << 22;

  /** What the library takes, as measured with texts of 8 and 16 MB: 150 to 210. */
  private static final int BYTES_PER_CHARACTER = 210;

  private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer library;
  private final Path path;
  private final int vocab;
  private final int endOfText;
  private final CutRule cuts;
  private final String identity;

  private HuggingFaceTokenizer(TokenizerFile file, String endOfText) {
    this.path = file.path();
    this.vocab = file.vocabularySize();
    this.endOfText = endOfText.isEmpty() ? file.endOfText() : file.endOfText(endOfText);
    this.cuts = CutProof.rule(file.root());
    this.identity =
        "huggingface " + file.sha256() + (endOfText.isEmpty() ? "" : " end " + this.endOfText);
    this.library = load(file);
  }

  /**
   * Loads a tokenizer.
   *
   * @param file a {@code tokenizer.json}
   * @param endOfText the token that separates documents; empty for the first known one
   * @return the tokenizer, to be closed by the caller
   * @throws InputException if the file cannot be read, is no tokenizer or has no such token
   */
  public static HuggingFaceTokenizer open(Path file, String endOfText) {
    return new HuggingFaceTokenizer(TokenizerFile.read(file), endOfText);
  }

  private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer load(TokenizerFile file) {
    // Without a flavor DJL may look for a CUDA build of this CPU library on the network.
    if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    // By default the binding truncates to 512 tokens and adds the model's special tokens.
    Map<String, String> options =
        Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");
    try {
      return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(file.json().getBytes(StandardCharsets.UTF_8)), options);
    } catch (IOException | RuntimeException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      throw TokenizerFile.noTokenizer(
          file.path(), reason.lines().findFirst().orElse("unknown reason"), e);
    } catch (NoClassDefFoundError e) {
      throw new InputException(
          "data.tokenizer: %s needs the dependency ai.djl.huggingface:tokenizers, which is not on the class path"
              .formatted(file.path()),
          e);
    }
  }

  /**
   * Refuses a text for which the library would run out of memory, which ends the whole process: it
   * keeps two offsets for each byte and several lists for each token.
   */
  static void requireMemory(Path path, int characters, OptionalLong free) {
    long needed = (long) BYTES_PER_CHARACTER * characters;
    if (free.isPresent() && needed > free.getAsLong()) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "data.tokenizer: %s cannot be given a text of %,d characters in parts, and needs about %.1f GiB of memory for it; %.1f GiB are free: put lines %s between shorter documents",
              path,
              characters,
              needed / 0x1p30,
              free.getAsLong() / 0x1p30,
              TextCorpus.SEPARATOR));
    }
  }

  /** {@inheritDoc} Only ids cross the border to the library: an Encoding object has ten lists. */
  @Override
  public int[] encode(String text) {
    if (text.length() >= LARGE) {
      requireMemory(path, text.length(), Granted.here().free());
    }
    TokenizersLibrary calls = TokenizersLibrary.LIB;
    long encoding;
    try {
      encoding = calls.encode(library.getHandle(), text, false);
    } catch (RuntimeException e) {
      throw new InputException(
          "data.tokenizer: %s cannot encode a text: %s".formatted(path, e.getMessage()), e);
    }
    long[] ids;
    try {
      ids = calls.getTokenIds(encoding);
    } finally {
      calls.deleteEncoding(encoding);
    }
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
    }
    return tokens;
  }

  @Override
  public String decode(int[] tokens) {
    long[] ids = new long[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocab) {
        throw new IllegalArgumentException(
            "token must be between 0 and " + (vocab - 1) + ", found " + tokens[i]);
      }
      ids[i] = tokens[i];
    }
    return library.decode(ids, false);
  }

  /** The file that it was read from. */
  Path path() {
    return path;
  }

  @Override
  public int vocabularySize() {
    return vocab;
  }

  @Override
  public int endOfText() {
    return endOfText;
  }

  @Override
  public CutRule cuts() {
    return cuts;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public void close() {
    library.close();
  }
}
