package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.base.ChildJvm;
import io.adamant.base.InputException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetTest {
  private static final Path SHARED = Path.of("../shared/corpora/formats");

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message documents {
            required int64 id;
            optional binary text (UTF8);
            optional group meta { optional binary url (UTF8); optional binary body (UTF8); }
            optional group parts (LIST) { repeated group list { optional binary element (UTF8); } }
            optional binary raw;
          }
          """);

  private static final Set<CompressionCodecName> OWN =
      Set.of(CompressionCodecName.GZIP, CompressionCodecName.BROTLI);

  @TempDir Path folder;

  /** Writes rows of id and text; a null text, if any, is null. */
  private Path write(String name, CompressionCodecName codec, List<String> texts, int groupBytes)
      throws IOException {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(SCHEMA)
            .withCompressionCodec(codec)
            .withCodecFactory(OWN.contains(codec) ? new Gzip(codec) : null)
            .withRowGroupSize((long) groupBytes)
            .withMinRowCountForPageSizeCheck(1)
            .withPageSize(1 << 10)
            .withPageWriteChecksumEnabled(true)
            .build()) {
      for (int i = 0; i < texts.size(); i++) {
        Group row = new SimpleGroup(SCHEMA).append("id", (long) i);
        if (texts.get(i) != null) {
          row.append("text", texts.get(i));
          row.addGroup("meta").append("body", "body of " + texts.get(i));
        }
        row.append("raw", "bytes");
        writer.write(row);
      }
    }
    return file;
  }

  /** The library writes gzip with Hadoop's codec only, which is not here. */
  private record Gzip(CompressionCodecName codec) implements CompressionCodecFactory {
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName name) {
      return new BytesInputCompressor() {
        @Override
        public BytesInput compress(BytesInput bytes) throws IOException {
          ByteArrayOutputStream page = new ByteArrayOutputStream();
          try (GZIPOutputStream out = new GZIPOutputStream(page)) {
            bytes.writeAllTo(out);
          }
          return BytesInput.from(page.toByteArray());
        }

        @Override
        public CompressionCodecName getCodecName() {
          return codec;
        }

        @Override
        public void release() {}
      };
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void release() {}
  }

  private static List<String> texts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> i % 7 == 3 ? " \n" : "größer <|endoftext|>\n<|endoftext|>\n" + i * i)
        .toList();
  }

  private static Corpus corpus(Path file, String field, boolean skipNulls) {
    return TextCorpus.of("data.corpus", file, new TextField(field, skipNulls));
  }

  private static List<String> documents(Path file) throws IOException {
    return CorpusFormatsTest.documents(Corpus.of("data.corpus", file.toString()));
  }

  private static void assertRefused(Corpus corpus, String... parts) {
    assertThatThrownBy(() -> CorpusFormatsTest.documents(corpus))
        .isInstanceOf(InputException.class)
        .hasMessageNotContaining("\n")
        .message()
        .contains(parts);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void documentsAreTheRowsTextsExactlyAsTheyAre(CompressionCodecName codec) throws IOException {
    List<String> texts = texts(3000);
    Path file = write("documents.parquet", codec, texts, 1 << 14);
    List<String> expected = texts.stream().filter(text -> !text.isBlank()).toList();
    assertThat(documents(file)).isEqualTo(expected);
    assertThat(documents(Files.move(file, folder.resolve("no-ending")))).isEqualTo(expected);
  }

  @Test
  void anotherCompressionIsCalledByItsName() throws IOException {
    Path file = write("b.parquet", CompressionCodecName.BROTLI, List.of("x"), 1 << 20);
    assertRefused(
        corpus(file, "text", false),
        file + ": column 'text' is compressed by BROTLI, which is not read; write it with one of");
  }

  @Test
  void aFileWithoutRowsHasNoDocuments() throws IOException {
    Path file = write("e.parquet", CompressionCodecName.SNAPPY, List.of(), 1 << 20);
    assertThat(documents(file)).isEmpty();
  }

  @Test
  void aColumnWithinAStructHasADottedPath() throws IOException {
    Path file = write("a.parquet", CompressionCodecName.SNAPPY, List.of("x", "y"), 1 << 20);
    assertThat(CorpusFormatsTest.documents(corpus(file, "meta.body", false)))
        .containsExactly("body of x", "body of y");
  }

  @Test
  void nullIsRefusedByRowUnlessItIsSkipped() throws IOException {
    List<String> texts = Arrays.asList("a", "b", null, "c", null);
    Path file = write("n.parquet", CompressionCodecName.ZSTD, texts, 1 << 20);
    assertRefused(corpus(file, "text", false), file + " row 3 has null in column 'text'; expected");
    assertRefused(corpus(file, "meta.body", false), " row 3 has null in column 'meta.body'");
    for (String field : List.of("text", "meta.body")) {
      assertThat(CorpusFormatsTest.documents(corpus(file, field, true))).hasSize(3);
    }
    assertRefused(corpus(file, "meta.url", false), " row 1 has null in column 'meta.url'");
  }

  @Test
  void noSuchColumnAndOtherTypesAreRefusedWithTheColumnsThere() throws IOException {
    Path file = write("t.parquet", CompressionCodecName.GZIP, List.of("x"), 1 << 20);
    String there =
        "columns there: id (int64), text (string), meta.url (string), meta.body (string),"
            + " parts.list.element (a list of string), raw (binary)";
    assertRefused(corpus(file, "content", false), file + " has no column 'content'; " + there);
    assertRefused(corpus(file, "meta", false), " has no column 'meta'; " + there);
    assertRefused(corpus(file, "id", false), ": column 'id' is int64; expected: a column of");
    assertRefused(corpus(file, "raw", false), ": column 'raw' is binary; expected", there);
    assertRefused(
        corpus(file, "parts.list.element", false), "'parts.list.element' is a list of string;");
  }

  @Test
  void aCutFileIsRefusedWithTheByte() throws IOException {
    Path whole = write("w.parquet", CompressionCodecName.SNAPPY, texts(40), 1 << 20);
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length += length < 30 ? 1 : 17) {
      Path cut = Files.write(folder.resolve("cut.parquet"), Arrays.copyOf(bytes, length));
      String place = length < 12 ? "0;" : length - 4 + ";";
      assertRefused(
          corpus(cut, "text", false),
          cut + " is not a complete Parquet file: it does not ",
          "at byte offset " + place);
    }
    byte[] middle = bytes.clone();
    System.arraycopy("PAR1".getBytes(StandardCharsets.US_ASCII), 0, middle, 2000, 4);
    Path cut = Files.write(folder.resolve("m.parquet"), Arrays.copyOf(middle, 2004));
    assertRefused(corpus(cut, "text", false), cut + " is damaged Parquet: ");
  }

  /** Pages have checksums; other bytes that are not of the text may change without harm. */
  @Test
  void aChangedByteNeverChangesADocument() throws IOException {
    List<String> texts = texts(40);
    Path whole = write("w.parquet", CompressionCodecName.UNCOMPRESSED, texts, 1 << 20);
    List<String> expected = documents(whole);
    byte[] bytes = Files.readAllBytes(whole);
    int refused = 0;
    for (int at = 4; at < bytes.length - 4; at += 5) {
      byte[] changed = bytes.clone();
      changed[at] ^= 0x10;
      Path file = Files.write(folder.resolve("changed.parquet"), changed);
      try {
        assertThat(documents(file)).as("byte " + at).isEqualTo(expected);
      } catch (InputException e) {
        refused++;
        assertThat(e).hasMessageStartingWith(file.toString()).hasMessageNotContaining("\n");
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  private static String without(String jars) {
    Pattern left = Pattern.compile(jars);
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !left.matcher(entry).find())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Reads a file in a process without the library; what it printed. */
  private String readElsewhere(Path file, Path cache, String path) throws Exception {
    ProcessBuilder builder =
        ChildJvm.of(
                List.of(),
                without("parquet|snappy|aircompressor|javax.annotation|jts"),
                Elsewhere.class,
                List.of(file.toString()))
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(Map.of("ADAMANT_CACHE", cache.toString(), "PATH", path));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("err"))).isZero();
    return said;
  }

  @Test
  void theLibraryIsBroughtByMavenOnceAndReadFromTheCacheThen() throws Exception {
    Path file = write("e.parquet", CompressionCodecName.SNAPPY, List.of("x", "größer"), 1 << 20);
    Path zstd = write("z.parquet", CompressionCodecName.ZSTD, List.of("z"), 1 << 20);
    Path cache = folder.resolve("cache");

    String nothing = readElsewhere(file, cache, "/nowhere");
    assertThat(nothing)
        .contains("\nrefused: Parquet needs a library that is not in " + cache)
        .contains(
            "(there is no mvn on the PATH); with a network, this command does: mvn -f " + cache)
        .hasLineCount(2);
    assertThat(cache.resolve("libraries/parquet-1.18.1/pom.xml")).exists();

    String first = readElsewhere(file, cache, System.getenv("PATH"));
    assumeTrue(!first.contains("could not bring it"), first);
    assertThat(first).startsWith("fetching the library that reads Parquet").endsWith("x|größer\n");
    assertThat(readElsewhere(file, cache, "/nowhere")).isEqualTo("x|größer\n");
    assertThat(readElsewhere(zstd, cache, "/nowhere")).isEqualTo("z\n");
  }

  static final class Elsewhere {
    private Elsewhere() {}

    public static void main(String[] args) throws IOException {
      try {
        Corpus corpus = Corpus.of("data.corpus", args[0]);
        corpus.prepare(System.out::println);
        System.out.println(String.join("|", CorpusFormatsTest.documents(corpus)));
      } catch (InputException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  /** The jars that are fetched are those that the tests run with. */
  @Test
  void theLibrarysVersionsAreThoseOfTheTests() {
    String classPath = System.getProperty("java.class.path");
    for (String jar : ParquetLibrary.JARS) {
      String[] parts = jar.split(":", -1);
      assertThat(classPath).contains("/" + parts[1] + "-" + parts[2] + ".jar");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "zstd", "gzip", "uncompressed"})
  void theSharedPlaysAreThoseOfJsonLines(String codec) throws IOException {
    assumeTrue(Files.isDirectory(SHARED), "there are no shared corpora here");
    assertThat(documents(SHARED.resolve("plays-" + codec + ".parquet")))
        .isEqualTo(documents(SHARED.resolve("plays.jsonl")));
  }

  @ParameterizedTest
  @CsvSource({
    "plays-bad/cut.parquet, text, is not a complete Parquet file",
    "plays-bad/text-is-a-number.parquet, text, column 'text' is int",
    "plays-columns.parquet, text, has no column 'text'; columns there: id (integer",
    "plays-columns.parquet, raw, column 'raw' is binary",
    "plays-columns.parquet, n, column 'n' is int",
    "plays-nulls.parquet, text, row 1 has null in column 'text'",
  })
  void theSharedBadFilesAreRefused(String name, String field, String message) {
    assumeTrue(Files.isDirectory(SHARED), "there are no shared corpora here");
    assertRefused(corpus(SHARED.resolve(name), field, false), message);
  }

  @Test
  void theSharedColumnsAreRead() throws IOException {
    assumeTrue(Files.isDirectory(SHARED), "there are no shared corpora here");
    Path columns = SHARED.resolve("plays-columns.parquet");
    assertThat(CorpusFormatsTest.documents(corpus(columns, "body", false))).isNotEmpty();
    assertThat(CorpusFormatsTest.documents(corpus(columns, "nest.inner", false))).isNotEmpty();
    Path nulls = SHARED.resolve("plays-nulls.parquet");
    assertThat(CorpusFormatsTest.documents(corpus(nulls, "text", true))).isNotEmpty();
  }
}
