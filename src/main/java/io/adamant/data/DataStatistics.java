package io.adamant.data;

/**
 * What a run's manifest says of its data.
 *
 * @param trainTokens tokens of the training split, end-of-text included
 * @param validationTokens tokens of the validation split, end-of-text included
 * @param trainDocuments documents that end in the training split
 * @param validationDocuments documents that end in the validation split
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
    if (!(unigramCrossEntropy >= 0 && unigramCrossEntropy < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "unigramCrossEntropy must be finite and not negative, found " + unigramCrossEntropy);
    }
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
