package io.adamant.data;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A UTF-8 decoder that can say at which byte a file stops being text, or goes on with U+FFFD there.
 *
 * <p>One U+FFFD stands for each maximal subpart of an ill-formed sequence: for as many bytes as
 * begin some character, else for one byte (Unicode 15, section 3.9, as browsers and Python do it).
 *
 * <p>A byte-order mark at the start is skipped. A zero byte is refused although it is valid UTF-8:
 * it means a binary file or UTF-16.
 */
final class Utf8Reader {
  private static final int BUFFER = 1 << 14;

  private final InputStream in;
  private final String name;
  private final boolean replace;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
  private final CharBuffer chars = CharBuffer.allocate(BUFFER).limit(0);

  /** Offset in the text of the first byte of {@code bytes}. */
  private long bytesBefore;

  private boolean ended;

  Utf8Reader(InputStream in, String name, boolean replace) {
    this.in = in;
    this.name = name;
    this.replace = replace;
  }

  /**
   * Reads one UTF-16 unit.
   *
   * @return the unit, or −1 at the end
   * @throws InputException if the bytes are not text
   */
  int read() throws IOException {
    while (!chars.hasRemaining()) {
      if (ended) {
        return -1;
      }
      fill();
    }
    char c = chars.get();
    if (c == 0) {
      int at = 0;
      while (bytes.get(at) != 0) { // the first one: an earlier one was refused
        at++;
      }
      throw notText(bytesBefore + at, "a zero byte");
    }
    return c;
  }

  private void fill() throws IOException {
    bytesBefore += bytes.position();
    bytes.compact();
    int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
    if (read > 0) {
      bytes.position(bytes.position() + read);
    }
    bytes.flip();
    boolean start = bytesBefore == 0;
    chars.clear();
    // The character buffer holds as many units as the byte buffer has bytes: it cannot overflow.
    CoderResult result = decoder.decode(bytes, chars, read < 0);
    while (replace && result.isError()) {
      bytes.position(bytes.position() + subpart(result.length()));
      chars.put('\ufffd');
      result = decoder.decode(bytes, chars, read < 0);
    }
    if (result.isError() && chars.position() == 0) {
      throw notText(
          bytesBefore + bytes.position(),
          String.format(
              Locale.ROOT, "byte 0x%02x", Byte.toUnsignedInt(bytes.get(bytes.position()))));
    }
    ended = read < 0 && !result.isError();
    chars.flip();
    if (start && chars.hasRemaining() && chars.get(0) == '\ufeff') {
      chars.position(1);
    }
  }

  /** Bytes of the subpart at the position; the decoder takes a surrogate's three for one. */
  private int subpart(int length) {
    boolean surrogate = length > 1 && bytes.get(bytes.position()) == (byte) 0xed;
    return surrogate && (bytes.get(bytes.position() + 1) & 0xe0) == 0xa0 ? 1 : length;
  }

  private InputException notText(long offset, String found) {
    return new InputException(
        "%s is not UTF-8 text: %s at byte offset %s%s; convert it to UTF-8"
            .formatted(
                name,
                found,
                offset,
                Compression.named(name) == Compression.NONE ? "" : " of the uncompressed text"));
  }
}
