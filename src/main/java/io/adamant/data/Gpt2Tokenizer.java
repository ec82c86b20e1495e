package io.adamant.data;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import io.adamant.base.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * GPT-2's byte-level byte-pair encoding, whole (50,257 ids) or cut to a vocabulary of N.
 *
 * <p>Byte-pair encoding merges the adjacent pair of lowest rank until no pair has a rank, and a
 * token's id is its rank. A cut vocabulary keeps the first N−1 ranks and gives end-of-text the id
 * N−1: it is what training the encoding with fewer merges would have given, because merges are
 * ranked in the order of their discovery. The first 256 ranks are the bytes, so every text can be
 * encoded from N = 257 on. The ranks are those of {@code r50k_base} in the jtokkit package.
 *
 * <p>The text {@code <|endoftext|>} inside a document is encoded like any other text.
 *
 * <p>Time and memory grow with a text's length, whatever words it has. Merging takes quadratic time
 * in a word, or several objects a byte, so a word of thousands of characters, as texts without
 * spaces have, is encoded in stretches that overlap, each joined to the next at a token that both
 * have at the same place. What this gives is the encoding of the whole word:
 *
 * <ol>
 *   <li>In the encoding of any text, two neighbouring tokens are the encoding of their two texts
 *       together. For no merge crosses the borders of tokens that are there at the end, so the
 *       merges between two of these borders are those that would happen there alone.
 *   <li>A sequence of tokens whose neighbours are all of that kind is the encoding of its text.
 *       Otherwise take the first merge in the text that crosses a border of the sequence: until
 *       then all that happened in the two tokens beside it is what happens in these two alone,
 *       where this merge, of the lowest rank in the whole text, would be the next as well; but
 *       alone no merge crosses that border.
 *   <li>Every pair of neighbours in the joined sequence is a pair of one stretch's encoding.
 * </ol>
 */
public final class Gpt2Tokenizer implements Tokenizer {
  /** The name of this tokenizer in a configuration. */
  public static final String NAME = "gpt2";

  /** The size of the whole vocabulary. */
  public static final int FULL_SIZE = 50_257;

  /** The smallest vocabulary: 256 bytes and end-of-text. */
  public static final int SMALLEST_SIZE = 257;

  private static final String RANKS = "/com/knuddels/jtokkit/r50k_base.tiktoken";

  /** How GPT-2 cuts text into words before merging. */
  static final Pattern WORDS =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  /** Characters of a word, at least, that is encoded in stretches. */
  private static final int LONG = 1024;

  /** Bytes of a stretch: up to here jtokkit merges in an array. */
  private static final int STRETCH = 480;

  /**
   * The share of a stretch, at least, that is in the next one too: the longest token has 128 bytes.
   */
  private static final int OVERLAP = 3;

  private final int vocab;
  private final Encoding encoding;

  /** Bytes of each token. */
  private final int[] lengths;

  /**
   * Builds the tokenizer.
   *
   * @param vocab the vocabulary size N, between 257 and 50,257
   * @throws InputException if the size is out of range
   */
  public Gpt2Tokenizer(int vocab) {
    if (vocab > FULL_SIZE) {
      throw new InputException(
          "data.vocab: %s is larger than the vocabulary of tokenizer 'gpt2', which is %s"
              .formatted(vocab, FULL_SIZE));
    }
    if (vocab < SMALLEST_SIZE) {
      throw new InputException(
          "data.vocab: %s is too small for tokenizer 'gpt2'; allowed: %s (256 bytes and end-of-text) to %s"
              .formatted(vocab, SMALLEST_SIZE, FULL_SIZE));
    }
    this.vocab = vocab;
    String name = "gpt2 cut to " + vocab;
    IdentityHashMap<byte[], Integer> ranks = ranks(vocab - 1);
    this.lengths = new int[vocab];
    ranks.forEach((bytes, rank) -> lengths[rank] = bytes.length);
    EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
    registry.registerGptBytePairEncoding(
        new GptBytePairEncodingParams(name, WORDS, ranks, Map.of(TextCorpus.SEPARATOR, vocab - 1)));
    this.encoding =
        registry
            .getEncoding(name)
            .orElseThrow(() -> new IllegalStateException("jtokkit lost the encoding " + name));
  }

  /**
   * The first {@code count} byte sequences with their ranks; jtokkit only iterates over the map.
   */
  static IdentityHashMap<byte[], Integer> ranks(int count) {
    IdentityHashMap<byte[], Integer> ranks = new IdentityHashMap<>(count);
    InputStream in = Encodings.class.getResourceAsStream(RANKS);
    if (in == null) {
      throw new IllegalStateException("the jtokkit package has no " + RANKS);
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int space = line.indexOf(' ');
        int rank = Integer.parseInt(line.substring(space + 1));
        if (rank < count) {
          ranks.put(Base64.getDecoder().decode(line.substring(0, space)), rank);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RANKS + " of the jtokkit package", e);
    }
    if (ranks.size() != count) {
      throw new IllegalStateException(
          "%s has %s of the first %s ranks".formatted(RANKS, ranks.size(), count));
    }
    return ranks;
  }

  @Override
  public int[] encode(String text) {
    if (!mayHaveLongWord(text)) {
      return encoding.encodeOrdinary(text).toArray();
    }
    IntArrayList tokens = new IntArrayList(text.length() / 4);
    for (Matcher words = WORDS.matcher(text); words.find(); ) {
      String word = words.group();
      if (word.length() > LONG) {
        tokens = encodeLong(word.getBytes(StandardCharsets.UTF_8), tokens);
      } else {
        add(encoding.encodeOrdinary(word), 0, Integer.MAX_VALUE, tokens);
      }
    }
    return tokens.toArray();
  }

  /** Whether there is no space after something solid, where a word ends, for long. */
  private static boolean mayHaveLongWord(String text) {
    for (int from = 0; text.length() - from > LONG; ) {
      int at = from + LONG;
      while (at > from && !(text.charAt(at) == ' ' && CutRule.isSolid(text.charAt(at - 1)))) {
        at--;
      }
      if (at == from) {
        return true;
      }
      from = at;
    }
    return false;
  }

  /** Appends the tokens of a long word; the list with them. */
  private IntArrayList encodeLong(byte[] word, IntArrayList tokens) {
    int before = tokens.size();
    for (int size = STRETCH; size < word.length; size *= 16) {
      if (encodeStretches(word, size, tokens)) {
        return tokens;
      }
      IntArrayList head = new IntArrayList(before);
      add(tokens, 0, before, head);
      tokens = head;
    }
    add(stretch(word, 0, word.length), 0, Integer.MAX_VALUE, tokens);
    return tokens;
  }

  /**
   * Appends the tokens of a word; false, with some of them, if two stretches have no token in
   * common.
   */
  boolean encodeStretches(byte[] word, int size, IntArrayList tokens) {
    int start = 0;
    int end = border(word, size);
    IntArrayList stretch = stretch(word, start, end);
    int first = 0; // its first token that is not taken yet, and where it begins
    int at = 0;
    while (end < word.length) {
      int next = 0; // where the next stretch begins: with a token of this one, and a character
      int mine = first;
      int last = end - size / OVERLAP;
      for (int i = first, p = at; p <= last && i < stretch.size(); p += lengths[stretch.get(i++)]) {
        if (p > start && isBorder(word, p)) {
          next = p;
          mine = i;
        }
      }
      if (next == 0) {
        return false;
      }
      int nextEnd = border(word, next + size);
      IntArrayList other = stretch(word, next, nextEnd);
      int theirs = 0;
      int p = next;
      int q = next;
      while (mine < stretch.size()
          && theirs < other.size()
          && (p != q || stretch.get(mine) != other.get(theirs))) {
        if (p <= q) {
          p += lengths[stretch.get(mine++)];
        } else {
          q += lengths[other.get(theirs++)];
        }
      }
      if (mine == stretch.size() || theirs == other.size()) {
        return false;
      }
      add(stretch, first, mine + 1, tokens);
      first = theirs + 1;
      at = q + lengths[other.get(theirs)];
      start = next;
      end = nextEnd;
      stretch = other;
    }
    add(stretch, first, Integer.MAX_VALUE, tokens);
    return true;
  }

  private IntArrayList stretch(byte[] word, int start, int end) {
    return encoding.encodeOrdinary(new String(word, start, end - start, StandardCharsets.UTF_8));
  }

  /** The last place up to {@code at} where a character begins, or the word's end. */
  private static int border(byte[] word, int at) {
    int border = Math.min(at, word.length);
    while (border < word.length && !isBorder(word, border)) {
      border--;
    }
    return border;
  }

  private static boolean isBorder(byte[] word, int at) {
    return (word[at] & 0xc0) != 0x80;
  }

  private static void add(IntArrayList from, int start, int end, IntArrayList to) {
    for (int i = start; i < Math.min(end, from.size()); i++) {
      to.add(from.get(i));
    }
  }

  @Override
  public String decode(int[] tokens) {
    IntArrayList list = new IntArrayList(tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= vocab) {
        throw new IllegalArgumentException(
            "token must be between 0 and " + (vocab - 1) + ", found " + token);
      }
      list.add(token);
    }
    return encoding.decode(list);
  }

  @Override
  public int vocabularySize() {
    return vocab;
  }

  @Override
  public int endOfText() {
    return vocab - 1;
  }

  @Override
  public OptionalInt bytesOf(int token) {
    return OptionalInt.of(lengths[token]);
  }

  @Override
  public CutRule cuts() {
    return CutRule.WORDS;
  }

  @Override
  public String identity() {
    return "gpt2 r50k_base " + vocab;
  }
}
