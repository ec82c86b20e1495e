package io.adamant.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How documents lie in a file, by its name and its first bytes; what is not read is called by its
 * name.
 */
enum TextFormat {
  /** Lines of text, with a line {@code <|endoftext|>} between documents. */
  PLAIN,
  /** A JSON object a line. */
  JSON_LINES;

  /** How many first bytes it takes to tell. */
  static final int HEAD = 1 << 16;

  private static final int TAR_MAGIC = 257;

  /** The share of control characters above which bytes are no text; random bytes have a tenth. */
  private static final double MANY_CONTROLS = 0.02;

  /** First bytes, one character each, and whose they are. */
  private static final Map<String, String> MAGIC = new LinkedHashMap<>();

  static {
    MAGIC.put("(\u00b5/\u00fd", "zstd compressed twice");
    MAGIC.put("\u00fd7zXZ\0", "xz compressed twice");
    MAGIC.put("BZh", "bzip2 compressed");
    MAGIC.put("\u0004\"M\u0018", "lz4 compressed");
    MAGIC.put("\u001f\u008b", "gzip compressed twice");
    MAGIC.put("\u001f\u009d", "compressed by compress");
    MAGIC.put("]\0\0", "lzma compressed");
    MAGIC.put("PK\u0003\u0004", "a zip archive");
    MAGIC.put("7z\u00bc\u00af'\u001c", "a 7z archive");
    MAGIC.put("Rar!\u001a", "a rar archive");
    MAGIC.put("PAR1", "a cut or compressed Parquet file");
    MAGIC.put("ARROW1", "Arrow");
    MAGIC.put("\u00ff\u00ff\u00ff\u00ff", "an Arrow stream or another binary format");
    MAGIC.put("Obj\u0001", "Avro");
    MAGIC.put("ORC", "ORC");
    MAGIC.put("\u0089HDF", "HDF5");
    MAGIC.put("SQLite format 3\0", "an SQLite database");
    MAGIC.put("\u0093NUMPY", "a NumPy array");
    MAGIC.put("%PDF-", "PDF");
    MAGIC.put("\u0089PNG", "a PNG image");
    MAGIC.put("\u00ff\u00d8\u00ff", "a JPEG image");
    MAGIC.put("\u007fELF", "a program");
    MAGIC.put("\u0000\u0000\u00fe\u00ff", "UTF-32 text");
    MAGIC.put("\u00ff\u00fe\0\0", "UTF-32 text");
    MAGIC.put("\u00fe\u00ff", "UTF-16 text");
    MAGIC.put("\u00ff\u00fe", "UTF-16 text");
  }

  /** Opens it. */
  PieceReading pieces(InputStream in, String name, TextField field, Reading reading) {
    return this == JSON_LINES
        ? new JsonLines(in, name, field, reading)
        : new PieceReader(in, name, reading)::next;
  }

  /** Whether the name of a file says that it is JSON Lines, whatever is in it. */
  static boolean isJsonNamed(String name) {
    String plain = Compression.stripped(name);
    return plain.endsWith(".jsonl") || plain.endsWith(".ndjson") || plain.endsWith(".json");
  }

  /**
   * Tells the format of a file.
   *
   * @param head the first {@link #HEAD} bytes of what was compressed, or all
   * @param name of the file
   * @throws InputException if it is a format that is not read, with its name
   */
  static TextFormat of(byte[] head, String name) {
    String bytes = Compression.characters(head);
    if (bytes.startsWith("ustar", TAR_MAGIC)) {
      throw unread("a tar archive", name);
    }
    for (Map.Entry<String, String> magic : MAGIC.entrySet()) {
      if (bytes.startsWith(magic.getKey())) {
        boolean words = magic.getKey().chars().allMatch(c -> c >= ' ' && c <= '~');
        // Three letters may begin a text; the formats that begin so go on with other bytes.
        if (!words || magic.getKey().startsWith("%PDF") || hasControls(bytes)) {
          throw unread(magic.getValue(), name);
        }
      }
    }
    binary(head)
        .ifPresent(
            what -> {
              throw unread(what, name);
            });
    String text = new String(head, StandardCharsets.UTF_8).replaceFirst("^\ufeff", "").strip();
    if (text.startsWith("[") && isJsonNamed(name)) {
      throw unread("a JSON array", name);
    }
    return isJsonNamed(name) || beginsWithObject(text) ? JSON_LINES : PLAIN;
  }

  private static InputException unread(String what, String name) {
    return new InputException(
        "%s is %s, which is not read; convert it to UTF-8 text with a line %s between documents, JSON Lines or Parquet (text and JSON Lines may be compressed by gzip, zstd or xz)"
            .formatted(name, what, TextCorpus.SEPARATOR));
  }

  /**
   * Whether these are the first bytes of UTF-8 text, with as few control characters as text has.
   */
  static boolean isText(byte[] head) {
    return !hasManyControls(head) && isUtf8(head);
  }

  private static boolean hasManyControls(byte[] head) {
    int controls = 0;
    for (byte c : head) {
      controls += c >= 0 && c < ' ' && !isTextControl(c) ? 1 : 0;
    }
    return controls > MANY_CONTROLS * head.length;
  }

  /** What bytes are that cannot be UTF-8 text and have what no text has. */
  private static Optional<String> binary(byte[] head) {
    int[] zeros = new int[2];
    for (int i = 0; i < head.length; i++) {
      zeros[i & 1] += head[i] == 0 ? 1 : 0;
    }
    if (!hasManyControls(head) || (zeros[0] + zeros[1] == 0 && isUtf8(head))) {
      return Optional.empty();
    }
    // Every other byte of Latin letters in UTF-16 is zero.
    boolean wide = Math.max(zeros[0], zeros[1]) > head.length / 4;
    return Optional.of(wide && Math.min(zeros[0], zeros[1]) == 0 ? "UTF-16 text" : "binary data");
  }

  private static boolean isTextControl(byte c) {
    return (c >= '\b' && c <= '\r') || c == 0x1b;
  }

  private static boolean isUtf8(byte[] head) {
    CharBuffer characters = CharBuffer.allocate(head.length);
    return !StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(head), characters, false)
        .isError();
  }

  private static boolean hasControls(String bytes) {
    return bytes.chars().limit(512).anyMatch(c -> c < '\t' || c == 0x7f);
  }

  /** Whether the first line is a JSON object with a key, or as much of one as is here. */
  private static boolean beginsWithObject(String text) {
    if (!text.startsWith("{")) {
      return false;
    }
    String line = text.lines().findFirst().orElse("");
    try (JsonParser parser = Json.MAPPER.createParser(line)) {
      parser.nextToken();
      if (parser.nextToken() != JsonToken.FIELD_NAME) {
        return false;
      }
      int depth = 1;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == null) {
          break;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
      return parser.nextToken() == null;
    } catch (JsonEOFException e) {
      return line.length() == text.length(); // the object goes on beyond the first bytes
    } catch (IOException e) {
      return false;
    }
  }
}
