package io.adamant.config;

import io.adamant.base.PublicApi;

/** How documents lie in training sequences. */
@PublicApi
public enum Packing {
  /** One after the other; attention and positions run on from one into the next. */
  STREAM,
  /**
   * One after the other, but attention does not look beyond the beginning of a token's own
   * document, and positions begin there with 0: each is read as if it were alone.
   */
  DOCUMENTS
}
