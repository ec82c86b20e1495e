package io.adamant.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** One token a UTF-8 byte, ids 0 to 255, and end-of-text as id 256. */
public record BytesTokenizer() implements Tokenizer {
  /** The name of this tokenizer in a configuration. */
  public static final String NAME = "bytes";

  /** The size of its vocabulary. */
  public static final int SIZE = 257;

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return tokens;
  }

  @Override
  public String decode(int[] tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= SIZE) {
        throw new IllegalArgumentException("token must be between 0 and 256, found " + token);
      }
      if (token == endOfText()) {
        bytes.writeBytes(TextCorpus.SEPARATOR.getBytes(StandardCharsets.UTF_8));
      } else {
        bytes.write(token);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public int vocabularySize() {
    return SIZE;
  }

  @Override
  public int endOfText() {
    return SIZE - 1;
  }

  @Override
  public OptionalInt bytesOf(int token) {
    return OptionalInt.of(token == endOfText() ? 0 : 1);
  }

  @Override
  public CutRule cuts() {
    return CutRule.ANYWHERE;
  }

  @Override
  public String identity() {
    return "bytes 257";
  }
}
