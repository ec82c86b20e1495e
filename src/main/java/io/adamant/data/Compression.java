package io.adamant.data;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.adamant.base.InputException;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** How a file is compressed: by the end of its name, else by its first bytes, which no text has. */
enum Compression {
  /** Not at all. */
  NONE("text", ""),
  /** RFC 1952. */
  GZIP("gz", ".gz"),
  /** RFC 8878. */
  ZSTD("zst", ".zst .zstd"),
  /** The .xz format, version 1.2. */
  XZ("xz", ".xz");

  private static final byte[] XZ_MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

  private final String label;

  /** How names end, separated by spaces. */
  private final String endings;

  Compression(String label, String endings) {
    this.label = label;
    this.endings = endings;
  }

  /** One word for it, part of what identifies a corpus. */
  String label() {
    return label;
  }

  /** The ending of a name that says so; empty if it has none. */
  private String ending(String name) {
    for (String ending : endings.split(" ", -1)) {
      if (name.endsWith(ending)) {
        return ending;
      }
    }
    return "";
  }

  /** What the name of a file says. */
  static Compression named(String name) {
    return Arrays.stream(values())
        .filter(each -> !each.ending(name).isEmpty())
        .findFirst()
        .orElse(NONE);
  }

  /** The name of a file without the ending that says how it is compressed, in lower case. */
  static String stripped(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.substring(0, lower.length() - named(lower).ending(lower).length());
  }

  /**
   * How a file is compressed.
   *
   * @param file an existing file
   * @throws InputException if it cannot be read
   */
  static Compression of(Path file) {
    Compression named = named(file.toString());
    if (named != NONE) {
      return named;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return of(in.readNBytes(XZ_MAGIC.length));
    } catch (IOException e) {
      throw new InputException(
          "cannot read %s: %s".formatted(file.toAbsolutePath(), StorageException.reason(e)), e);
    }
  }

  private static Compression of(byte[] head) {
    if (GzipStream.isGzip(head)) {
      return GZIP;
    }
    if (ZstdStream.isZstd(head)) {
      return ZSTD;
    }
    return Arrays.equals(head, XZ_MAGIC) ? XZ : NONE;
  }

  /**
   * The bytes that were compressed.
   *
   * @param in the file from its first byte
   * @param name of the file
   * @throws InputException if the file is no such file, or the library for it is not there
   */
  InputStream open(CountingStream in, String name) throws IOException {
    try {
      return switch (this) {
        case NONE -> in;
        case GZIP -> new GzipStream(in, name);
        case ZSTD -> new ZstdStream(in, name, new ZstdDecompressCtx());
        case XZ -> XzStream.of(in, name);
      };
    } catch (NoClassDefFoundError e) {
      throw new InputException(
          "%s needs the dependency %s, which is not on the class path"
              .formatted(name, this == XZ ? "org.tukaani:xz" : "com.github.luben:zstd-jni"),
          e);
    }
  }

  /** A file that ends early, is damaged, or has other bytes in it, in one line. */
  InputException damaged(String name, String what, long offset) {
    return new InputException(
        String.format(
            Locale.ROOT,
            "%s is not a complete %s file: %s, at byte offset %d; fetch or compress it again",
            name,
            name().toLowerCase(Locale.ROOT),
            what,
            offset));
  }

  /** First bytes as a text with one character each. */
  static String characters(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1);
  }
}
