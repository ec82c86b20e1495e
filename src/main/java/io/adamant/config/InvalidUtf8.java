package io.adamant.config;

import io.adamant.base.PublicApi;

/** What bytes of a corpus that are not UTF-8 are. */
@PublicApi
public enum InvalidUtf8 {
  /** The file is refused, with the place. */
  REFUSE,
  /** Each maximal subpart of an ill-formed sequence is U+FFFD. */
  REPLACE
}
