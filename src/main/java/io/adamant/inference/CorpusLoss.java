package io.adamant.inference;

import io.adamant.data.TokenView;
import java.util.function.LongConsumer;

/**
 * How well a model predicts a text: every token but the first, each from up to {@code context}
 * tokens before it.
 *
 * <p>The text is cut into windows of {@code context} tokens that begin every {@code stride} tokens.
 * With a stride as long as the context they lie side by side, as those that training is validated
 * on, and a token has half a context before it on average; with a shorter one a window scores only
 * the tokens that the one before did not reach, so each has at least {@code context - stride}.
 *
 * @param tokens that were scored
 * @param loss their mean cross-entropy, nats
 * @param standardError of it, from the differences between windows; NaN for one window
 */
public record CorpusLoss(long tokens, double loss, double standardError) {

  /**
   * Measures it.
   *
   * @param scorer of the model
   * @param text at least two tokens
   * @param context tokens of a window, at most the decoder's
   * @param stride from one window to the next, 1 to {@code context}
   * @param scored hears how many more tokens have been scored
   * @return the loss
   */
  public static CorpusLoss of(
      TextScorer scorer, TokenView text, int context, int stride, LongConsumer scored) {
    long last = text.size() - 1; // the last token is only a target
    long next = 1; // the first token that has no score yet
    Sums sums = new Sums();
    for (long begin = 0; next <= last; begin += stride) {
      int inputs = (int) Math.min(context, last - begin);
      int known = (int) (next - begin - 1); // inputs whose targets are scored
      int[] window = read(text, begin, inputs + 1);
      float[] logs = scorer.score(window, known + 1);
      double sum = 0;
      for (float log : logs) {
        sum -= log;
      }
      sums.add(sum, logs.length);
      scored.accept(logs.length);
      next = begin + inputs + 1;
    }
    return new CorpusLoss(last, sums.mean(), sums.standardError());
  }

  /** exp(loss). */
  public double perplexity() {
    return Math.exp(loss);
  }

  private static int[] read(TokenView text, long begin, int count) {
    long[] tokens = new long[count];
    text.read(begin, count, tokens, 0);
    int[] ids = new int[tokens.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.toIntExact(tokens[i]);
    }
    return ids;
  }

  /** Sums over windows j of s, the nats of its n tokens. */
  private static final class Sums {
    private long windows;
    private double s;
    private double n;
    private double ss;
    private double sn;
    private double nn;

    void add(double nats, int tokens) {
      windows++;
      s += nats;
      n += tokens;
      ss += nats * nats;
      sn += nats * tokens;
      nn += (double) tokens * tokens;
    }

    double mean() {
      return s / n;
    }

    /** Of a ratio: the root of J/(J-1) times the sum of (s - mean n)^2, over the sum of n. */
    double standardError() {
      if (windows < 2) {
        return Double.NaN;
      }
      double squares = ss - 2 * mean() * sn + mean() * mean() * nn;
      return Math.sqrt(Math.max(0, squares) * windows / (windows - 1.0)) / n;
    }
  }
}
