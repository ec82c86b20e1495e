package io.adamant.config;

import io.adamant.base.PublicApi;
import java.util.Locale;

/**
 * In which order the gradients g_1, ..., g_A of a batch's micro-batches are added. Sums of rounded
 * numbers depend on it, so it is part of a run's identity.
 */
@PublicApi
public enum Reduction {
  /** ((g_1 + g_2) + g_3) + ... on one rank. */
  SEQUENTIAL,

  /**
   * The batch is cut into L = {@code training.leaves} equal parts, whose gradients are each summed
   * as above from zero, and then in the order of a balanced binary tree: T(i, n) = T(i,
   * &lfloor;n/2&rfloor;) + T(i + &lfloor;n/2&rfloor;, &lceil;n/2&rceil;). Where L is a multiple of
   * 1, 2, 4, ... ranks, the sums of L/p neighbours are whole subtrees: the bits are the same on any
   * of these numbers.
   */
  TREE;

  /**
   * The word for it in YAML and on the command line.
   *
   * @return such as {@code tree}
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
