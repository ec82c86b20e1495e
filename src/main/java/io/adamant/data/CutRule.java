package io.adamant.data;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.Set;

/**
 * Where a long document may be cut into pieces that are tokenized by themselves, so that the ids of
 * the pieces, one after the other, are those of the whole. Each tokenizer has its own rule, see
 * {@link Tokenizer#cuts}; a rule allows only what is proved for its tokenizer.
 *
 * <p>A character is solid if it is neither white space nor a control character, and plain if it is
 * a letter or digit that no normalization to Unicode changes: one of ASCII, or a letter of Latin,
 * Greek or Cyrillic that does not decompose.
 */
public enum CutRule {
  /** Nowhere. */
  NOWHERE,

  /** Between any two code points: each byte is a token. */
  ANYWHERE,

  /**
   * Before a single space and after a single line feed, between two solid characters; and, in a
   * text that has no such place for long, where a run of letters or of digits ends.
   *
   * <p>Proof for GPT-2's words {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|
   * ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}: no match goes on from a solid character to a space, from a
   * line feed to a solid character, or from a letter or digit to something else, so that a match
   * ends at the cut; no alternative looks back, so that the next match begins as it would in the
   * whole; and the only one that looks ahead begins with white space, which a single space before a
   * solid character or a single line feed matches in the whole and in the pieces alike.
   */
  WORDS,

  /** As {@link #WORDS}, but not where a run of letters ends: it may be inside an added token. */
  SPACES_AND_LINES,

  /** Before a single space between two solid characters. */
  SPACES,

  /** Before a single space between two plain characters. */
  PLAIN_SPACES,

  /**
   * At a single space between two plain characters, which is left out: the tokenizer puts one in
   * front of every text.
   */
  PLAIN_SPACES_LEFT_OUT;

  private static final Set<UnicodeScript> PLAIN =
      Set.of(UnicodeScript.LATIN, UnicodeScript.GREEK, UnicodeScript.CYRILLIC);

  /**
   * Where the first piece of a text ends.
   *
   * @param text of at least three characters
   * @param last index of the character that was read last
   * @param late whether the text has become long for want of a good place
   * @return index of the first character behind the piece; 0 for not yet
   */
  int end(CharSequence text, int last, boolean late) {
    char next = text.charAt(last);
    if (this == NOWHERE) {
      return 0;
    } else if (this == ANYWHERE) {
      return Character.isLowSurrogate(next) ? 0 : last;
    }
    char between = text.charAt(last - 1);
    if (between == ' ' && fits(next) && fits(text.charAt(last - 2))) {
      return last - 1;
    }
    boolean lines = this == WORDS || this == SPACES_AND_LINES;
    if (lines && between == '\n' && isSolid(next) && isSolid(text.charAt(last - 2))) {
      return last;
    }
    return (late && this == WORDS && endsRun(between, next)) ? last : 0;
  }

  /**
   * Where the next piece begins.
   *
   * @param end of the piece before it
   * @return the same, or one more where the character between is left out
   */
  int next(int end) {
    return this == PLAIN_SPACES_LEFT_OUT ? end + 1 : end;
  }

  private boolean fits(char c) {
    return (this == PLAIN_SPACES || this == PLAIN_SPACES_LEFT_OUT) ? isPlain(c) : isSolid(c);
  }

  private static boolean endsRun(char before, char after) {
    return !Character.isSurrogate(after)
        && ((Character.isLetter(before) && !Character.isLetter(after))
            || (isNumber(before) && !isNumber(after)));
  }

  private static boolean isNumber(char c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  static boolean isSolid(char c) {
    return !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c);
  }

  static boolean isPlain(char c) {
    if (c < 0x80) {
      return Character.isLetterOrDigit(c);
    }
    return Character.isLetter(c)
        && PLAIN.contains(UnicodeScript.of(c))
        && Normalizer.isNormalized(String.valueOf(c), Normalizer.Form.NFKD);
  }
}
