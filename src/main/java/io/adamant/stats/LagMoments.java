package io.adamant.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What gradients of different steps have in common: the uncentred second moments C_k = E[x_t
 * x_{t&minus;k}], a mean over the coordinates and over the pairs of steps that are k apart, and
 * what follows from them.
 *
 * <p>The steps of a pair have batches of their own, so their noise is independent given the
 * weights: C_0 holds signal and noise, C_k what a step shares with the one k before. A constant
 * mean &mu; and white noise give C_0 = &mu;&sup2; + &sigma;&sup2; and C_k = &mu;&sup2;.
 *
 * <p>Intervals are two-way: coordinates share directions, so their number says little about the
 * error over time, and steps share coordinates. A quantity f(C) is linearised. Its residuals are
 * summed over blocks of steps, each pair belonging to its later step, and over blocks of
 * coordinates; the variance is that between blocks of coordinates, plus that between blocks of
 * steps as far as it exceeds that between their cells (Cameron, Gelbach and Miller 2011, two-way
 * clusters), with the covariance of neighbouring blocks and a correction for the moments that were
 * fitted. Student's quantile with Satterthwaite's degrees of freedom, blocks less 1 of coordinates
 * and two thirds of the blocks of steps, whose neighbours count (Bartlett's weight of a half); of
 * an RMS on the scale of its logarithm.
 */
public final class LagMoments {

  /** Fewest steps that say something. */
  public static final int FEWEST = 16;

  private static final double LEVEL = 0.95;
  private static final int TIME_BLOCKS = 6;
  private static final double BARTLETT = 1.5; // 1 + 2 (1/2)^2: squares of the neighbours' weights
  private static final double TRUNCATION = 0.01;
  private static final int GRID = 40;

  private final int steps;
  private final double[][][] sums; // by block of steps, block of coordinates, lag
  private final double[][] counts; // pairs by block of steps, lag
  private final double[] sizes; // coordinates by block
  private final double[] moments;

  /**
   * An estimate with its interval.
   *
   * @param value NaN where it is not defined
   * @param interval 95 %
   */
  public record Estimate(double value, Interval interval) {

    /** No estimate. */
    public static final Estimate UNKNOWN =
        new Estimate(
            Double.NaN, new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, LEVEL));

    /**
     * Whether there is an estimate.
     *
     * @return false for NaN
     */
    public boolean known() {
      return !Double.isNaN(value);
    }
  }

  /**
   * Takes measured inner products.
   *
   * @param gram by block of coordinates, (T, T) inner products of the gradients of T consecutive
   *     steps, the oldest first
   * @param sizes coordinates of each block, or what they count
   * @throws IllegalArgumentException for fewer than {@link #FEWEST} steps, or fewer than two blocks
   */
  public LagMoments(double[][][] gram, double[] sizes) {
    if (gram.length < 2 || gram.length != sizes.length || gram[0].length < FEWEST) {
      throw new IllegalArgumentException(
          "blocks: %s, sizes: %s, steps: %s; expected: at least 2, as many, at least %s"
              .formatted(gram.length, sizes.length, gram.length == 0 ? 0 : gram[0].length, FEWEST));
    }
    this.steps = gram[0].length;
    this.sizes = sizes.clone();
    sums = new double[TIME_BLOCKS][gram.length][steps];
    counts = new double[TIME_BLOCKS][steps];
    for (int later = 0; later < steps; later++) {
      int block = later * TIME_BLOCKS / steps;
      for (int lag = 0; lag <= later; lag++) {
        counts[block][lag]++;
        for (int c = 0; c < gram.length; c++) {
          sums[block][c][lag] += gram[c][later][later - lag];
        }
      }
    }
    double all = Arrays.stream(sizes).sum();
    moments = new double[steps];
    for (int lag = 0; lag < steps; lag++) {
      double sum = 0;
      for (double[][] block : sums) {
        for (double[] cell : block) {
          sum += cell[lag];
        }
      }
      moments[lag] = sum / ((steps - lag) * all);
    }
  }

  /**
   * Steps that were measured.
   *
   * @return T
   */
  public int steps() {
    return steps;
  }

  /**
   * A second moment.
   *
   * @param lag steps apart, 0 to T &minus; 1
   * @return C_k
   */
  public double moment(int lag) {
    return moments[lag];
  }

  /**
   * Persistence: what a step shares with one before, &minus;1 to 1.
   *
   * @param lag steps apart, 1 to T &minus; 1
   * @return C_k/C_0
   */
  public Estimate persistence(int lag) {
    return estimate(c -> c[lag] / c[0]);
  }

  /**
   * Weights of an exponential average over the last steps, with sum 1.
   *
   * @param beta coefficient, in [0, 1)
   * @param length steps
   * @return w_j &prop; beta^j, of the newest step first
   */
  public static double[] kernel(double beta, int length) {
    double[] weights = new double[length];
    double whole = 1 - Math.pow(beta, (double) length);
    for (int j = 0; j < length; j++) {
      weights[j] = (1 - beta) * Math.pow(beta, (double) j) / whole;
    }
    return weights;
  }

  /**
   * Whether the steps cover the memory of an average, all but a hundredth of it.
   *
   * @param beta coefficient
   * @param length steps
   * @return whether beta^length &le; 0.01
   */
  public static boolean covers(double beta, int length) {
    return Math.pow(beta, (double) length) <= TRUNCATION;
  }

  /**
   * The update RMS that an average of these gradients has in units of their RMS: RMS&sup2; =
   * &Sigma; w_j w_k C_|j&minus;k|/C_0. For a constant mean it is (snr + r)/(snr + 1), theory.md 4.
   *
   * @param beta coefficient of the average
   * @return its estimate; unknown where the steps do not cover the average's memory
   */
  public Estimate updateRms(double beta) {
    if (!covers(beta, steps)) {
      return Estimate.UNKNOWN;
    }
    double[] weights = lagWeights(kernel(beta, steps));
    return root(estimate(c -> Math.log(dot(weights, c, 0) / c[0])));
  }

  /**
   * How much larger the update is than without memory: the RMS above over that of white noise,
   * &radic;&Sigma;w_j&sup2;.
   *
   * @param beta coefficient of the average
   * @return its estimate; unknown where the steps do not cover the average's memory
   */
  public Estimate memoryFactor(double beta) {
    Estimate rms = updateRms(beta);
    double white = whiteRms(beta, steps);
    return new Estimate(
        rms.value / white,
        new Interval(rms.interval.low() / white, rms.interval.high() / white, LEVEL));
  }

  /**
   * The update RMS on white noise of RMS 1.
   *
   * @param beta coefficient of the average
   * @param length steps that it covers
   * @return &radic;&Sigma;w_j&sup2;
   */
  public static double whiteRms(double beta, int length) {
    return Math.sqrt(Arrays.stream(kernel(beta, length)).map(w -> w * w).sum());
  }

  /**
   * The coefficient whose average points most along the next gradient: it maximises &Sigma;w_j
   * C_{j+1}/&radic;(C_0 &Sigma;w_j w_k C_|j&minus;k|), the scale being free. The interval holds the
   * coefficients around it at which the slope in ln(1 &minus; beta) may be 0; it ends where the
   * steps no longer cover the average's memory.
   *
   * @return its estimate; unknown where no average points along the next gradient more than chance
   */
  public Estimate predictiveBeta() {
    List<Average> grid = grid();
    Average best = null;
    int at = -1;
    for (int i = 0; i < grid.size(); i++) {
      double value = grid.get(i).alignment(moments);
      if (value > 0 && (best == null || value > best.alignment(moments))) {
        best = grid.get(i);
        at = i;
      }
    }
    if (best == null || !(estimate(best::alignment).interval.low() > 0)) {
      return Estimate.UNKNOWN;
    }
    int low = at;
    while (low > 0 && flat(grid, low - 1)) {
      low--;
    }
    int high = at;
    while (high < grid.size() - 1 && flat(grid, high + 1)) {
      high++;
    }
    return new Estimate(best.beta, new Interval(grid.get(low).beta, grid.get(high).beta, LEVEL));
  }

  /** Coefficients from 0 to the largest one covered, equally far apart in ln(1 - beta). */
  private List<Average> grid() {
    double longest = Math.log1p(-Math.pow(TRUNCATION, 1.0 / steps));
    List<Average> grid = new ArrayList<>();
    for (int i = 0; i <= GRID; i++) {
      grid.add(Average.of(-Math.expm1(longest * i / GRID), steps - 1));
    }
    return grid;
  }

  private boolean flat(List<Average> grid, int i) {
    Average before = grid.get(Math.max(0, i - 1));
    Average after = grid.get(Math.min(GRID, i + 1));
    return estimate(c -> after.alignment(c) - before.alignment(c)).interval.contains(0);
  }

  /** An average over past gradients. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Average(double beta, double[] weights, double[] overlaps) {
    static Average of(double beta, int length) {
      double[] weights = kernel(beta, length);
      return new Average(beta, weights, lagWeights(weights));
    }

    /** Cosine with the next gradient; NaN where the average has no positive square. */
    double alignment(double[] c) {
      double square = dot(overlaps, c, 0);
      return square > 0 ? dot(weights, c, 1) / Math.sqrt(c[0] * square) : Double.NaN;
    }
  }

  /** What each lag counts in &Sigma; w_j w_k C_|j-k|. */
  private static double[] lagWeights(double[] weights) {
    double[] overlaps = new double[weights.length];
    for (int j = 0; j < weights.length; j++) {
      for (int k = 0; k <= j; k++) {
        overlaps[j - k] += (j == k ? 1 : 2) * weights[j] * weights[k];
      }
    }
    return overlaps;
  }

  private static double dot(double[] weights, double[] c, int from) {
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      sum += weights[k] * c[from + k];
    }
    return sum;
  }

  /** From the logarithm of a square, whose error is the more symmetric one. */
  private static Estimate root(Estimate logarithm) {
    return logarithm.known()
        ? new Estimate(
            Math.exp(logarithm.value / 2),
            new Interval(
                Math.exp(logarithm.interval.low() / 2),
                Math.exp(logarithm.interval.high() / 2),
                LEVEL))
        : Estimate.UNKNOWN; // chance made the square negative
  }

  private Estimate estimate(ToDoubleFunction<double[]> quantity) {
    double value = quantity.applyAsDouble(moments);
    double[] slopes = slopes(quantity);
    double[][] residuals = residuals(slopes);
    double[] byTime = new double[residuals.length];
    double[] byCoordinates = new double[sizes.length];
    double cells = 0;
    for (int b = 0; b < residuals.length; b++) {
      for (int c = 0; c < sizes.length; c++) {
        byTime[b] += residuals[b][c];
        byCoordinates[c] += residuals[b][c];
        cells += residuals[b][c] * residuals[b][c];
      }
    }
    // What blocks of steps share over all coordinates, beyond what their cells have of their own.
    double shared = Math.max(0, spread(byTime) - cells + neighbours(byTime));
    double overTime = shared * steps / (steps - lags(slopes));
    double overCoordinates = spread(byCoordinates);
    double variance = overCoordinates + overTime;
    double freedom =
        variance
            * variance
            / (overCoordinates * overCoordinates / (sizes.length - 1.0)
                + overTime * overTime * BARTLETT / (residuals.length - 1.0));
    if (!Double.isFinite(value) || !Double.isFinite(variance)) {
      return Estimate.UNKNOWN;
    }
    return variance > 0
        ? new Estimate(value, Interval.student(value, Math.sqrt(variance), freedom, LEVEL))
        : new Estimate(value, new Interval(value, value, LEVEL));
  }

  /**
   * How many lags a quantity rests on. Each moment is the mean of its own pairs, which takes as
   * much from the spread of the residuals as a fitted parameter does.
   */
  private double lags(double[] slopes) {
    double sum = 0;
    double squares = 0;
    for (int k = 1; k < steps; k++) {
      sum += Math.abs(slopes[k]);
      squares += slopes[k] * slopes[k];
    }
    return squares > 0 ? Math.min(steps - 1.0, sum * sum / squares) : 0;
  }

  /** n/(n - 1) times the sum of squares; the residuals have the sum 0. */
  private static double spread(double[] residuals) {
    double sum = Arrays.stream(residuals).map(r -> r * r).sum();
    return sum * residuals.length / (residuals.length - 1.0);
  }

  /** What memory across the borders of blocks adds, with Bartlett's weight of a half. */
  private static double neighbours(double[] residuals) {
    double sum = 0;
    for (int b = 1; b < residuals.length; b++) {
      sum += residuals[b] * residuals[b - 1];
    }
    return Math.max(0, sum);
  }

  private double[] slopes(ToDoubleFunction<double[]> quantity) {
    double[] slopes = new double[steps];
    double[] moved = moments.clone();
    double h = 1e-4 * Math.abs(moments[0]);
    for (int k = 0; k < steps; k++) {
      moved[k] = moments[k] + h;
      double above = quantity.applyAsDouble(moved);
      moved[k] = moments[k] - h;
      slopes[k] = (above - quantity.applyAsDouble(moved)) / (2 * h);
      moved[k] = moments[k];
    }
    return slopes;
  }

  /** How much each cell of steps and coordinates moves the quantity. */
  private double[][] residuals(double[] slopes) {
    double all = Arrays.stream(sizes).sum();
    double[][] residuals = new double[sums.length][sizes.length];
    for (int b = 0; b < sums.length; b++) {
      for (int c = 0; c < sizes.length; c++) {
        for (int k = 0; k < steps; k++) {
          double surplus = sums[b][c][k] - moments[k] * counts[b][k] * sizes[c];
          residuals[b][c] += slopes[k] * surplus / ((steps - k) * all);
        }
      }
    }
    return residuals;
  }
}
