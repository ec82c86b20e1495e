package io.adamant.simulate;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * Any rule's direction on independent Gaussian gradients N(μ, 1), μ² = snr, once its state is
 * stationary; the rule is a function from a step's gradients to its directions, whoever computes
 * it.
 *
 * <p>Beside the RMS of u it finds its mean and c = 1 + 2&nbsp;Σ_k ρ_k, the sum of the
 * autocorrelations of u around the mean, by which weights spread faster than under independent
 * updates: with decoupled decay and small ηλ, E w² = (E u/λ)² + η c Var u / (2λ) (theory.md §5).
 * All come with Student's 95 % interval over blocks of coordinates.
 *
 * @param updateRms RMS of u
 * @param mean of u
 * @param spread c
 */
public record DirectionExperiment(Measurement updateRms, Measurement mean, Measurement spread) {

  private static final int BLOCKS = 32;

  /**
   * Runs it.
   *
   * @param rule a step of a fresh rule: gradients, (width), to directions, (width); called in order
   * @param width coordinates side by side, a multiple of 32
   * @param memory steps after which the state no longer knows its start
   * @param snr ‖μ‖²/‖σ‖² of the gradients
   * @param scale factor on all gradients
   * @param seed of the gradients
   * @return what was found
   */
  public static DirectionExperiment of(
      UnaryOperator<double[]> rule, int width, int memory, double snr, double scale, long seed) {
    GaussianSource noise = new GaussianSource(seed);
    double mu = Math.sqrt(snr);
    int kept = 2 * memory;
    double[] g = new double[width];
    double[][] past = new double[memory][]; // a ring of directions, less the mean so far
    double[] window = new double[width]; // their sum
    double[] sums = new double[width];
    double[] squares = new double[width];
    double[] products = new double[width];
    double centre = 0; // the mean of the second of five parts, near enough to that of the others
    for (int t = 0; t < 3 * memory + kept; t++) {
      noise.fill(g);
      for (int i = 0; i < width; i++) {
        g[i] = scale * (g[i] + mu);
      }
      double[] u = rule.apply(g);
      if (t < 2 * memory) {
        centre += t < memory ? 0 : Arrays.stream(u).sum() / ((double) memory * width);
        continue;
      }
      double[] oldest = past[t % memory] == null ? new double[width] : past[t % memory];
      past[t % memory] = u;
      for (int i = 0; i < width; i++) {
        u[i] -= centre;
        window[i] += u[i] - oldest[i];
        if (t >= 3 * memory) {
          sums[i] += u[i];
          squares[i] += u[i] * u[i];
          products[i] += u[i] * window[i];
        }
      }
    }
    double[] deviation = blocks(sums, kept);
    double[] variance = blocks(squares, kept);
    double[] covariance = blocks(products, kept);
    double[] mean = new double[BLOCKS];
    double[] square = new double[BLOCKS];
    for (int b = 0; b < BLOCKS; b++) {
      mean[b] = centre + deviation[b];
      square[b] = variance[b] + 2 * centre * deviation[b] + centre * centre;
      covariance[b] = 2 * covariance[b] - variance[b];
    }
    return new DirectionExperiment(
        Measurement.root("update_rms", "RMS of the update", square),
        Measurement.mean("mean", "mean of the update", mean),
        Measurement.mean("spread", "1 + 2 sum rho_k", Lanes.quotient(covariance, variance)));
  }

  /**
   * The weight RMS where decay and updates balance, to first order in ηλ.
   *
   * @param lr learning rate
   * @param weightDecay decay
   * @return √((E u/λ)² + η c Var u / (2λ)); on pure noise the mean is taken to be what it is, 0
   */
  public double weightRms(double lr, double weightDecay) {
    boolean drifts = Math.abs(mean.value()) > 3 * mean.halfWidth();
    double drift = drifts ? mean.value() : 0;
    double variance = updateRms.value() * updateRms.value() - drift * drift;
    double noise = lr * Math.max(0, spread.value()) * variance / (2 * weightDecay);
    return Math.sqrt(drift * drift / (weightDecay * weightDecay) + noise);
  }

  private static double[] blocks(double[] sums, int kept) {
    int size = sums.length / BLOCKS;
    double[] means = new double[BLOCKS];
    for (int i = 0; i < BLOCKS * size; i++) {
      means[i / size] += sums[i] / ((double) kept * size);
    }
    return means;
  }
}
