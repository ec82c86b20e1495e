package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.base.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed files and JSON Lines, as gzip, xz, zstd and Python's json wrote them. */
class CorpusFormatsTest {
  /** The documents of the fixtures; an empty and a blank one are left out. */
  private static final List<String> DOCUMENTS =
      List.of(
          "First document.\n",
          "Zweites Dokument: größer, 日本語, ελληνικά, 😀.",
          "quotes \" and \\ backslash\tand tab",
          "before <|endoftext|> after\n<|endoftext|>\nstill the same document",
          "last one\n\n");

  private static final Path SHARED = Path.of("../shared/corpora/formats");

  @TempDir Path folder;

  private static Path fixture(String name) {
    try {
      return Path.of(CorpusFormatsTest.class.getResource("/corpora/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> documents(Corpus corpus) throws IOException {
    List<String> documents = new ArrayList<>();
    StringBuilder document = new StringBuilder();
    try (PieceSource source = corpus.open(Reading.STRICT)) {
      for (Optional<Piece> piece = source.next(); piece.isPresent(); piece = source.next()) {
        document.append(piece.get().text());
        if (piece.get().endsDocument()) {
          documents.add(document.toString());
          document.setLength(0);
        }
        assertThat(source.fraction()).isBetween(0.0, 1.0);
      }
    }
    assertThat(document).isEmpty();
    return documents;
  }

  private static List<String> documents(Path file) throws IOException {
    return documents(Corpus.of("data.corpus", file.toString()));
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private Path file(String name, String content) throws IOException {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> documents(file))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageNotContaining("\n")
        .message()
        .contains(parts);
  }

  /** Members, frames with and without a checksum, a skippable frame, streams and padding. */
  @ParameterizedTest
  @ValueSource(strings = {"", ".gz", ".zst", ".xz"})
  void documentsAreTheSameHoweverTheyAreCompressed(String ending) throws IOException {
    Path file = fixture("documents.jsonl" + ending);
    assertThat(documents(file)).isEqualTo(DOCUMENTS);
    assertThat(documents(file("no-ending", Files.readAllBytes(file)))).isEqualTo(DOCUMENTS);
  }

  @Test
  void aWindowOf128MebibytesIsReadAndALargerOneNamed() throws IOException {
    String text = String.join("", documents(fixture("far.txt.zst")));
    assertThat(text).hasSize(12_000_000 + 1 + 2 * 23).endsWith("\nneedle in the distance\n");
    assertRefused(fixture("wide.zst"), "a window of more than 128 MiB", "at byte offset 0;");
  }

  @ParameterizedTest
  @ValueSource(strings = {".gz", ".zst", ".xz"})
  void everyMissingByteIsFound(String ending) throws IOException {
    byte[] whole = Files.readAllBytes(fixture("documents.jsonl" + ending));
    int complete = 0;
    for (int length = 0; length < whole.length; length++) {
      Path cut = file("cut.jsonl" + ending, Arrays.copyOf(whole, length));
      try {
        documents(cut);
        complete++; // up to the border of two members, and padding
      } catch (InputException e) {
        String format = ending.equals(".zst") ? "zstd" : ending.equals(".gz") ? "gzip" : "xz";
        assertThat(e)
            .hasMessageStartingWith(cut + " is not a complete " + format + " file: ")
            .hasMessageMatching(".*, at byte offset \\d+; .*");
      }
    }
    assertThat(complete).isEqualTo(ending.equals(".gz") ? 1 : ending.equals(".zst") ? 2 : 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {".zst", ".xz"})
  void noChangedByteGoesUnnoticed(String ending) throws IOException {
    byte[] whole = Files.readAllBytes(fixture("checked.jsonl" + ending));
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      for (int bit : new int[] {1, 16, 128}) {
        byte[] changed = whole.clone();
        changed[at] ^= (byte) bit;
        Path file = file("changed.jsonl" + ending, changed);
        try {
          assertThat(documents(file)).as("byte " + at).isEqualTo(DOCUMENTS);
        } catch (InputException e) {
          refused++;
          assertThat(e).hasMessageStartingWith(file.toString()).hasMessageNotContaining("\n");
        }
      }
    }
    assertThat(refused).isGreaterThan(3 * whole.length - 30);
  }

  @ParameterizedTest
  @CsvSource({".gz, gzip, member", ".zst, zstd, frame", ".xz, xz, stream"})
  void whatFollowsTheLastByteIsRefusedWithItsPlace(String ending, String format, String part)
      throws IOException {
    byte[] whole = Files.readAllBytes(fixture("checked.jsonl" + ending));
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.writeBytes(whole);
    longer.writeBytes("rubbish, long enough to be a header".getBytes(StandardCharsets.UTF_8));
    String message = " is not a complete " + format + " file: ";
    Path file = file("longer.jsonl" + ending, longer.toByteArray());
    assertRefused(file, message);
    if (!ending.equals(".xz")) {
      assertRefused(file, "bytes after a " + part + " that are no", " byte offset " + whole.length);
    }
    assertRefused(file("text.jsonl" + ending, "just text, never compressed"), message);
  }

  @Test
  void aDocumentOfManyPiecesIsOne() throws IOException {
    String text = "one two <|endoftext|>\n<|endoftext|>\n".repeat(20_000);
    String json = "\n{\"text\": \"" + text.replace("\n", "\\n") + "\"}\r\n\n{\"text\": \"b\"}";
    Path file = file("long.jsonl", json);
    assertThat(documents(file)).isEqualTo(List.of(text, "b"));
    try (PieceSource source = Corpus.of("data.corpus", file.toString()).open(Reading.STRICT)) {
      assertThat(source.next().orElseThrow().text().length()).isLessThan(PieceReader.LIMIT);
    }
  }

  /** The ids are those of ordinary text, with end-of-text after the document alone. */
  @Test
  void aMarkWithinADocumentIsText() {
    String mark = TextCorpus.SEPARATOR;
    for (Tokenizer tokenizer : List.of(new BytesTokenizer(), new Gpt2Tokenizer(300))) {
      int[] ids = tokenizer.encode("a" + mark + "b");
      assertThat(ids).doesNotContain(tokenizer.endOfText());
      assertThat(tokenizer.decode(ids)).isEqualTo("a" + mark + "b");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"body\": \"x\", \"m\": {\"url\": 1}} | line 2 has no field 'text'; fields there: body, m.url",
        "{\"text\": 7} | line 2 has number in field 'text'; expected: a string",
        "{\"text\": null} | line 2 has null in field 'text'; expected: a string (nulls: skip",
        "{\"text\": [\"x\"]} | line 2 has array in field 'text'; expected: a string",
        "{\"text\": \"\\ud800 x\"} | line 2 has a lone surrogate in field 'text'",
        "{\"text\": \"x\" | line 2 is not JSON: Unexpected end-of-input",
        "{\"text\": \"x\"} y | line 2 is not JSON: ",
        "{\"text\": \"x\", \"text\": \"y\"} | line 2 is not JSON: Duplicate field 'text'",
        "plain words | line 2 is not JSON: ",
        "[1] | line 2 is not a JSON object; expected: one object a line",
        "7 | line 2 is not a JSON object",
      })
  void aLineThatIsNoDocumentIsRefusedWithItsNumber(String line, String message) throws IOException {
    for (String name : List.of("bad.jsonl", "bad.json", "bad.ndjson", "bad.txt")) {
      assertRefused(file(name, "{\"text\": \"fine\"}\n" + line + "\n"), " " + message);
    }
  }

  @Test
  void aJsonArrayIsCalledByItsName() throws IOException {
    assertRefused(
        file("a.json", "[\n{\"text\": \"x\"}\n]\n"), " is a JSON array, which is not read");
    assertRefused(
        file("b.json", "{\n\"text\": \"x\"\n}\n"), " line 1 is not JSON: ", "one object a line");
  }

  @Test
  void binaryDataIsCalledSo() throws IOException {
    byte[] random = new byte[100_000];
    new Random(1).nextBytes(random);
    random[0] = 'x';
    assertRefused(file("r.txt", random), " is binary data, which is not read; ");
    assertRefused(file("r.jsonl", random), " is binary data, which is not read; ");
    byte[] numbers = new byte[4000];
    for (int i = 0; i < numbers.length; i += 4) {
      numbers[i] = (byte) (1 + i % 50);
    }
    assertRefused(file("n.dat", numbers), " is binary data, which is not read; ");
    byte[] wide = "some words, no mark".getBytes(StandardCharsets.UTF_16LE);
    assertRefused(file("w.txt", wide), " is UTF-16 text, which is not read; ");
    // A slip in a text keeps its place.
    assertRefused(file("t.txt", "long text ".repeat(30) + "\0"), "a zero byte at byte offset 300;");
    byte[] latin = "caf\u00e9 au lait\n".repeat(20).getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(file("l.txt", latin), "byte 0xe9 at byte offset 3;");
    assertThat(documents(file("c.txt", "\u001b[1mbold\u001b[0m\f\n"))).hasSize(1);
  }

  /** What the same name and content could be read as decides, and nothing else. */
  @Test
  void identitiesOfTextStayAndOthersDiffer() throws IOException {
    ContentHashes hashes = new ContentHashes(folder.resolve("cache"));
    List<String> seen = new ArrayList<>();
    for (String name : List.of("a.txt", "a.jsonl", "a.txt.gz", "a.txt.zst", "a.txt.xz")) {
      Path file = file(name, "{}");
      seen.add(Corpus.of("data.corpus", file.toString()).contentSha256(hashes));
    }
    assertThat(seen).doesNotHaveDuplicates();
    assertThat(seen.get(0))
        .isEqualTo("1a9adca0fbb3d6b3426c9a183545288d7cfd79b5456c3bd53740725ca8438c4f");
  }

  @ParameterizedTest
  @ValueSource(strings = {".gz", ".xz", ".zst"})
  void theSharedPlaysAreTheSame(String ending) throws IOException {
    assumeTrue(Files.isDirectory(SHARED), "there are no shared corpora here");
    List<String> plays = documents(SHARED.resolve("plays.jsonl"));
    assertThat(plays).hasSize(83);
    assertThat(documents(SHARED.resolve("plays.jsonl" + ending))).isEqualTo(plays);
  }

  @ParameterizedTest
  @CsvSource({
    "cut.jsonl.gz, is not a complete gzip file",
    "cut.jsonl.zst, is not a complete zstd file",
    "field-missing.jsonl, line 2 has no field 'text'",
    "lone-surrogate.jsonl, line 1 has a lone surrogate",
    "not-json.jsonl, is not JSON",
    "null.jsonl, has null in field 'text'",
    "number.jsonl, has number in field 'text'"
  })
  void theSharedBadFilesAreRefused(String name, String message) {
    assumeTrue(Files.isDirectory(SHARED), "there are no shared corpora here");
    assertRefused(SHARED.resolve("plays-bad").resolve(name), message);
  }
}
