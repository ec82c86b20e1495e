package io.adamant.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Suggestions for a name that does not exist. */
public final class Suggestion {

  /** Words of other tools for what has another name here. */
  private static final Map<String, String> SYNONYMS =
      Map.ofEntries(
          Map.entry("learning_rate", "lr"),
          Map.entry("max_lr", "lr"),
          Map.entry("min_lr", "final_lr"),
          Map.entry("wd", "weight_decay"),
          Map.entry("betas", "beta1"),
          Map.entry("epsilon", "eps"),
          Map.entry("batch_size", "batch"),
          Map.entry("bs", "batch"),
          Map.entry("epochs", "steps"),
          Map.entry("num_epochs", "steps"),
          Map.entry("max_steps", "steps"),
          Map.entry("max_iters", "steps"),
          Map.entry("num_steps", "steps"),
          Map.entry("iterations", "steps"),
          Map.entry("warmup_steps", "warmup"),
          Map.entry("warmup_iters", "warmup"),
          Map.entry("warmup_ratio", "warmup"),
          Map.entry("grad_clip", "global_norm"),
          Map.entry("max_grad_norm", "global_norm"),
          Map.entry("n_layer", "layers"),
          Map.entry("num_layers", "layers"),
          Map.entry("n_embd", "width"),
          Map.entry("d_model", "width"),
          Map.entry("hidden_size", "width"),
          Map.entry("n_head", "heads"),
          Map.entry("num_heads", "heads"),
          Map.entry("block_size", "context"),
          Map.entry("seq_len", "context"),
          Map.entry("context_length", "context"),
          Map.entry("vocab_size", "vocab"),
          Map.entry("dataset", "corpus"),
          Map.entry("dtype", "precision"),
          Map.entry("resume_from", "init_from"));

  private Suggestion() {}

  /**
   * What a word of another tool, such as nanoGPT or PyTorch, is called here.
   *
   * @param word such as {@code batch_size}
   * @return such as {@code batch}; the word itself if it is not known
   */
  public static String here(String word) {
    return SYNONYMS.getOrDefault(word, word);
  }

  /**
   * The known name that was probably meant: what another tool's word is called here, or the one
   * with the fewest typing errors (letters inserted, left out, replaced, or swapped with their
   * neighbour), if there are at most two, or one in a name of less than six letters.
   *
   * @param found the name that does not exist
   * @param known the names that do
   * @return the nearest of them, or empty if none is near; the first in order where two are as near
   */
  public static Optional<String> nearest(String found, Collection<String> known) {
    if (known.contains(here(found))) {
      return Optional.of(here(found));
    }
    return known.stream()
        .filter(name -> distance(found, name) <= limit(name))
        .min(
            Comparator.<String>comparingInt(name -> distance(found, name))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * The end of a message about an unknown name.
   *
   * @param found the name that does not exist
   * @param known the names that do
   * @return {@code did you mean X?} where a known name is near, else {@code allowed: A, B, C}
   */
  public static String hint(String found, Collection<String> known) {
    SortedSet<String> sorted = new TreeSet<>(known);
    return nearest(found, sorted)
        .map(name -> "did you mean " + name + "?")
        .orElseGet(() -> "allowed: " + String.join(", ", sorted));
  }

  /**
   * An aside to a message about an unknown name.
   *
   * @param found the name that does not exist, in any case
   * @param known the names that do, in lower case
   * @return {@code " (did you mean 'x'?)"}, or an empty text if no known name is near
   */
  public static String aside(String found, Collection<String> known) {
    return nearest(found.toLowerCase(Locale.ROOT), known)
        .map(name -> " (did you mean '" + name + "'?)")
        .orElse("");
  }

  /** Damerau's distance, restricted to one edit per place (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replace, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1 && j > 1 && swapped(a, i, b, j)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }

  private static int limit(String name) {
    return name.length() < 6 ? 1 : 2;
  }

  private static boolean swapped(String a, int i, String b, int j) {
    return a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
  }
}
