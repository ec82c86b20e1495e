package io.adamant.data;

import io.adamant.base.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A file of token ids as other programs write them, little-endian:
 *
 * <ul>
 *   <li>nanoGPT's {@code train.bin}: nothing but uint16 ids;
 *   <li>llm.c and modded-nanogpt: 256 int32, of which the first three are magic, version and count
 *       and the others zero, then the ids, uint16 (magic 20240520, version 1) or uint32 (magic
 *       20240801, version 7).
 * </ul>
 *
 * <p>A file with such a magic is a shard whatever its name, one without only if its name ends in
 * {@code .bin} and it is not UTF-8 text. Source: {@code data/openwebtext/prepare.py} of nanoGPT,
 * {@code dev/data/data_common.py} and {@code llmc/dataloader.h} of llm.c.
 *
 * @param file where it lies
 * @param start byte of the first id
 * @param count ids, at least 1
 * @param width bytes of an id, 2 or 4
 */
record TokenShard(Path file, long start, long count, int width) {
  /** Bytes of a header. */
  static final int HEADER = 256 * Integer.BYTES;

  /** Int32 of a header that say something. */
  private static final int USED = 3;

  /** llm.c's multiple-choice questions, which are ids too, but no text. */
  private static final int EVALUATION = 20240522;

  /** A header that is told from ids by its zeros needs at least so many. */
  private static final int MANY_ZEROS = 32;

  /** What a header says of the ids after it. */
  enum Layout {
    /** GPT-2's ids. */
    UINT16(20240520, 1, Short.BYTES),
    /** Ids of larger vocabularies. */
    UINT32(20240801, 7, Integer.BYTES);

    private final int magic;
    private final int version;
    private final int width;

    Layout(int magic, int version, int width) {
      this.magic = magic;
      this.version = version;
      this.width = width;
    }

    /** Bytes of an id. */
    int width() {
      return width;
    }

    /** The header before so many ids. */
    byte[] header(int count) {
      ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
      return header.putInt(magic).putInt(version).putInt(count).array();
    }

    private static Optional<Layout> of(int magic) {
      return Arrays.stream(values()).filter(each -> each.magic == magic).findFirst();
    }
  }

  /** Whether a file is meant to hold ids, right or wrong ones. */
  static boolean isShard(Path file) {
    boolean named = file.toString().toLowerCase(Locale.ROOT).endsWith(".bin");
    byte[] head = head(file, named ? TextFormat.HEAD : Integer.BYTES);
    return Layout.of(magic(head)).isPresent()
        || (named && (head.length == 0 || !TextFormat.isText(head)));
  }

  private static byte[] head(Path file, int bytes) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(bytes);
    } catch (IOException e) {
      throw Failure.unreadable(file.toAbsolutePath(), e);
    }
  }

  private static int magic(byte[] head) {
    return head.length < Integer.BYTES ? 0 : number(head, 0);
  }

  private static int number(byte[] head, int at) {
    return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(at * Integer.BYTES);
  }

  /**
   * Finds the ids in a file; what they are is not looked at.
   *
   * @param file for which {@link #isShard} holds
   * @throws InputException if the file is no whole shard
   */
  static TokenShard of(Path file) {
    byte[] head = head(file, HEADER);
    long size = Failure.size(file);
    if (size == 0) {
      throw new InputException(file + " is empty; expected: token ids");
    }
    Optional<Layout> layout = Layout.of(magic(head));
    return layout.isPresent() ? withHeader(file, head, size, layout.get()) : bare(file, head, size);
  }

  private static TokenShard withHeader(Path file, byte[] head, long size, Layout layout) {
    if (size < HEADER) {
      throw new InputException(
          "%s ends at byte %s, within the header of a token shard, which has %s bytes; fetch or write it again"
              .formatted(file, size, HEADER));
    }
    int version = number(head, 1);
    if (version != layout.version) {
      throw new InputException(
          "%s has version %s, at byte 4; allowed: %s with magic %s"
              .formatted(file, version, layout.version, layout.magic));
    }
    int count = number(head, 2);
    if (count < 1) {
      throw new InputException(
          "%s has a count of %s tokens, at byte 8; expected: at least 1".formatted(file, count));
    }
    long body = size - HEADER;
    if (body != (long) count * layout.width) {
      throw new InputException(
          "%s has a count of %s tokens, at byte 8, and %s bytes after its header, at byte %s; expected: %s bytes for each token; fetch or write it again"
              .formatted(file, count, body, HEADER, layout.width));
    }
    return new TokenShard(file, HEADER, count, layout.width);
  }

  private static TokenShard bare(Path file, byte[] head, long size) {
    if (magic(head) == EVALUATION) {
      throw new InputException(
          "%s is a set of multiple-choice questions for evaluation (magic %s, at byte 0), which is not read; expected: token ids"
              .formatted(file, EVALUATION));
    }
    int zeros = 0;
    for (int i = USED * Integer.BYTES; i < head.length && head[i] == 0; i++) {
      zeros++;
    }
    if (zeros >= MANY_ZEROS && zeros == head.length - USED * Integer.BYTES) {
      throw new InputException(
          "%s begins like a header, with zeros from byte 12 to byte %s, but with magic %s, at byte 0; expected: %s or %s, or ids without a header"
              .formatted(
                  file,
                  head.length,
                  Integer.toUnsignedString(magic(head)),
                  Layout.UINT16.magic,
                  Layout.UINT32.magic));
    }
    if (size % Short.BYTES != 0) {
      throw new InputException(
          "%s has an odd number of bytes, %s; expected: uint16 token ids of 2 bytes each"
              .formatted(file, size));
    }
    return new TokenShard(file, 0, size / Short.BYTES, Short.BYTES);
  }

  /** Maps the ids into memory. */
  TokenMap map() {
    try (FileChannel channel = FileChannel.open(file)) {
      return TokenMap.of(channel, start, count, width, TokenMap.SEGMENT);
    } catch (IOException e) {
      throw Failure.unreadable(file.toAbsolutePath(), e);
    }
  }

  /** An id that the vocabulary does not have, in one line. */
  InputException beyond(long index, long id, int vocab) {
    String bare =
        start > 0
            ? ""
            : "; without a header, a file is read as uint16 ids, and this one may be something else";
    return new InputException(
        "%s: token %s, at byte %s, is %s; expected: ids below data.vocab, which is %s: is it the vocabulary that the ids belong to (GPT-2: 50257)%s"
            .formatted(
                file,
                index,
                start + index * width,
                id & (width == Short.BYTES ? 0xffffL : 0xffffffffL),
                vocab,
                bare.isEmpty() ? "?" : "?" + bare));
  }
}
