package io.adamant.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tokenizer as a Hugging Face {@code tokenizer.json}: byte-level byte-pair encoding with the same
 * ids. Only the text {@code <|endoftext|>} inside a document, which the library maps to
 * end-of-text, is encoded otherwise.
 */
public final class TokenizerJson {

  private TokenizerJson() {}

  /**
   * The file of a tokenizer.
   *
   * @param tokenizer any
   * @return its text: of a tokenizer that was read from such a file, the same; empty for a
   *     vocabulary of which only the size is known
   * @throws IOException if the file that it was read from cannot be read again
   */
  public static Optional<String> of(Tokenizer tokenizer) throws IOException {
    if (tokenizer instanceof HuggingFaceTokenizer file) {
      return Optional.of(Files.readString(file.path()));
    } else if (tokenizer instanceof Gpt2Tokenizer) {
      int vocabulary = tokenizer.vocabularySize();
      byte[][] byRank = new byte[vocabulary - 1][];
      Gpt2Tokenizer.ranks(vocabulary - 1).forEach((bytes, rank) -> byRank[rank] = bytes);
      return Optional.of(json(byRank, merges(byRank), true));
    } else if (tokenizer instanceof BytesTokenizer) {
      byte[][] byRank = new byte[BytesTokenizer.SIZE - 1][];
      for (int i = 0; i < byRank.length; i++) {
        byRank[i] = new byte[] {(byte) i};
      }
      return Optional.of(json(byRank, List.of(), false));
    }
    return Optional.empty();
  }

  /** A merge: two tokens that become one, their bytes as characters below 256. */
  private record Merge(String left, String right) {}

  /**
   * The merges, in their order, that give the tokens of these ranks. Token r was made of the two
   * parts that its bytes are encoded to by the merges before it.
   */
  private static List<Merge> merges(byte[][] byRank) {
    Map<String, Integer> ranks = new HashMap<>();
    List<Merge> merges = new ArrayList<>();
    for (int rank = 0; rank < byRank.length; rank++) {
      byte[] token = byRank[rank];
      if (token.length > 1) {
        merges.add(split(token, ranks));
      }
      ranks.put(latin(token), rank);
    }
    return merges;
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Merge split(byte[] token, Map<String, Integer> ranks) {
    List<String> parts = new ArrayList<>();
    for (char character : latin(token).toCharArray()) {
      parts.add(String.valueOf(character));
    }
    while (parts.size() > 2) {
      int best = -1;
      int lowest = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int rank = ranks.getOrDefault(parts.get(i) + parts.get(i + 1), Integer.MAX_VALUE);
        if (rank < lowest) {
          lowest = rank;
          best = i;
        }
      }
      if (best < 0) {
        throw new IllegalStateException("no merge gives " + latin(token));
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    return new Merge(parts.get(0), parts.get(1));
  }

  /**
   * The characters that stand for bytes: a printable one for itself, the others from U+0100 on, in
   * order (GPT-2's bytes_to_unicode).
   */
  private static char[] standIns() {
    char[] characters = new char[256];
    int next = 256;
    for (int i = 0; i < 256; i++) {
      boolean printable = (i > 32 && i < 127) || (i > 160 && i != 173);
      characters[i] = (char) (printable ? i : next++);
    }
    return characters;
  }

  private static String json(byte[][] byRank, List<Merge> merges, boolean words) {
    char[] standIns = standIns();
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ObjectNode end = root.putArray("added_tokens").addObject();
    end.put("id", byRank.length).put("content", TextCorpus.SEPARATOR).put("single_word", false);
    end.put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
    root.putNull("normalizer");
    byteLevel(root.putObject("pre_tokenizer"), words);
    root.putNull("post_processor");
    byteLevel(root.putObject("decoder"), words);
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int i = 0; i < byRank.length; i++) {
      vocabulary.put(text(latin(byRank[i]), standIns), i);
    }
    vocabulary.put(TextCorpus.SEPARATOR, byRank.length);
    ArrayNode list = model.putArray("merges");
    merges.forEach(
        merge -> list.add(text(merge.left(), standIns) + " " + text(merge.right(), standIns)));
    return Json.pretty(root);
  }

  private static void byteLevel(ObjectNode node, boolean words) {
    node.put("type", "ByteLevel").put("add_prefix_space", false);
    node.put("trim_offsets", true).put("use_regex", words);
  }

  private static String text(String token, char[] standIns) {
    StringBuilder text = new StringBuilder(token.length());
    token.chars().forEach(character -> text.append(standIns[character]));
    return text.toString();
  }
}
