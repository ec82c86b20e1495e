package io.adamant.config;

import io.adamant.base.PublicApi;

/** In which order a run reads its training tokens. */
@PublicApi
public enum DataOrder {
  /** By windows, anew in each epoch, see {@link io.adamant.data.Batches}. */
  SHUFFLED,
  /** As they lie in their files, from the first token on. */
  FILE
}
