package io.adamant.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a file is that is not plain text, by its first bytes: so that it can be called by name. */
final class TextFormat {
  /** How many first bytes it takes to tell. */
  static final int HEAD = 1 << 16;

  private static final int TAR_MAGIC = 257;

  /** First bytes, one character each, and whose they are. */
  private static final Map<String, String> MAGIC = new LinkedHashMap<>();

  static {
    MAGIC.put("(\u00b5/\u00fd", "zstd compressed");
    MAGIC.put("\u00fd7zXZ\0", "xz compressed");
    MAGIC.put("BZh", "bzip2 compressed");
    MAGIC.put("\u0004\"M\u0018", "lz4 compressed");
    MAGIC.put("\u001f\u008b", "gzip compressed twice");
    MAGIC.put("\u001f\u009d", "compressed by compress");
    MAGIC.put("]\0\0", "lzma compressed");
    MAGIC.put("PK\u0003\u0004", "a zip archive");
    MAGIC.put("7z\u00bc\u00af'\u001c", "a 7z archive");
    MAGIC.put("Rar!\u001a", "a rar archive");
    MAGIC.put("PAR1", "Parquet");
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

  private TextFormat() {}

  /**
   * Names a format that is not read.
   *
   * @param head the first {@link #HEAD} bytes, or all
   * @param name of the file
   * @return what it is, in words; empty for what may be text
   */
  static Optional<String> unread(byte[] head, String name) {
    String bytes = new String(head, StandardCharsets.ISO_8859_1);
    if (bytes.startsWith("ustar", TAR_MAGIC)) {
      return Optional.of("a tar archive");
    }
    for (Map.Entry<String, String> magic : MAGIC.entrySet()) {
      if (bytes.startsWith(magic.getKey())) {
        boolean words = magic.getKey().chars().allMatch(c -> c >= ' ' && c <= '~');
        // Three letters may begin a text; the formats that begin so go on with other bytes.
        if (!words || magic.getKey().startsWith("%PDF") || hasControls(bytes)) {
          return Optional.of(magic.getValue());
        }
      }
    }
    String text = new String(head, StandardCharsets.UTF_8).replaceFirst("^\ufeff", "").strip();
    String lower = name.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (lower.endsWith(".json") && (text.startsWith("{") || text.startsWith("["))) {
      return Optional.of("JSON");
    }
    return beginsWithObject(text) ? Optional.of("JSON lines") : Optional.empty();
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
