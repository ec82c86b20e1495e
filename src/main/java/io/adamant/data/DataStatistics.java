package io.adamant.data;

/**
 * What a run's manifest says of its data.
 *
 * @param trainTokens tokens of the training split, end-of-text included
 * @param validationTokens tokens of the validation split, end-of-text included
 * @param trainDocuments documents that end in the training split
 * @param validationDocuments documents that end in the validation split
 * @param trainBytes bytes of the training split's text in UTF-8; 0 where unknown, as of tokens
 *     whose text is not here
 * @param validationBytes bytes of the validation split's text; 0 where unknown
 * @param validationText identifies the validation split's text whatever the tokenizer, 64
 *     hexadecimal digits; empty where unknown
 * @param unigramCrossEntropy cross-entropy, in nats per token, of the validation split under the
 *     add-one unigram of the training split, −Σ_t (v_t/M) ln((c_t + 1)/(N + V)), with counts c_t
 *     (sum N) in training and v_t (sum M) in validation over a vocabulary of V: what a model that
 *     ignores its context reaches
 */
public record DataStatistics(
    long trainTokens,
    long validationTokens,
    long trainDocuments,
    long validationDocuments,
    long trainBytes,
    long validationBytes,
    String validationText,
    double unigramCrossEntropy) {
  /** Checks the components. */
  public DataStatistics {
    if (trainTokens < 1 || validationTokens < 1) {
      throw new IllegalArgumentException(
          "both splits need a token, found %s and %s".formatted(trainTokens, validationTokens));
    }
    if (trainDocuments < 0 || validationDocuments < 0) {
      throw new IllegalArgumentException(
          "documents must not be negative, found %s and %s"
              .formatted(trainDocuments, validationDocuments));
    }
    if (trainBytes < 0 || validationBytes < 0) {
      throw new IllegalArgumentException(
          "bytes must not be negative, found %s and %s".formatted(trainBytes, validationBytes));
    }
    if (!(unigramCrossEntropy >= 0 && unigramCrossEntropy < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "unigramCrossEntropy must be finite and not negative, found " + unigramCrossEntropy);
    }
  }

  /**
   * A loss in a unit that does not depend on the tokenizer: L · M / (B ln 2), with M tokens and B
   * bytes of the validation split.
   *
   * @param natsPerToken L, a cross-entropy on the validation split
   * @return bits per byte; NaN where the bytes are unknown
   */
  public double bitsPerByte(double natsPerToken) {
    return validationBytes == 0
        ? Double.NaN
        : natsPerToken * validationTokens / (validationBytes * Math.log(2));
  }

  /**
   * The number of documents of both splits.
   *
   * @return trainDocuments + validationDocuments
   */
  public long documents() {
    return trainDocuments + validationDocuments;
  }
}
