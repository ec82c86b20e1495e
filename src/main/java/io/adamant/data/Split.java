package io.adamant.data;

import io.adamant.base.InputException;

/** Where the training tokens end and the validation tokens begin. */
final class Split {
  private Split() {}

  /**
   * Splits off the end of a corpus.
   *
   * <p>The validation split is {@code fraction} of the tokens, or the corpus's least number if that
   * is more. The cut moves to the nearest end of a document within a tenth of the split's length,
   * so that documents stay whole where there are many; where there are few it stays inside one.
   *
   * @param tokens all tokens of the corpus
   * @param recipe the corpus, its tokenizer and the fraction
   * @return the number of training tokens, at least 1 and less than all
   * @throws InputException if there are fewer than two tokens
   */
  static long trainTokens(TokenView tokens, StoreRecipe recipe) {
    long all = tokens.size();
    if (all < 2) {
      throw new InputException(
          "data.corpus: %s has %s token; at least 2 are needed to split off a validation set"
              .formatted(recipe.corpus().description(), all));
    }
    long least = Math.min(recipe.corpus().minimumValidationTokens(), all - 1);
    long wanted = Math.round(recipe.validationFraction() * all);
    long validation = Math.max(least, Math.min(wanted, all - 1));
    long cut = all - validation;
    int endOfText = recipe.tokenizer().endOfText();
    for (long move = 0; move <= validation / 10; move++) {
      if (cut - move >= 1 && get(tokens, cut - move - 1) == endOfText) {
        return cut - move;
      }
      if (validation - move >= least && get(tokens, cut + move - 1) == endOfText) {
        return cut + move;
      }
    }
    return cut;
  }

  private static long get(TokenView tokens, long index) {
    long[] token = new long[1];
    tokens.read(index, 1, token, 0);
    return token[0];
  }
}
