package io.adamant.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small text files as people's editors write them: UTF-8, with or without a byte-order mark. */
public final class TextFile {

  private static final String MARK = "\ufeff";

  private TextFile() {}

  /**
   * Reads a file.
   *
   * @param file its path
   * @return its text, without a byte-order mark at the start
   * @throws IOException if it cannot be read; a {@link java.nio.charset.CharacterCodingException}
   *     if it is not UTF-8
   */
  public static String read(Path file) throws IOException {
    return text(Files.readAllBytes(file));
  }

  /**
   * Decodes what a file holds.
   *
   * @param bytes UTF-8
   * @return the text, without a byte-order mark at the start
   * @throws java.nio.charset.CharacterCodingException if it is not UTF-8
   */
  public static String text(byte[] bytes) throws java.nio.charset.CharacterCodingException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    return text.startsWith(MARK) ? text.substring(1) : text;
  }
}
