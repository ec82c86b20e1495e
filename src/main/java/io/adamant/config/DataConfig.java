package io.adamant.config;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;

/**
 * Where the text comes from and how it becomes tokens.
 *
 * @param corpus {@value #WORDNET} for the embedded corpus, else the path of a text file, a {@code
 *     .gz} file or a directory of such files; relative to the working directory
 * @param tokenizer {@value #GPT2}, {@value #BYTES}, or the path of a Hugging Face {@code
 *     tokenizer.json}
 * @param vocab vocabulary size N, end-of-text included; GPT-2's BPE is cut to its first N−1 ranks;
 *     bytes have {@value #BYTES_VOCAB}
 * @param validationCorpus path of a text for validation, or empty to hold out the corpus' last part
 * @param validationFraction the part that is held out, above 0 and below 1; unused with a
 *     validation corpus
 */
@PublicApi
public record DataConfig(
    String corpus,
    String tokenizer,
    int vocab,
    String validationCorpus,
    double validationFraction) {
  /** The embedded corpus: the glosses of WordNet 3.1. */
  public static final String WORDNET = "wordnet";

  /** GPT-2's byte-pair encoding. */
  public static final String GPT2 = "gpt2";

  /** One token a byte. */
  public static final String BYTES = "bytes";

  /** Vocabulary of {@link #BYTES}: 256 bytes and end-of-text. */
  public static final int BYTES_VOCAB = 257;

  /** Full vocabulary of {@link #GPT2}: 50,256 ranks and end-of-text. */
  public static final int GPT2_VOCAB = 50_257;

  private static final int DEFAULT_VOCAB = 4096;
  private static final int MAX_VOCAB = 10_000_000;

  /**
   * Validates what can be known without opening the corpus.
   *
   * @throws InputException if a name is blank, the vocabulary does not suit the tokenizer, or the
   *     fraction is out of range
   */
  public DataConfig {
    Check.notBlank("data.corpus", corpus, "wordnet, or the path of a text file or directory");
    Check.notBlank("data.tokenizer", tokenizer, "gpt2, bytes, or the path of a tokenizer.json");
    Check.text("data.validation_corpus", validationCorpus);
    Check.inRange("data.vocab", vocab, 2, MAX_VOCAB);
    if (tokenizer.equals(BYTES) && vocab != BYTES_VOCAB) {
      throw InputException.badValue(
          "data.vocab", vocab, BYTES_VOCAB + " with tokenizer bytes (256 bytes and end-of-text)");
    }
    if (tokenizer.equals(GPT2) && (vocab < BYTES_VOCAB || vocab > GPT2_VOCAB)) {
      throw InputException.badValue(
          "data.vocab", vocab, BYTES_VOCAB + " to " + GPT2_VOCAB + " with tokenizer gpt2");
    }
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw InputException.badValue(
          "data.validation_fraction", validationFraction, "a number above 0 and below 1");
    }
  }

  /**
   * WordNet's glosses in the first 4,095 ranks of GPT-2's BPE and end-of-text, 5 % held out.
   *
   * @return the defaults
   */
  public static DataConfig defaults() {
    return new DataConfig(WORDNET, GPT2, DEFAULT_VOCAB, "", 0.05);
  }

  /**
   * The vocabulary that a configuration without {@code data.vocab} gets.
   *
   * @param tokenizer name or path of the tokenizer
   * @return 257 for bytes, else 4,096
   */
  public static int defaultVocab(String tokenizer) {
    return tokenizer.equals(BYTES) ? BYTES_VOCAB : DEFAULT_VOCAB;
  }

  /**
   * The same with another corpus.
   *
   * @param newCorpus name or path
   * @return a copy
   */
  public DataConfig withCorpus(String newCorpus) {
    return new DataConfig(newCorpus, tokenizer, vocab, validationCorpus, validationFraction);
  }

  /**
   * The same with another tokenizer.
   *
   * @param newTokenizer name or path
   * @param newVocab vocabulary size, end-of-text included
   * @return a copy
   */
  public DataConfig withTokenizer(String newTokenizer, int newVocab) {
    return new DataConfig(corpus, newTokenizer, newVocab, validationCorpus, validationFraction);
  }

  /**
   * The same with a text of its own for validation.
   *
   * @param path the text, or empty to hold out the corpus' last part
   * @return a copy
   */
  public DataConfig withValidationCorpus(String path) {
    return new DataConfig(corpus, tokenizer, vocab, path, validationFraction);
  }
}
