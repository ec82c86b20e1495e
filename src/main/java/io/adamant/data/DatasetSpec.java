package io.adamant.data;

import io.adamant.base.InputException;
import java.util.Objects;
import java.util.Optional;

/**
 * What a user asks for under {@code data}.
 *
 * @param corpus {@code wordnet}, or the path of a text file, a {@code .gz} file or a directory
 * @param tokenizer {@code bytes}, {@code gpt2}, or the path of a {@code tokenizer.json}
 * @param vocab the vocabulary size; 0 means all the tokenizer has
 * @param validationCorpus text for validation; if empty, a part of the corpus is split off
 * @param validationFraction the share split off, above 0 and below 1
 * @param endOfText the name of the token that separates documents; empty for the tokenizer's own
 * @param replaceInvalid whether bytes that are not UTF-8 read as U+FFFD; otherwise they are refused
 * @param wholeDocuments whether documents chosen by their content are split off instead of the end
 */
public record DatasetSpec(
    String corpus,
    String tokenizer,
    int vocab,
    Optional<String> validationCorpus,
    double validationFraction,
    String endOfText,
    boolean replaceInvalid,
    boolean wholeDocuments) {
  /** The share split off unless a user says otherwise. */
  public static final double DEFAULT_VALIDATION_FRACTION = 0.05;

  /**
   * Checks the components.
   *
   * @throws InputException if the fraction is out of range
   */
  public DatasetSpec {
    Objects.requireNonNull(corpus, "corpus");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(validationCorpus, "validationCorpus");
    Objects.requireNonNull(endOfText, "endOfText");
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw new InputException(
          "data.validation_fraction must be above 0 and below 1, found " + validationFraction);
    }
  }

  /**
   * A corpus of UTF-8 and its tokenizer's own end of text.
   *
   * @param corpus the corpus
   * @param tokenizer the tokenizer
   * @param vocab the vocabulary size
   * @param validationCorpus text for validation, if any
   * @param validationFraction the share split off
   */
  public DatasetSpec(
      String corpus,
      String tokenizer,
      int vocab,
      Optional<String> validationCorpus,
      double validationFraction) {
    this(corpus, tokenizer, vocab, validationCorpus, validationFraction, "", false, false);
  }

  /**
   * A corpus split at the default fraction.
   *
   * @param corpus the corpus
   * @param tokenizer the tokenizer
   * @param vocab the vocabulary size
   * @return the specification
   */
  public static DatasetSpec of(String corpus, String tokenizer, int vocab) {
    return new DatasetSpec(corpus, tokenizer, vocab, Optional.empty(), DEFAULT_VALIDATION_FRACTION);
  }
}
