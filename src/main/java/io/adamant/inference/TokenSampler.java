package io.adamant.inference;

import io.adamant.base.InputException;
import io.adamant.base.PublicApi;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How the next token is drawn from logits. In double precision and in this order:
 *
 * <ol>
 *   <li>z = logit / temperature. Temperature 0 takes the largest logit, of equal ones that of the
 *       smallest id, and nothing else applies.
 *   <li>The ids are sorted by z, the largest first, equal ones by id.
 *   <li>The first {@code topK} of them are kept; 0 keeps all.
 *   <li>p = softmax(z) over those kept; then the shortest beginning is kept whose sum is at least
 *       {@code topP}; 1 keeps all.
 *   <li>u is uniform on [0, 1), one number a token; taken is the first id whose running sum exceeds
 *       u times the sum of all that are kept.
 * </ol>
 *
 * @param temperature at least 0
 * @param topK ids that can be drawn at most, 0 for all
 * @param topP probability that they have together at least, above 0 and at most 1
 */
@PublicApi
public record TokenSampler(double temperature, int topK, double topP) {

  /** The model's own distribution. */
  public static final TokenSampler UNMODIFIED = new TokenSampler(1, 0, 1);

  /** The likeliest token each time. */
  public static final TokenSampler GREEDY = new TokenSampler(0, 0, 1);

  /**
   * Checks the settings.
   *
   * @throws InputException if one is out of range
   */
  public TokenSampler {
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw InputException.badValue("temperature", temperature, "a finite number of at least 0");
    }
    if (topK < 0) {
      throw InputException.badValue("top-k", topK, "a whole number of at least 1, or 0 for all");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw InputException.badValue("top-p", topP, "a number above 0 and at most 1");
    }
  }

  /**
   * Random numbers of a sample, which do not depend on those of the samples before it.
   *
   * @param seed of all samples
   * @param index of the sample, from 0
   * @return a generator
   */
  static SplittableRandom random(long seed, long index) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index);
  }

  /**
   * Draws the next token.
   *
   * @param logits a value for each id
   * @param random gives one number, none with temperature 0
   * @return the id
   */
  public int draw(float[] logits, SplittableRandom random) {
    if (temperature == 0) {
      int best = 0;
      for (int id = 1; id < logits.length; id++) {
        best = logits[id] > logits[best] ? id : best;
      }
      return best;
    }
    int[] ids = sorted(logits);
    int kept = topK == 0 ? ids.length : Math.min(topK, ids.length);
    double[] sums = new double[kept]; // running sums of e^(z - the largest z)
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += Math.exp(((double) logits[ids[i]] - logits[ids[0]]) / temperature);
      sums[i] = sum;
    }
    if (topP < 1) {
      kept = firstAtLeast(sums, topP * sum) + 1;
    }
    double drawn = random.nextDouble() * sums[kept - 1];
    int i = 0;
    while (i < kept - 1 && sums[i] <= drawn) {
      i++;
    }
    return ids[i];
  }

  private static int firstAtLeast(double[] sums, double limit) {
    int i = 0;
    while (i < sums.length - 1 && sums[i] < limit) {
      i++;
    }
    return i;
  }

  /** Ids by falling logit, equal ones by id. */
  private static int[] sorted(float[] logits) {
    long[] keys = new long[logits.length];
    for (int id = 0; id < logits.length; id++) {
      int bits = Float.floatToIntBits(logits[id] + 0.0f); // no negative zero: it equals zero
      int order = bits ^ ((bits >> 31) & Integer.MAX_VALUE); // ascending as a whole number
      keys[id] = ((long) ~order << 32) | id;
    }
    Arrays.sort(keys);
    int[] ids = new int[keys.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) keys[i];
    }
    return ids;
  }

  /**
   * The logarithm of a token's probability under the model, whatever the settings here.
   *
   * @param logits a value for each id
   * @param id the token
   * @return log softmax(logits)[id], natural, at most 0
   */
  public static double logProbability(float[] logits, int id) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return logits[id] - largest - Math.log(sum);
  }
}
