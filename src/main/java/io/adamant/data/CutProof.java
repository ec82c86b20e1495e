package io.adamant.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@link CutRule} of a {@code tokenizer.json}, from its added tokens, normalizer, pre-tokenizer
 * and model. What is not known to be safe counts as unsafe, so that no rule is wrong for a part of
 * the library that does not exist yet.
 *
 * <p>A cut changes nothing if each step of the library does to two pieces what it does to the
 * whole:
 *
 * <ol>
 *   <li>Added tokens are looked for first. None lies across a cut, because none has white space
 *       next to something else; one that swallows the white space before it forbids cuts after a
 *       line feed, one that swallows that behind it all cuts.
 *   <li>The normalizer works character by character, or is a Unicode normalization, which never
 *       joins or reorders anything across a space or a line feed. Where it can turn a solid
 *       character into white space, the cut is between plain ones.
 *   <li>Either the pre-tokenizer ends a word at every cut, and the model sees one word at a time;
 *       or there are no words, and no merge of the byte-pair encoding has the sign for a space
 *       behind something else, so that no merge ever crosses the cut and those on both sides happen
 *       as they would alone.
 * </ol>
 */
final class CutProof {
  /**
   * Alternatives of patterns that cut a text into words: none goes on from a solid character to a
   * space or from a line feed to a solid character, none looks back, and none takes the end of the
   * text for something else than a space.
   */
  private static final Set<String> WORDS =
      Set.of(
          "'s",
          "'t",
          "'re",
          "'ve",
          "'m",
          "'ll",
          "'d",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
          "'(?i:[sdmt]|ll|ve|re)",
          "'(?:[sdmt]|ll|ve|re)",
          " ?\\p{L}+",
          " ?\\p{N}+",
          "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
          "[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
          "\\p{N}",
          "\\p{N}+",
          "\\p{N}{1,3}",
          " ?[^\\s\\p{L}\\p{N}]+",
          " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
          "\\s*[\\r\\n]+",
          "\\s+(?!\\S)",
          "\\s+");

  /** One that goes on from a line feed to a slash. */
  private static final String SLASH = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";

  private final JsonNode root;

  /** What every space becomes before the pre-tokenizer sees it, if anything. */
  private Optional<String> sign = Optional.empty();

  private boolean lines = true;
  private boolean plain;
  private boolean prefix;

  private CutProof(JsonNode root) {
    this.root = root;
  }

  /** The rule of a tokenizer. */
  static CutRule rule(JsonNode root) {
    CutProof proof = new CutProof(root);
    boolean safe = proof.addedTokens() && proof.normalizer() && proof.words();
    if (!safe) {
      return CutRule.NOWHERE;
    } else if (proof.prefix) {
      return CutRule.PLAIN_SPACES_LEFT_OUT;
    } else if (proof.plain) {
      return CutRule.PLAIN_SPACES;
    }
    return proof.lines ? CutRule.SPACES_AND_LINES : CutRule.SPACES;
  }

  private boolean addedTokens() {
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText();
      boolean solid = content.chars().anyMatch(c -> CutRule.isSolid((char) c));
      boolean white = content.chars().anyMatch(c -> !CutRule.isSolid((char) c));
      if ((solid && white) || token.path("rstrip").asBoolean()) {
        return false;
      }
      lines &= !token.path("lstrip").asBoolean();
    }
    return true;
  }

  private boolean normalizer() {
    Optional<String> prepended = Optional.empty();
    for (JsonNode part : parts(root.path("normalizer"), "normalizers")) {
      switch (part.path("type").asText()) {
        case "NFC", "NFD" -> {}
        case "NFKC", "NFKD", "Lowercase", "StripAccents", "BertNormalizer" -> plain = true;
        case "Prepend" -> {
          if (prepended.isPresent()) {
            return false;
          }
          prepended = Optional.of(part.path("prepend").asText());
        }
        case "Replace" -> {
          if (!replace(part)) {
            return false;
          }
        }
        default -> {
          return false;
        }
      }
    }
    prefix = prepended.isPresent();
    if (plain && !addedTokensStay()) {
      return false;
    }
    return prepended.isEmpty() || (prepended.equals(sign) && noAddedTokenTouches());
  }

  /** Added tokens may be normalized as well: ASCII gets no white space in its midst by that. */
  private boolean addedTokensStay() {
    for (JsonNode token : root.path("added_tokens")) {
      if (token.path("normalized").asBoolean()
          && token.path("content").asText().chars().anyMatch(c -> c >= 0x80)) {
        return false;
      }
    }
    return true;
  }

  /** Text for text; and a sign for every space, once. */
  private boolean replace(JsonNode part) {
    JsonNode pattern = part.path("pattern").path("String");
    String content = part.path("content").asText();
    plain = true;
    if (pattern.asText().equals(" ")) {
      boolean first = sign.isEmpty();
      sign = Optional.of(content);
      return first && isSign(content);
    }
    return pattern.isTextual()
        && pattern.asText().chars().allMatch(c -> CutRule.isSolid((char) c))
        && pattern.asText().chars().noneMatch(c -> CutRule.isPlain((char) c))
        && content.chars().allMatch(c -> c < 0x80 && CutRule.isSolid((char) c));
  }

  /** One character that no plain text and no replacement of anything else has. */
  private static boolean isSign(String text) {
    return text.length() == 1
        && text.charAt(0) >= 0x80
        && CutRule.isSolid(text.charAt(0))
        && !CutRule.isPlain(text.charAt(0));
  }

  /** So that a space between plain characters is in the midst of what a sign is put in front of. */
  private boolean noAddedTokenTouches() {
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText();
      if (!content.isEmpty()
          && (CutRule.isPlain(content.charAt(0))
              || CutRule.isPlain(content.charAt(content.length() - 1)))) {
        return false;
      }
    }
    return true;
  }

  private boolean words() {
    for (JsonNode part : parts(root.path("pre_tokenizer"), "pretokenizers")) {
      switch (part.path("type").asText()) {
        case "Digits", "Punctuation" -> {} // parts at digits or signs only, and joins no others
        case "BertPreTokenizer", "Whitespace", "WhitespaceSplit" -> {
          plain = false; // a word ends at a space whatever stands beside it
          return sign.isEmpty() && laterPartsKeepLines();
        }
        case "ByteLevel" -> {
          lines &= !part.path("add_prefix_space").asBoolean(true);
          return sign.isEmpty() && part.path("use_regex").asBoolean(true);
        }
        case "Metaspace" -> {
          String replacement = part.path("replacement").asText();
          lines = false;
          if (sign.isPresent() || !isSign(replacement)) {
            return false;
          }
          sign = Optional.of(replacement);
          plain = true;
          if (part.path("split").asBoolean(true)) {
            return true;
          }
        }
        case "Split" -> {
          JsonNode pattern = part.path("pattern");
          if (sign.isEmpty()) {
            return isOfWords(part) && laterPartsKeepLines();
          } else if (!pattern.path("String").asText().equals(" ")) {
            return false; // of a space there is none left
          }
        }
        default -> {
          return false;
        }
      }
    }
    return sign.isPresent() && noMergeCrosses(sign.get());
  }

  /** A prefix for the first word only is put where a piece begins behind a line feed. */
  private boolean laterPartsKeepLines() {
    for (JsonNode part : parts(root.path("pre_tokenizer"), "pretokenizers")) {
      lines &= !part.path("type").asText().equals("Metaspace");
    }
    return true;
  }

  private boolean isOfWords(JsonNode split) {
    boolean inverted = split.path("invert").asBoolean();
    String behavior = split.path("behavior").asText();
    List<String> alternatives = alternatives(split.path("pattern").path("Regex").asText());
    lines &= !alternatives.contains(SLASH);
    return behavior.equals(inverted ? "Removed" : "Isolated")
        && alternatives.contains("\\s+")
        && alternatives.stream().allMatch(each -> WORDS.contains(each) || each.equals(SLASH));
  }

  /** The alternatives of a regular expression, those within groups left together. */
  private static List<String> alternatives(String pattern) {
    List<String> alternatives = new ArrayList<>();
    int start = 0;
    int depth = 0;
    for (int i = 0; i < pattern.length(); i++) {
      switch (pattern.charAt(i)) {
        case '\\' -> i++;
        case '(', '[' -> depth++;
        case ')', ']' -> depth--;
        case '|' -> {
          if (depth == 0) {
            alternatives.add(pattern.substring(start, i));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    alternatives.add(pattern.substring(start));
    return alternatives;
  }

  /** Whether byte-pair encoding leaves the border before a sign behind something else alone. */
  private boolean noMergeCrosses(String space) {
    JsonNode model = root.path("model");
    boolean pairs =
        model.path("type").asText("BPE").equals("BPE") && model.path("merges").isArray();
    boolean marks =
        !model.path("continuing_subword_prefix").asText("").isEmpty()
            || !model.path("end_of_word_suffix").asText("").isEmpty();
    if (!pairs
        || marks
        || model.path("ignore_merges").asBoolean()
        || !model.path("vocab").has(space)) {
      return false;
    }
    for (JsonNode merge : model.path("merges")) {
      String merged =
          merge.isArray()
              ? merge.path(0).asText() + merge.path(1).asText()
              : merge.asText().replace(" ", "");
      int at = merged.lastIndexOf(space);
      if (at > 0 && !merged.startsWith(space.repeat(at))) {
        return false;
      }
    }
    return true;
  }

  private static List<JsonNode> parts(JsonNode node, String list) {
    List<JsonNode> parts = new ArrayList<>();
    if (node.path("type").asText().equals("Sequence")) {
      node.path(list).forEach(part -> parts.addAll(parts(part, list)));
    } else if (node.isObject()) {
      parts.add(node);
    }
    return parts;
  }
}
