package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.util.Objects;
import java.util.Optional;

/**
 * What a token store is made from.
 *
 * @param corpus the text
 * @param validationCorpus text for validation; if empty, the corpus's end is split off
 * @param validationFraction the share of the corpus's tokens split off, above 0 and below 1; not
 *     used with a validation corpus
 * @param tokenizer turns text into tokens
 * @param replaceInvalid whether bytes that are not UTF-8 read as U+FFFD; otherwise they are refused
 */
public record StoreRecipe(
    Corpus corpus,
    Optional<Corpus> validationCorpus,
    double validationFraction,
    Tokenizer tokenizer,
    boolean replaceInvalid) {
  /**
   * Checks the components.
   *
   * @throws InputException if one corpus is token shards and the other text, or there is text and
   *     no tokenizer for it
   */
  public StoreRecipe {
    Objects.requireNonNull(corpus, "corpus");
    Objects.requireNonNull(validationCorpus, "validationCorpus");
    Objects.requireNonNull(tokenizer, "tokenizer");
    if (TokenShards.isMixed(corpus, validationCorpus)) {
      throw new InputException(
          "data.validation_corpus: one of %s and %s is token shards, the other is not; allowed: both or neither"
              .formatted(
                  corpus.description(), validationCorpus.map(Corpus::description).orElse("")));
    }
    if (!tokenizer.hasText() && !(corpus instanceof TokenShards)) {
      throw new InputException(
          "data.tokenizer: '%s' makes no tokens of the text %s; allowed: bytes, gpt2, or the path of a tokenizer.json"
              .formatted(IdTokenizer.NAME, corpus.description()));
    }
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw new IllegalArgumentException(
          "validationFraction must be above 0 and below 1, found " + validationFraction);
    }
  }

  /** A recipe for UTF-8. */
  StoreRecipe(
      Corpus corpus,
      Optional<Corpus> validationCorpus,
      double validationFraction,
      Tokenizer tokenizer) {
    this(corpus, validationCorpus, validationFraction, tokenizer, false);
  }

  /** The same corpus without a validation corpus. */
  StoreRecipe alone() {
    return new StoreRecipe(corpus, Optional.empty(), validationFraction, tokenizer, replaceInvalid);
  }

  /** How the corpora's text is read. */
  Reading reading() {
    return new Reading(tokenizer.cuts(), replaceInvalid);
  }

  /** The name of the store: equal for equal text, tokenizer and split, wherever the text lies. */
  String key(ContentHashes hashes) {
    String split =
        validationCorpus
            .map(other -> "validation " + other.contentSha256(hashes))
            .orElseGet(
                () ->
                    "fraction %s least %s"
                        .formatted(validationFraction, corpus.minimumValidationTokens()));
    return new Sha256()
        .add("store %s\n".formatted(StoreHeader.VERSION))
        .add("corpus " + corpus.contentSha256(hashes) + "\n")
        .add(split + "\n")
        .add("tokenizer " + tokenizer.identity() + "\n")
        .add(replaceInvalid ? "invalid replaced\n" : "")
        .hex();
  }
}
