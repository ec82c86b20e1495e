package io.adamant.stats;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All pairs of arms tested, corrected by Holm, and shown as letters: arms that share a letter are
 * not told apart.
 *
 * @param order names by rising mean
 * @param pairs every pair, the arm of lower mean first
 * @param letters compact letter display by name, in the order of rising mean
 * @param alpha family-wise error rate
 */
public record SignificanceGroups(
    List<String> order, List<Pair> pairs, Map<String, String> letters, double alpha) {

  /**
   * One comparison.
   *
   * @param first arm of the lower mean
   * @param second arm of the higher mean
   * @param test of mean(first) = mean(second)
   * @param adjustedP by Holm, over all pairs
   * @param significant adjustedP < alpha
   */
  public record Pair(
      String first, String second, TTest test, double adjustedP, boolean significant) {}

  /** Takes copies. */
  public SignificanceGroups {
    order = List.copyOf(order);
    pairs = List.copyOf(pairs);
    letters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(letters));
  }

  /**
   * Compares all pairs.
   *
   * @param samples by arm; at least two values each, in the same order of seeds if paired
   * @param design paired t-tests or Welch's
   * @param alpha family-wise error rate, in (0, 1)
   * @return the groups
   * @throws IllegalArgumentException if a sample is too small, not finite or, paired, of another
   *     size
   */
  public static SignificanceGroups of(Map<String, double[]> samples, Design design, double alpha) {
    Samples.requireFraction("alpha", alpha);
    samples.forEach((name, sample) -> Samples.require(name, sample, 2));
    List<String> order = new ArrayList<>(samples.keySet());
    order.sort(Comparator.comparingDouble(name -> Samples.mean(samples.get(name))));
    List<Pair> pairs = pairs(order, samples, design, alpha);
    boolean[][] differs = new boolean[order.size()][order.size()];
    for (Pair pair : pairs) {
      int i = order.indexOf(pair.first());
      int j = order.indexOf(pair.second());
      differs[i][j] = pair.significant();
      differs[j][i] = pair.significant();
    }
    List<String> letters = CompactLetters.of(differs);
    Map<String, String> byName = new LinkedHashMap<>();
    for (int i = 0; i < order.size(); i++) {
      byName.put(order.get(i), letters.get(i));
    }
    return new SignificanceGroups(order, pairs, byName, alpha);
  }

  private static List<Pair> pairs(
      List<String> order, Map<String, double[]> samples, Design design, double alpha) {
    List<Pair> raw = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      for (int j = i + 1; j < order.size(); j++) {
        double[] a = samples.get(order.get(i));
        double[] b = samples.get(order.get(j));
        TTest test =
            design == Design.PAIRED ? TTest.paired(a, b, 1 - alpha) : TTest.welch(a, b, 1 - alpha);
        raw.add(new Pair(order.get(i), order.get(j), test, test.pValue(), false));
      }
    }
    double[] adjusted = Holm.adjust(raw.stream().mapToDouble(Pair::adjustedP).toArray());
    List<Pair> pairs = new ArrayList<>();
    for (int k = 0; k < adjusted.length; k++) {
      Pair pair = raw.get(k);
      boolean significant = adjusted[k] < alpha;
      pairs.add(new Pair(pair.first(), pair.second(), pair.test(), adjusted[k], significant));
    }
    return pairs;
  }
}
