package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PieceReaderTest {
  private static final Gpt2Tokenizer GPT2 = new Gpt2Tokenizer(1024);

  private static final int NO_LIMIT = 1 << 30;

  private static List<Piece> pieces(InputStream in, int target) throws IOException {
    return pieces(in, target, NO_LIMIT);
  }

  private static List<Piece> pieces(InputStream in, int target, int limit) throws IOException {
    return pieces(new PieceReader(in, "x.txt", Reading.STRICT, target, limit, PieceReader.MOST));
  }

  private static PieceReader reader(String text, CutRule cuts, int target, int limit, int most) {
    InputStream in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    return new PieceReader(in, "x.txt", new Reading(cuts, false), target, limit, most);
  }

  private static List<Piece> pieces(PieceReader reader) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    for (Optional<Piece> p = reader.next(); p.isPresent(); p = reader.next()) {
      pieces.add(p.get());
    }
    assertThat(reader.next()).isEmpty();
    return pieces;
  }

  private static List<Piece> pieces(String text, int target) throws IOException {
    return pieces(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), target);
  }

  private static List<String> documents(String text, int target) throws IOException {
    List<String> documents = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    for (Piece piece : pieces(text, target)) {
      current.append(piece.text());
      if (piece.endsDocument()) {
        documents.add(current.toString());
        current.setLength(0);
      }
    }
    assertThat(current).isEmpty();
    return documents;
  }

  @Test
  void separatorLinesDivideDocuments() throws IOException {
    String text =
        "<|endoftext|>\none\ntwo\n<|endoftext|>\r\n\n<|endoftext|>\nx <|endoftext\n|endoftext|>"
            + " y\nz\n<|endoftext|>";
    String last = "x <|endoftext\n|endoftext|> y\nz\n";
    for (int target : new int[] {2, 3, 7, 1000}) {
      assertThat(documents(text, target)).containsExactly("one\ntwo\n", last);
    }
    assertThat(documents("", 10)).isEmpty();
    assertThat(documents(" \n\n", 10)).isEmpty();
    for (int target : new int[] {2, 5, 10, 1000}) {
      for (String within : new String[] {"a<|endoftext|>", "a a a a a a<|endoftext|>\n"}) {
        assertThatThrownBy(() -> documents(within, target))
            .isInstanceOf(InputException.class)
            .hasMessageStartingWith("x.txt has <|endoftext|> within line 1; ");
      }
      assertThatThrownBy(() -> documents("a\n<|endoftext|>b", target))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("x.txt has <|endoftext|> within line 2; ");
    }
  }

  /** Words, runs of every kind of space, signs, marks and characters outside the plane. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "a",
            "word",
            " ",
            "  ",
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            "'s",
            "'",
            "12",
            "!",
            "é",
            "\u0301",
            "\u00a0",
            "\u0085",
            "x86",
            "ⅷ",
            "'ll",
            "𐐀",
            "\u3000",
            "漢字",
            "😀",
            " the",
            "<|endoftext",
            "\n<|endoftext|>\n")
        .list()
        .ofMaxSize(60)
        .map(parts -> String.join("", parts));
  }

  @Property(tries = 500)
  void piecesHaveTheTokensOfTheWhole(
      @ForAll("texts") String text,
      @ForAll @IntRange(min = 2, max = 40) int target,
      @ForAll @IntRange(min = 0, max = 40) int more)
      throws IOException {
    List<Piece> whole = pieces(text, 1 << 20);
    List<Piece> cut =
        pieces(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), target, target + more);
    assertThat(tokens(cut)).isEqualTo(tokens(whole));
  }

  /** The tokens of all pieces, end-of-text included. */
  private static List<Integer> tokens(List<Piece> pieces) {
    List<Integer> tokens = new ArrayList<>();
    for (Piece piece : pieces) {
      Arrays.stream(GPT2.encode(piece.text())).forEach(tokens::add);
      if (piece.endsDocument()) {
        tokens.add(GPT2.endOfText());
      }
    }
    return tokens;
  }

  @Test
  void longDocumentsAreCut() throws IOException {
    List<Piece> pieces = pieces("some words and more ".repeat(50), 100);
    assertThat(pieces).hasSizeBetween(8, 10);
    assertThat(pieces.stream().filter(Piece::endsDocument)).hasSize(1);
    assertThat(pieces.get(pieces.size() - 1).endsDocument()).isTrue();
  }

  @Test
  void bytesAreCutBetweenAnyTwoCodePoints() throws IOException {
    for (String unit : new String[] {"x", "😀", "\n"}) {
      String text = "a" + unit.repeat(1000);
      List<Piece> pieces = pieces(reader(text, CutRule.ANYWHERE, 30, 50, 60));
      assertThat(pieces.size()).isGreaterThan(10);
      StringBuilder joined = new StringBuilder();
      for (Piece piece : pieces) {
        assertThat(piece.text().length()).isLessThanOrEqualTo(32);
        assertThat(piece.text()).doesNotMatch("(?s)^[\\x{DC00}-\\x{DFFF}].*");
        joined.append(piece.text());
      }
      assertThat(joined.toString()).isEqualTo(text);
    }
  }

  @Test
  void separatorsAreFoundWhereverACutCouldBe() throws IOException {
    for (int before = 0; before < 40; before++) {
      for (String end : new String[] {"\n", "\r\n"}) {
        String text = "a".repeat(before) + "\n<|endoftext|>" + end + "b";
        List<Piece> pieces = pieces(reader(text, CutRule.ANYWHERE, 5, 5, 100));
        assertThat(pieces.stream().filter(Piece::endsDocument)).hasSize(before == 0 ? 1 : 2);
        assertThat(pieces.get(pieces.size() - 1).text()).isEqualTo("b");
      }
    }
  }

  /** Where a cut falls inside a long line, the rest of that line is no line of its own. */
  @Test
  void theRestOfACutLineIsNoSeparator() {
    for (int before = 30; before < 70; before++) {
      String text = "x".repeat(before) + "<|endoftext|>\nb";
      assertThatThrownBy(() -> pieces(reader(text, CutRule.ANYWHERE, 3, 50, 60)))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("x.txt has <|endoftext|> within line 1; ");
    }
  }

  @Test
  void whatCannotBeCutStaysWholeAndIsRefusedByNameWhereItIsTooLong() throws IOException {
    String words = "one\n<|endoftext|>\n" + "some words ".repeat(10);
    List<Piece> whole = pieces(reader(words, CutRule.NOWHERE, 3, 50, 110));
    assertThat(whole).extracting(Piece::text).containsExactly("one\n", "some words ".repeat(10));
    for (String end : new String[] {"", "\n<|endoftext|>\nthree", "\n<|endoftext|>\r\nthree"}) {
      int length = end.isEmpty() ? 1110 : 1111;
      assertThatThrownBy(
              () -> pieces(reader(words + "!".repeat(1000) + end, CutRule.NOWHERE, 3, 50, 110)))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(
              "x.txt: document 2 has %,d characters, and its tokenizer cannot", length)
          .hasMessageContaining("the most is 110:")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void shortReadsChangeNothing() throws IOException {
    String text = "\ufeffdrei Bäume, 漢字 and 😀\n<|endoftext|>\nmore";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    InputStream slow =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(1, length));
          }
        };
    assertThat(pieces(slow, 10)).isEqualTo(pieces(text, 10));
    assertThat(documents(text, 10)).containsExactly("drei Bäume, 漢字 and 😀\n", "more");
  }

  @Test
  void saysWhereAFileStopsBeingText() {
    for (int before : new int[] {0, 5, 16_383, 16_384, 65_536, 200_001}) {
      assertThatThrownBy(() -> pieces(garbage(before, 0xff, 0x41), 100))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "x.txt is not UTF-8 text: byte 0xff at byte offset "
                  + before
                  + "; convert it to UTF-8");
      assertThatThrownBy(() -> pieces(garbage(before, 0), 100))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("a zero byte at byte offset " + before);
      assertThatThrownBy(() -> pieces(garbage(before, 0xe6, 0xbc), 100)) // a character cut short
          .isInstanceOf(InputException.class)
          .hasMessageContaining("byte 0xe6 at byte offset " + before);
    }
  }

  /** Two-byte characters (and one letter if the length is odd), then the given bytes. */
  private static InputStream garbage(int before, int... then) {
    byte[] bytes = new byte[before + then.length];
    for (int i = before % 2; i + 1 < before; i += 2) {
      bytes[i] = (byte) 0xc3;
      bytes[i + 1] = (byte) 0xa9;
    }
    if (before % 2 == 1) {
      bytes[0] = 'a';
    }
    for (int i = 0; i < then.length; i++) {
      bytes[before + i] = (byte) then[i];
    }
    return new ByteArrayInputStream(bytes);
  }
}
