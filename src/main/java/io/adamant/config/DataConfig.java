package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.List;

/**
 * Where the text comes from and how it becomes tokens.
 *
 * @param corpus {@value #WORDNET} for the embedded corpus; {@code djl:wikitext-2} or {@code
 *     djl:penn-treebank} for data sets that DJL downloads once, which are their training part and,
 *     where no validation corpus is named, are validated on their own validation part ({@code
 *     djl:wikitext-2/train}, {@code /valid} and {@code /test} are parts alone); or the path of a
 *     file, a directory or a pattern such as {@code books/*.jsonl.zst} or {@code **}: text, JSON
 *     Lines and Parquet, the first two also compressed by gzip, zstd or xz, or token shards;
 *     relative to the configuration's file. In YAML also a mapping with {@code path}, {@code field}
 *     (where the text lies in JSON Lines and Parquet, {@code text} unless said otherwise, dotted
 *     into objects), {@code nulls} ({@code refuse} or {@code skip}) and {@code weight}, or a list
 *     of these. A list is read one after the other; with weights it is a mixture, of whose windows
 *     each source has its share at every step. The corpus is identified by its content, not by this
 *     text
 * @param tokenizer {@value #GPT2}, {@value #BYTES}, the path of a Hugging Face {@code
 *     tokenizer.json}, or {@value #NONE} for token shards of a vocabulary of which only the size is
 *     known; of token shards it says what their ids mean
 * @param vocab vocabulary size N, end-of-text included; GPT-2's BPE is cut to its first N−1 ranks;
 *     bytes have {@value #BYTES_VOCAB}, a file all it has, ids of token shards are below it.
 *     {@value #AUTO_VOCAB} until that file is read
 * @param validationCorpus a text for validation, named like a corpus but without weights, or empty
 *     to validate on what the corpus brings for it, else on a part of it, of a mixture on that of
 *     each source
 * @param validationFraction the part that is held out, above 0 and below 1; unused with a
 *     validation corpus
 * @param validationSplit which part that is; unused with a validation corpus
 * @param endOfText the token of a {@code tokenizer.json} that separates documents, or empty for the
 *     first that it has of the usual names
 * @param invalidUtf8 what bytes of a corpus that are not UTF-8 are
 * @param order in which training tokens are read
 * @param packing whether attention and positions run on from one document into the next, or stop
 *     behind the token that ends one; also in validation
 */
@PublicApi
public record DataConfig(
    @Key(
            value = DataConfig.WORDNET,
            pattern = "(?s).*\\P{javaWhitespace}.*",
            allowed = "wordnet, djl:NAME, the path of a file or directory, or a list of these")
        @Key.OutsideId
        @Key.Sources
        String corpus,
    @Key(
            value = DataConfig.GPT2,
            pattern = "(?s).*\\P{javaWhitespace}.*",
            allowed = "gpt2, bytes, the path of a tokenizer.json, or none for token shards")
        @Key.OutsideId
        String tokenizer,
    @Key(word = "auto", min = DataConfig.AUTO_VOCAB, max = 10_000_000)
        @Key.Derived(from = "tokenizer", by = "defaultVocab")
        int vocab,
    @Key(allowed = "named like a corpus, or \"\" to hold out a part of the corpus")
        @Key.OutsideId
        @Key.Sources
        String validationCorpus,
    @Key(value = "0.05", min = 0, above = true, max = 1, below = true) double validationFraction,
    @Key("tokens") @Key.OlderRuns("tokens") ValidationSplit validationSplit,
    @Key(value = "auto", word = "auto", means = "", allowed = "the name of a token") @Key.OutsideId
        String endOfText,
    @Key("refuse") @Key.OutsideId InvalidUtf8 invalidUtf8,
    @Key("shuffled") @Key.OlderRuns("shuffled") DataOrder order,
    @Key("stream") @Key.OlderRuns("stream") Packing packing) {
  /** The embedded corpus: the glosses of WordNet 3.1. */
  public static final String WORDNET = "wordnet";

  /** What stands before the names of DJL's data sets. */
  public static final String DJL = "djl:";

  /** GPT-2's byte-pair encoding. */
  public static final String GPT2 = "gpt2";

  /** One token per byte. */
  public static final String BYTES = "bytes";

  /** Ids without a tokenizer. */
  public static final String NONE = "none";

  /** Tokenizers that need no file. */
  static final List<String> TOKENIZERS = List.of(GPT2, BYTES, NONE);

  /** Vocabulary of {@link #BYTES}: 256 bytes and end-of-text. */
  public static final int BYTES_VOCAB = 257;

  /** Full vocabulary of {@link #GPT2}: 50,256 ranks and end-of-text. */
  public static final int GPT2_VOCAB = 50_257;

  /** Stands for all that a file of a tokenizer has. */
  public static final int AUTO_VOCAB = 0;

  private static final int DEFAULT_VOCAB = 4096;

  /**
   * Whether a tokenizer's name is a file's.
   *
   * @param tokenizer as {@code data.tokenizer} has it
   * @return false for those that need none
   */
  public static boolean isTokenizerFile(String tokenizer) {
    return !TOKENIZERS.contains(tokenizer);
  }

  /**
   * Validates what can be known without opening the corpus.
   *
   * @throws InputException if the vocabulary or the packing does not suit the tokenizer
   */
  public DataConfig {
    if (packing == Packing.DOCUMENTS && tokenizer.equals(NONE)) {
      throw InputException.badValue(
          "data.packing", "documents", "stream with tokenizer none, whose end of text is unknown");
    }
    if (tokenizer.equals(BYTES) && vocab != BYTES_VOCAB) {
      throw InputException.badValue(
          "data.vocab", vocab, BYTES_VOCAB + " with tokenizer bytes (256 bytes and end-of-text)");
    }
    if (tokenizer.equals(GPT2) && (vocab < BYTES_VOCAB || vocab > GPT2_VOCAB)) {
      throw InputException.badValue(
          "data.vocab", vocab, BYTES_VOCAB + " to " + GPT2_VOCAB + " with tokenizer gpt2");
    }
  }

  /**
   * WordNet's glosses in the first 4,095 ranks of GPT-2's BPE and end-of-text, 5 % held out.
   *
   * @return the defaults
   */
  public static DataConfig defaults() {
    return ConfigSection.defaults("data", DataConfig.class);
  }

  /**
   * The vocabulary that a configuration without {@code data.vocab} gets, or with {@code auto}.
   *
   * @param tokenizer name or path of the tokenizer
   * @return 257 for bytes, 4,096 for gpt2, {@value #AUTO_VOCAB} for a file
   * @throws InputException with {@value #NONE}, which has none
   */
  public static int defaultVocab(String tokenizer) {
    return switch (tokenizer) {
      case BYTES -> BYTES_VOCAB;
      case GPT2 -> DEFAULT_VOCAB;
      case NONE ->
          throw InputException.badValue(
              "data.vocab", "", "a whole number, the size of the vocabulary, with tokenizer none");
      default -> AUTO_VOCAB;
    };
  }
}
