package io.adamant.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Small files of every kind of tokenizer, in the manner of those that well-known models have. */
final class TokenizerFixtures {
  static final String LLAMA_3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final JsonMapper JSON = new JsonMapper();

  /** Merges, each of two halves, of texts with {@code _} for a space. */
  private static final List<String> MERGES =
      List.of(
          "_ t", "h e", "_t he", "i n", "_ a", "w o", "r d", "wo rd", "_ word", "! !", "_ _",
          "_ wo", "1 2", "o r", "_ <", "| >", "e n", "< |", "\n \n", "_ 1", "' s", "a a", "aa aa",
          "e r");

  /** Merges over the borders of words, which show where a file does not end one. */
  private static final List<String> CROSSING =
      List.of(
          "d _", "e _", "s _", "! _", "a _", "! \n", "\n /", "\n a", "\n w", "/ _", "' _", "\n 1");

  private final ObjectNode root = JSON.createObjectNode();

  private TokenizerFixtures(String end) {
    root.put("version", "1.0");
    root.putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 5)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    root.putNull("padding").putArray("added_tokens");
    root.putNull("normalizer")
        .putNull("pre_tokenizer")
        .putNull("post_processor")
        .putNull("decoder");
    added(1, end, "");
  }

  /** Byte-level pair encoding with GPT-2's words or those of a pattern. */
  static TokenizerFixtures byteLevel(String end, String pattern) {
    TokenizerFixtures fixture = new TokenizerFixtures(end);
    String byteLevel =
        "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':%s}";
    fixture.set("decoder", byteLevel.formatted(true));
    if (pattern.isEmpty()) {
      fixture.set("pre_tokenizer", byteLevel.formatted(true));
    } else {
      fixture.set(
          "pre_tokenizer",
          "{'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':''},"
              + "'behavior':'Isolated','invert':false},"
              + byteLevel.formatted(false)
              + "]}");
      ((ObjectNode) fixture.root.at("/pre_tokenizer/pretokenizers/0/pattern"))
          .put("Regex", pattern);
    }
    List<String> alphabet = new ArrayList<>();
    for (char c = 0; c < 256; c++) {
      alphabet.add(HuggingFaceTokenizerTest.visible(String.valueOf(c)));
    }
    return fixture.pairs(alphabet, HuggingFaceTokenizerTest.visible(" ")).template("<|begin|>");
  }

  /** Pair encoding of whole texts, a sign for each space, bytes for what has no token. */
  static TokenizerFixtures llama2() {
    TokenizerFixtures fixture = new TokenizerFixtures("</s>");
    fixture.set(
        "normalizer",
        "{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'\u2581'},"
            + "{'type':'Replace','pattern':{'String':' '},'content':'\u2581'}]}");
    List<String> alphabet = new ArrayList<>(List.of("\u2581"));
    "abcdefghijklmnopqrstuvwxyz0123456789!<|>'_\n"
        .chars()
        .forEach(c -> alphabet.add("" + (char) c));
    for (int b = 0; b < 256; b++) {
      alphabet.add(String.format(java.util.Locale.ROOT, "<0x%02X>", b));
    }
    fixture.pairs(alphabet, "\u2581").template("<s>");
    fixture.model().put("byte_fallback", true).put("fuse_unk", true);
    return fixture;
  }

  /** The likeliest sequence of pieces of words that begin with a sign. */
  static TokenizerFixtures unigram() {
    TokenizerFixtures fixture = new TokenizerFixtures("</s>");
    fixture.set(
        "pre_tokenizer",
        "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'always','split':true}");
    ObjectNode model = fixture.root.putObject("model").put("type", "Unigram").put("unk_id", 0);
    ArrayNode vocab = model.putArray("vocab");
    double score = -1;
    for (String piece : List.of("<unk>", "</s>", "\u2581", "\u2581the", "word", "wo", "rd", "in")) {
      vocab.addArray().add(piece).add(score--);
    }
    "abcdehinorstw12!".chars().forEach(c -> vocab.addArray().add("" + (char) c).add(-20.0));
    return fixture.template("</s>");
  }

  /** Longest pieces first, of words without the white space between them. */
  static TokenizerFixtures wordPiece() {
    TokenizerFixtures fixture = new TokenizerFixtures("[SEP]");
    fixture.set(
        "normalizer",
        "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,"
            + "'strip_accents':null,'lowercase':true}");
    fixture.set("pre_tokenizer", "{'type':'BertPreTokenizer'}");
    ObjectNode model =
        fixture.root.putObject("model").put("type", "WordPiece").put("unk_token", "[UNK]");
    model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
    ObjectNode vocab = model.putObject("vocab");
    List<String> pieces = List.of("the", "word", "wo", "##rd", "##the", "##s", "\u6f22", "e", "!");
    vocab.put("[UNK]", 0).put("[SEP]", 1).put("[CLS]", 2);
    pieces.forEach(piece -> vocab.put(piece, vocab.size()));
    "abcdehinorstw12'<|>"
        .chars()
        .forEach(
            c -> {
              vocab.put("" + (char) c, vocab.size());
              vocab.put("##" + (char) c, vocab.size());
            });
    return fixture.template("[CLS]");
  }

  private TokenizerFixtures pairs(List<String> alphabet, String space) {
    ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout");
    model.put("unk_token", "<unk>").put("fuse_unk", false).put("byte_fallback", false);
    ObjectNode vocab = model.putObject("vocab").put("<unk>", 0);
    vocab.put(root.at("/added_tokens/0/content").asText(), 1);
    Set<String> tokens = new LinkedHashSet<>(alphabet);
    ArrayNode merges = model.putArray("merges");
    String line = alphabet.contains("\n") ? "\n" : HuggingFaceTokenizerTest.visible("\n");
    List<String> all = new ArrayList<>(MERGES);
    all.addAll(alphabet.contains(space) && alphabet.contains("\n") ? List.of() : CROSSING);
    for (String merge : all) {
      String shown = merge.replace("_", space).replace("\n", line);
      merges.add(shown);
      tokens.add(shown.replace(" ", ""));
    }
    tokens.forEach(token -> vocab.put(token, vocab.size()));
    return this;
  }

  /** What would put a special token in front of every text. */
  private TokenizerFixtures template(String token) {
    String id = root.at("/model/vocab").isArray() ? "1" : "0";
    set(
        "post_processor",
        ("{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'%1$s','type_id':0}},"
                + "{'Sequence':{'id':'A','type_id':0}}],'pair':[{'Sequence':{'id':'A','type_id':0}},"
                + "{'Sequence':{'id':'B','type_id':1}}],'special_tokens':{'%1$s':{'id':'%1$s',"
                + "'ids':[%2$s],'tokens':['%1$s']}}}")
            .formatted(token, id));
    return this;
  }

  ObjectNode model() {
    return (ObjectNode) root.path("model");
  }

  JsonNode json() {
    return root;
  }

  /** A part of JSON, with single quotes for double ones. */
  TokenizerFixtures set(String key, String json) {
    try {
      root.set(key, JSON.readTree(json.replace('\'', '"')));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An added token; {@code flag} is one that is set, or empty. */
  TokenizerFixtures added(int id, String content, String flag) {
    ObjectNode token = ((ArrayNode) root.path("added_tokens")).addObject();
    token.put("id", id).put("content", content).put("special", true);
    for (String each : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      token.put(each, each.equals(flag));
    }
    return this;
  }

  Path write(Path folder) {
    try {
      return Files.writeString(Files.createTempFile(folder, "tokenizer", ".json"), root.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
