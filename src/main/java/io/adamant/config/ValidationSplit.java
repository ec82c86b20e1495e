package io.adamant.config;

import io.adamant.base.PublicApi;

/** Which part of a corpus is held out where no validation corpus is named. */
@PublicApi
public enum ValidationSplit {
  /** The last tokens, from the nearest end of a document on where there is one. */
  TOKENS,
  /**
   * Whole documents, those whose tokens have the smallest hashes: wherever they lie, the same with
   * every seed, and all copies of a document together.
   */
  DOCUMENTS
}
