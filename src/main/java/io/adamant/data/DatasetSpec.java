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
 * @param validationCorpus text for validation; if empty, the corpus's end is split off
 * @param validationFraction the share split off, above 0 and below 1
 */
public record DatasetSpec(
    String corpus,
    String tokenizer,
    int vocab,
    Optional<String> validationCorpus,
    double validationFraction) {
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
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw new InputException(
          "data.validation_fraction must be above 0 and below 1, found " + validationFraction);
    }
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
