package io.adamant.data.parquet;

import com.github.luben.zstd.Zstd;
import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** How pages are decompressed. The library's own way takes Hadoop for gzip. */
final class PageCodecs implements CompressionCodecFactory {
  /** Those that are read. */
  static final Set<CompressionCodecName> READ =
      Collections.unmodifiableSet(
          EnumSet.of(
              CompressionCodecName.UNCOMPRESSED,
              CompressionCodecName.SNAPPY,
              CompressionCodecName.GZIP,
              CompressionCodecName.ZSTD,
              CompressionCodecName.LZ4_RAW));

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName name) {
    throw new UnsupportedOperationException("nothing is written");
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
    return switch (name) {
      case UNCOMPRESSED -> new Pages((page, size) -> page);
      case SNAPPY -> new Pages((page, size) -> block(new SnappyDecompressor(), page, size));
      case LZ4_RAW -> new Pages((page, size) -> block(new Lz4Decompressor(), page, size));
      case GZIP -> new Pages(PageCodecs::gzip);
      case ZSTD -> new Pages(Zstd::decompress);
      default -> throw new UnsupportedOperationException(name + " is not among " + READ);
    };
  }

  private static byte[] block(Decompressor decompressor, byte[] page, int size) {
    byte[] bytes = new byte[size];
    int written = decompressor.decompress(page, 0, page.length, bytes, 0, size);
    return written == size ? bytes : new byte[written];
  }

  private static byte[] gzip(byte[] page, int size) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(page))) {
      return in.readNBytes(size);
    }
  }

  @Override
  public void release() {
    // The decompressors hold nothing.
  }

  @FunctionalInterface
  private interface Method {
    byte[] decompress(byte[] page, int size) throws IOException;
  }

  private record Pages(Method method) implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput page, int size) throws IOException {
      return BytesInput.from(bytes(page.toByteArray(), size));
    }

    @Override
    public void decompress(ByteBuffer input, int compressed, ByteBuffer output, int size)
        throws IOException {
      byte[] page = new byte[compressed];
      input.get(page);
      output.put(bytes(page, size));
    }

    private byte[] bytes(byte[] page, int size) throws IOException {
      byte[] bytes = method.decompress(page, size);
      if (bytes.length != size) {
        throw new IOException("a page has %s bytes instead of %s".formatted(bytes.length, size));
      }
      return bytes;
    }

    @Override
    public void release() {
      // nothing is held
    }
  }
}
