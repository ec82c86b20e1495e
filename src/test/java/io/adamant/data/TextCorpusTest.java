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
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCorpusTest {
  @TempDir Path folder;

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static List<String> documents(Corpus corpus) throws IOException {
    List<String> documents = new ArrayList<>();
    try (PieceSource source = corpus.open(Reading.STRICT)) {
      for (Optional<Piece> piece = source.next(); piece.isPresent(); piece = source.next()) {
        assertThat(piece.get().endsDocument()).isTrue();
        documents.add(piece.get().text());
        assertThat(source.fraction()).isBetween(0.0, 1.0);
      }
      assertThat(source.fraction()).isEqualTo(1.0);
    }
    return documents;
  }

  private Corpus corpus(Path path) {
    return Corpus.of("data.corpus", path.toString());
  }

  private String hash(Path path) {
    return corpus(path).contentSha256(new ContentHashes(folder.resolve("cache")));
  }

  @Test
  void readsFilesPlainAndCompressed() throws IOException {
    String text = "one\n<|endoftext|>\ntwo\n";
    Path plain = Files.writeString(folder.resolve("a.txt"), text);
    Path gz = Files.write(folder.resolve("a.txt.gz"), gzip(text));
    assertThat(documents(corpus(plain))).containsExactly("one\n", "two\n");
    assertThat(documents(corpus(gz))).containsExactly("one\n", "two\n");
    assertThat(corpus(gz).description()).isEqualTo("a.txt.gz");
  }

  @Test
  void readsADirectoryInTheOrderOfItsPaths() throws IOException {
    Path root = Files.createDirectories(folder.resolve("corpus"));
    Files.createDirectories(root.resolve("b/deep"));
    Files.createDirectories(root.resolve(".git"));
    Files.writeString(root.resolve("c.txt"), "fourth");
    Files.writeString(root.resolve("b/deep/x.txt"), "second\n<|endoftext|>\nthird");
    Files.write(root.resolve("a.gz"), gzip("first"));
    Files.writeString(root.resolve("b/.hidden"), "no");
    Files.writeString(root.resolve(".git/config"), "no");
    assertThat(documents(corpus(root))).containsExactly("first", "second\n", "third", "fourth");
    assertThat(corpus(root).description()).isEqualTo("corpus (3 files: a.gz, x.txt, c.txt)");
  }

  @Test
  void theHashIsOfContentAndOrderNotOfPlaces() throws IOException {
    Path first = Files.createDirectories(folder.resolve("first"));
    Path second = Files.createDirectories(folder.resolve("second"));
    Files.writeString(first.resolve("a"), "x");
    Files.writeString(first.resolve("b"), "y");
    Files.writeString(second.resolve("k"), "x");
    Files.writeString(second.resolve("l"), "y");
    assertThat(hash(first)).hasSize(64).isEqualTo(hash(second));
    Files.writeString(second.resolve("l"), "z");
    assertThat(hash(first)).isNotEqualTo(hash(second));
    Files.writeString(second.resolve("k"), "y");
    Files.writeString(second.resolve("l"), "x");
    assertThat(hash(first)).isNotEqualTo(hash(second));
  }

  @Test
  void refusesACorpusThatIsNotThere() {
    Path missing = folder.resolve("missing.txt");
    assertThatThrownBy(() -> corpus(missing))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "data.corpus: no file or directory '%s'; allowed: wordnet, djl:wikitext-2,"
                    .formatted(missing)
                + " djl:penn-treebank, or the path of a file or directory of text, JSON Lines,"
                + " Parquet or token shards");
    assertThatThrownBy(() -> Corpus.of("data.validation_corpus", "wordent"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "data.validation_corpus: no file or directory 'wordent' (did you mean 'wordnet'?)");
    assertThatThrownBy(() -> Corpus.of("data.corpus", "nowhere/text.txt"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "data.corpus: no file or directory 'nowhere/text.txt' (looked for "
                + Path.of("nowhere", "text.txt").toAbsolutePath()
                + "); allowed: wordnet");
    for (String odd : new String[] {"", "  ", "a\0b"}) {
      assertThatThrownBy(() -> Corpus.of("data.corpus", odd)).isInstanceOf(InputException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "*.txt, a.txt b.txt",
    "?.txt, a.txt b.txt",
    "*, a.txt b.txt notes.md",
    "**/*.txt, a.txt b.txt x/a.txt x/y/c.txt",
    "x/**, x/a.txt x/y/c.txt x/y/d.md",
    "*/*.txt, x/a.txt",
    "'{a,c}.txt', a.txt",
    "'[b-d].txt', b.txt",
    "'x/y/*.{md,txt}', x/y/c.txt x/y/d.md",
  })
  void aPatternFindsFilesInTheOrderOfTheirPaths(String pattern, String found) throws IOException {
    for (String base : List.of("plain", "[odd] {folder}*")) {
      Path root = Files.createDirectories(folder.resolve(base));
      Files.createDirectories(root.resolve("x/y"));
      Files.createDirectories(root.resolve(".hidden"));
      for (String name :
          List.of(
              "b.txt",
              "a.txt",
              "notes.md",
              "x/a.txt",
              "x/y/c.txt",
              "x/y/d.md",
              ".hidden/e.txt",
              ".f.txt")) {
        Files.writeString(root.resolve(name), name);
      }
      Files.createSymbolicLink(root.resolve("gone.link"), Path.of("nowhere"));
      Corpus corpus = corpus(root.resolve(pattern.equals("*") ? "[!g]*" : pattern));
      assertThat(String.join(" ", documents(corpus))).isEqualTo(found);
    }
  }

  @Test
  void aPatternWithoutFilesIsRefused() {
    assertThatThrownBy(() -> corpus(folder.resolve("*.txt")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "data.corpus: no file matches '%s/*.txt' (looked in %s)".formatted(folder, folder));
    assertThatThrownBy(() -> corpus(folder.resolve("[a.txt")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is no pattern of paths: ");
  }

  @Test
  void refusesAnEmptyDirectory() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Files.writeString(empty.resolve(".keep"), "");
    assertThatThrownBy(() -> corpus(empty))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("empty holds no files");
  }

  @Test
  void refusesDamagedGzipFiles() throws IOException {
    byte[] whole = gzip("text ".repeat(1000));
    Path cut = Files.write(folder.resolve("cut.gz"), Arrays.copyOf(whole, whole.length - 9));
    Path head = Files.write(folder.resolve("head.gz"), Arrays.copyOf(whole, 4));
    Path none = Files.writeString(folder.resolve("none.gz"), "just text, never compressed");
    for (Path file : List.of(cut, head, none)) {
      assertThatThrownBy(() -> documents(corpus(file)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file + " is not a complete gzip file");
    }
  }

  @Test
  void namesTheByteOfTheUncompressedText() throws IOException {
    Path file = folder.resolve("latin.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("caf".getBytes(StandardCharsets.UTF_8));
      out.write(new byte[] {(byte) 0xe9, '\n'});
    }
    assertThatThrownBy(() -> documents(corpus(file)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            file
                + " is not UTF-8 text: byte 0xe9 at byte offset 3 of the uncompressed text; convert"
                + " it to UTF-8");
  }
}
