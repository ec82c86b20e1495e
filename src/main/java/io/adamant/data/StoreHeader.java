package io.adamant.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The first 256 bytes of a token store: what the tokens are and how to tell that they are whole.
 *
 * @param key what the store was built from, 64 hexadecimal digits
 * @param vocab the size of the vocabulary
 * @param endOfText the id of end-of-text
 * @param statistics counts of both splits and the unigram cross-entropy
 * @param dataSha256 SHA-256 over the vocabulary's size, the split and the tokens, 64 digits
 * @param bodyCrc CRC-32C of the tokens' bytes
 * @param text what was tokenized, for people; of a longer description the beginning
 */
record StoreHeader(
    String key,
    int vocab,
    int endOfText,
    DataStatistics statistics,
    String dataSha256,
    int bodyCrc,
    String text) {
  /** Bytes of a header. */
  static final int BYTES = 256;

  /** Raised when the layout or the meaning of a store changes; older stores are then rebuilt. */
  static final int VERSION = 2;

  private static final String UNKNOWN = "0".repeat(64);
  private static final byte[] MAGIC = "ADAMTOK\n".getBytes(StandardCharsets.US_ASCII);
  private static final int CRC_AT = BYTES - Integer.BYTES;
  private static final int TEXT_AT = 180;

  long tokens() {
    return statistics.trainTokens() + statistics.validationTokens();
  }

  /** The bytes of the whole file. */
  long fileBytes() {
    return BYTES + tokens() * TokenMap.width(vocab);
  }

  ByteBuffer write() {
    ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).putInt(VERSION).putInt(TokenMap.width(vocab)).putInt(vocab).putInt(endOfText);
    out.putLong(statistics.trainTokens()).putLong(statistics.validationTokens());
    out.putLong(statistics.trainDocuments()).putLong(statistics.validationDocuments());
    out.putLong(statistics.trainBytes()).putLong(statistics.validationBytes());
    String validation = statistics.validationText();
    out.put(HexFormat.of().parseHex(validation.isEmpty() ? UNKNOWN : validation));
    out.putDouble(statistics.unigramCrossEntropy());
    out.put(HexFormat.of().parseHex(key)).put(HexFormat.of().parseHex(dataSha256));
    out.putInt(bodyCrc);
    int length = text.length(); // in UTF-8 no character is torn
    while (bytes(text.substring(0, length)).length > CRC_AT - TEXT_AT) {
      length = text.offsetByCodePoints(length, -1);
    }
    out.put(TEXT_AT, bytes(text.substring(0, length)));
    return out.putInt(CRC_AT, crc(out)).position(0).limit(BYTES);
  }

  /** Reads a header; empty if the bytes are not a header of this version, whole and unchanged. */
  static Optional<StoreHeader> read(ByteBuffer bytes) {
    ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() != BYTES || in.getInt(in.position() + CRC_AT) != crc(in)) {
      return Optional.empty();
    }
    byte[] magic = new byte[MAGIC.length];
    in.get(magic);
    if (!Arrays.equals(magic, MAGIC) || in.getInt() != VERSION) {
      return Optional.empty();
    }
    int width = in.getInt();
    int vocab = in.getInt();
    if (width != TokenMap.width(vocab)) {
      return Optional.empty();
    }
    int endOfText = in.getInt();
    DataStatistics statistics =
        new DataStatistics(
            in.getLong(),
            in.getLong(),
            in.getLong(),
            in.getLong(),
            in.getLong(),
            in.getLong(),
            hex(in).replace(UNKNOWN, ""),
            in.getDouble());
    String key = hex(in);
    String sha = hex(in);
    int bodyCrc = in.getInt();
    byte[] text = new byte[CRC_AT - TEXT_AT];
    in.get(text);
    String words = new String(text, StandardCharsets.UTF_8).replace("\0", "");
    return Optional.of(new StoreHeader(key, vocab, endOfText, statistics, sha, bodyCrc, words));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(ByteBuffer in) {
    byte[] bytes = new byte[32];
    in.get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** CRC-32C of a header but its last four bytes, whatever the buffer's position. */
  private static int crc(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.slice(0, CRC_AT));
    return (int) crc.getValue();
  }
}
