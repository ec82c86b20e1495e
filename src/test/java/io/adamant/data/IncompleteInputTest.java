package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Input that is damaged, or not what is read, is never trained on without a word. */
class IncompleteInputTest {

  @TempDir Path folder;

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  /** The whole text, without the borders of documents. */
  private static String text(Path path) throws IOException {
    StringBuilder text = new StringBuilder();
    try (PieceSource source = Corpus.of("data.corpus", path.toString()).open(Reading.STRICT)) {
      for (Optional<Piece> piece = source.next(); piece.isPresent(); piece = source.next()) {
        text.append(piece.get().text());
      }
    }
    return text.toString();
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> text(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageNotContaining("\n")
        .message()
        .contains(parts);
  }

  @Test
  void membersAndPaddingAreReadToTheLastByte() throws IOException {
    byte[] two = joined(gzip("one "), gzip(""), gzip("two "), new byte[777]);
    assertThat(text(file("a.gz", two))).isEqualTo("one two ");

    List<byte[]> members = new ArrayList<>();
    StringBuilder whole = new StringBuilder();
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      String part = Integer.toString(random.nextInt(), 36).repeat(1 + random.nextInt(400));
      whole.append(part).append('\n');
      members.add(gzip(part + "\n"));
    }
    assertThat(text(file("b.txt.gz", joined(members.toArray(new byte[0][])))))
        .isEqualTo(whole + "");
  }

  @Test
  void bytesBetweenMembersAreNamedWithTheirPlace() throws IOException {
    byte[] first = gzip("the first half\n");
    byte[] second = gzip("the second half\n");
    for (byte[] between : List.of(new byte[] {'x'}, new byte[] {0, 0, 31}, new byte[] {31, 7})) {
      Path file = file("c.gz", joined(first, between, second));
      int offset = between[0] == 0 ? first.length + 2 : first.length;
      assertRefused(file, "is not a complete gzip file", "at byte offset " + offset + ";");
    }
  }

  @Test
  void everyMissingAndEveryChangedByteIsFound() throws IOException {
    byte[] whole = joined(gzip("some text, long enough\n"), gzip("and some more of it\n"));
    int first = gzip("some text, long enough\n").length;
    for (int length = 1; length < whole.length; length++) {
      if (length != first) { // a whole file, too
        assertRefused(file("cut.gz", Arrays.copyOf(whole, length)), "is not a complete gzip file");
      }
    }
    for (int at = 0; at < whole.length; at++) {
      if ((at >= 4 && at < 10) || (at >= first + 4 && at < first + 10)) {
        continue; // time and system, which say nothing of the text
      }
      byte[] changed = whole.clone();
      changed[at] ^= 4;
      String read;
      try {
        read = text(file("changed.gz", changed));
      } catch (InputException e) {
        continue;
      }
      // The bits that fill up the last byte of the data mean nothing.
      assertThat(read).as("byte " + at).isEqualTo("some text, long enough\nand some more of it\n");
    }
  }

  @Test
  void gzipIsKnownWithoutItsName() throws IOException {
    assertThat(text(file("story.txt", gzip("a tale\n")))).isEqualTo("a tale\n");
    assertThat(text(file("STORY.GZ", gzip("a tale\n")))).isEqualTo("a tale\n");
  }

  @ParameterizedTest
  @CsvSource({
    "c.bz2, 425a68393141592653590102, bzip2 compressed",
    "d, 04224d186440, lz4 compressed",
    "e.zip, 504b030414000000, a zip archive",
    "f.txt, 504152311504150015, a cut or compressed Parquet file",
    "g.arrow, 4152524f57310000ff, Arrow",
    "h.txt, fffe680069000a00, UTF-16 text",
    "i.txt, feff00680069000a, UTF-16 text",
    "j.pdf, 255044462d312e37, PDF",
    "k.npy, 934e554d50590100, a NumPy array",
  })
  void aFormatIsCalledByItsName(String name, String bytes, String format) throws IOException {
    byte[] content = HexFormat.of().parseHex(bytes);
    assertRefused(file(name, content), " is " + format + ", which is not read; ");

    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(content);
    }
    assertRefused(file(name + ".gz", compressed.toByteArray()), " is " + format + ", which");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{not json}\n",
        "{ \"a quotation\" }\n",
        "{}\n",
        "[1] See below.\n",
        "PAR1 is a code.\n",
        "ORCHIDS\n",
        "BZh, he said.\n",
        "{\"a\": 1} is JSON.\n"
      })
  void textThatOnlyBeginsLikeAFormatIsRead(String line) throws IOException {
    assertThat(text(file("x.txt", line.getBytes(StandardCharsets.UTF_8)))).isEqualTo(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "one\ntwo <|endoftext|> three\n",
        "one\n<|endoftext|>two\n",
        "one\ntwo<|endoftext|>",
        "one\n<|endoftext|> \n",
        "one\n <|endoftext|>\n",
        "one\n<<|endoftext|>\n",
        "one\n<|endoftext|><|endoftext|>\n",
      })
  void aMarkWithinALineIsRefused(String text) throws IOException {
    Path file = file("marks.txt", text.getBytes(StandardCharsets.UTF_8));
    assertRefused(file, "has <|endoftext|> within line 2; documents are separated by lines of");
  }

  @Test
  void aMarkFarIntoALongLineIsRefused() throws IOException {
    String far = "ab ".repeat(300_000) + "<|endoftext|> c";
    assertRefused(file("far.txt", far.getBytes(StandardCharsets.UTF_8)), "within line 1;");
    String near = "<|endoftext|\n|>\n<|endoftex|>\n";
    assertThat(text(file("near.txt", near.getBytes(StandardCharsets.UTF_8)))).isEqualTo(near);
  }

  @Test
  void hiddenFoldersAreNotEnteredAndLinksToNothingAreNamed() throws IOException {
    Path corpus = Files.createDirectories(folder.resolve(".corpus"));
    Files.writeString(corpus.resolve("a.txt"), "text\n");
    Path hidden = Files.createDirectories(corpus.resolve("sub/.git"));
    Files.createSymbolicLink(hidden.resolve("up"), corpus);
    Files.createSymbolicLink(corpus.resolve(".link"), Path.of("nowhere"));
    assertThat(text(corpus)).isEqualTo("text\n");

    Path dangling = Files.createSymbolicLink(corpus.resolve("sub/b.txt"), Path.of("../../gone"));
    assertThatThrownBy(() -> text(corpus))
        .isInstanceOf(InputException.class)
        .hasMessage("data.corpus: " + dangling + " is a link to a file that is not there");
    Files.delete(dangling);

    Path loop = Files.createSymbolicLink(corpus.resolve("sub/loop"), corpus);
    assertThatThrownBy(() -> text(corpus))
        .isInstanceOf(InputException.class)
        .hasMessage("data.corpus: cannot read " + loop + ": its symbolic links form a loop");
  }
}
