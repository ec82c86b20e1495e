package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.InputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with random damage are read as what they are now, or refused in one line. */
@Tag("slow")
class DamagedFilesTest {
  private static final int EACH = 1000;
  private static final double SECONDS = 2;
  private static final long BYTES = 256L << 20;

  private final List<String> wrong = new ArrayList<>();
  private int refused;
  private int all;

  @TempDir Path folder;

  /** Cuts, doubles, overwrites or flips some bytes, most often near the beginning. */
  private static byte[] damaged(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int at = random.nextInt(random.nextBoolean() ? Math.min(64, bytes.length) : bytes.length);
    int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
    switch (random.nextInt(5)) {
      case 0 -> bytes = Arrays.copyOf(bytes, at);
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, at, length);
      }
      case 3 -> {
        bytes = Arrays.copyOf(bytes, bytes.length + length);
        System.arraycopy(whole, at, bytes, at + length, whole.length - at);
      }
      default -> {
        System.arraycopy(whole, at + length, bytes, at, whole.length - at - length);
        bytes = Arrays.copyOf(bytes, whole.length - length);
      }
    }
    return bytes;
  }

  private interface Reader {
    void read(Path file) throws IOException;
  }

  private void damage(String name, byte[] whole, int count, Reader reader) throws IOException {
    Random random = new Random(name.hashCode());
    reader.read(Files.write(folder.resolve(name), whole)); // whole, it is read
    com.sun.management.ThreadMXBean memory =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < count; i++) {
      Path file = Files.write(folder.resolve(i + name), damaged(whole, random));
      long begin = System.nanoTime();
      long bytes = memory.getCurrentThreadAllocatedBytes();
      all++;
      try {
        reader.read(file);
      } catch (InputException e) {
        refused++;
        String place =
            "(?s).*(byte|line|row|token [0-9]|1 token|model|empty|no column|column there|binary data|field).*";
        if (!e.getMessage().contains(file.getFileName().toString())
            || e.getMessage().contains("\n")
            || !e.getMessage().matches(place)) {
          wrong.add(i + name + ": " + e.getMessage());
        }
      } catch (RuntimeException | Error e) {
        wrong.add(i + name + ": " + e + " at " + Arrays.asList(e.getStackTrace()).get(0));
      }
      double seconds = (System.nanoTime() - begin) * 1e-9;
      bytes = memory.getCurrentThreadAllocatedBytes() - bytes;
      if (seconds > SECONDS || bytes > BYTES) {
        wrong.add(String.format(Locale.ROOT, "%d%s: %.1f s, %d bytes", i, name, seconds, bytes));
      }
      Files.delete(file);
    }
  }

  private static byte[] jsonLines() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append("{\"id\": ").append(i).append(", \"text\": \"größer \\u65e5 \\\" \\\\ 😀\"}\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] shard(int width, int magic, int version) {
    ByteBuffer bytes = ByteBuffer.allocate(1024 + 40 * width).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putInt(magic).putInt(version).putInt(40).array();
  }

  private void documents(Path file) throws IOException {
    Corpus corpus = Corpus.of("data.corpus", file.toString());
    try (PieceSource source = corpus.open(Reading.STRICT)) {
      for (Optional<Piece> piece = source.next(); piece.isPresent(); piece = source.next()) {
        assertThat(piece.get().text()).isNotNull();
      }
    }
  }

  private byte[] parquet() throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType("message m { required binary text (UTF8); }");
    Path file = folder.resolve("whole.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withPageWriteChecksumEnabled(true)
            .build()) {
      for (int i = 0; i < 20; i++) {
        writer.write(new SimpleGroup(schema).append("text", "größer " + i));
      }
    }
    return Files.readAllBytes(file);
  }

  private static void tokenizer(Path file) {
    try (Tokenizer tokenizer = Tokenizer.of(file.toString(), 0)) {
      assertThat(tokenizer.encode("a text, größer")).isNotNull();
    }
  }

  private void tokens(Path file) {
    DatasetSpec spec = new DatasetSpec(file.toString(), "none", 65, Optional.empty(), 0.1);
    TokenDataset.open(spec, folder.resolve("cache"), line -> {}).close();
  }

  @Test
  void damageIsReadOrRefusedInOneLine() throws IOException {
    damage("a.bin", shard(2, 20240520, 1), EACH / 2, this::tokens);
    damage("b.bin", shard(4, 20240801, 7), EACH / 2, this::tokens);
    damage("c.jsonl", jsonLines(), EACH, this::documents);
    damage("d.parquet", parquet(), EACH, this::documents);
    Path file = TokenizerFixtures.byteLevel("<|endoftext|>", "").write(folder);
    damage("e.json", Files.readAllBytes(file), EACH / 2, DamagedFilesTest::tokenizer);
    assertThat(wrong).isEmpty();
    assertThat(all).isGreaterThanOrEqualTo(3 * EACH);
    assertThat(refused).isGreaterThan(all / 2);
  }
}
