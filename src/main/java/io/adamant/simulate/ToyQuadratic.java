package io.adamant.simulate;

import static io.adamant.simulate.RandomQuadratic.dot;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/**
 * The nine-dimensional quadratic of the study (theory.md §7): L(w) = ½ wᵀHw, H of three 3×3 blocks
 * UᵀΛU with random rotations U.
 *
 * <p>Gradients are noisy: H = XXᵀ/9, and a batch b of columns of X gives g = (1/|b|) X_b X_bᵀ w,
 * whose mean over batches is Hw and whose noise vanishes at w = 0 (interpolation).
 *
 * <p>The rotations are those of Gaussian A Aᵀ in the study, which are uniform (Haar); here Gaussian
 * vectors are made orthonormal directly, which draws from the same distribution.
 */
public final class ToyQuadratic {
  /** Dimension d, and columns of X. */
  public static final int SIZE = 9;

  /** Coordinates of one block. */
  public static final int BLOCK = 3;

  /** How eigenvalues are dealt to the blocks. */
  public enum Spectrum {
    /** One scale a block: {1, 2, 3}, {99, 100, 101}, {4998, 4999, 5000}. */
    HETEROGENEOUS,
    /** All scales in each block: {1, 99, 4998}, {2, 100, 4999}, {3, 101, 5000}. */
    HOMOGENEOUS;

    /**
     * The eigenvalues, block by block.
     *
     * @return (9), a new array
     */
    public double[] eigenvalues() {
      return this == HETEROGENEOUS
          ? new double[] {1, 2, 3, 99, 100, 101, 4998, 4999, 5000}
          : new double[] {1, 99, 4998, 2, 100, 4999, 3, 101, 5000};
    }
  }

  /** Which square root of H the samples are columns of. */
  public enum Design {
    /** X = 3VΛ^½: a batch is a random subset of eigen-directions (the study's notebook). */
    NOTEBOOK,
    /** X = 3H^½, symmetric (the study's text). */
    SYMMETRIC
  }

  private final double[][] hessian; // (9, 9)
  private final double[][] samples; // (9 samples, 9): the columns of X

  private ToyQuadratic(double[][] hessian, double[][] samples) {
    this.hessian = hessian;
    this.samples = samples;
  }

  /**
   * Draws the rotations.
   *
   * @param spectrum eigenvalues of the blocks
   * @param design square root of H
   * @param seed of the rotations; the same for both designs
   * @return the problem
   */
  public static ToyQuadratic draw(Spectrum spectrum, Design design, long seed) {
    double[] lambda = spectrum.eigenvalues();
    double[][] v = eigenvectors(new Random(Seeds.mix(seed)));
    double[][] samples = new double[SIZE][];
    for (int j = 0; j < SIZE; j++) {
      samples[j] =
          design == Design.NOTEBOOK
              ? Lanes.times(v[j], 3 * Math.sqrt(lambda[j]))
              : Lanes.times(combine(v, j, Math::sqrt, lambda), 3);
    }
    double[][] hessian = new double[SIZE][];
    for (int j = 0; j < SIZE; j++) {
      hessian[j] = combine(v, j, x -> x, lambda);
    }
    return new ToyQuadratic(hessian, samples);
  }

  /**
   * The loss ½ wᵀHw.
   *
   * @param w (9)
   * @return L(w)
   */
  public double loss(double[] w) {
    return dot(w, gradient(w)) / 2;
  }

  /**
   * The full gradient Hw.
   *
   * @param w (9)
   * @return (9), a new array
   */
  public double[] gradient(double[] w) {
    return RandomQuadratic.times(hessian, w);
  }

  /**
   * A batch's gradient (1/|b|) X_b X_bᵀ w.
   *
   * @param w (9)
   * @param batch b, columns of X, each from 0 to 8
   * @return (9), a new array
   */
  public double[] gradient(double[] w, int[] batch) {
    double[] g = new double[SIZE];
    for (int column : batch) {
      double[] x = samples[column];
      double weight = dot(x, w) / batch.length;
      for (int i = 0; i < SIZE; i++) {
        g[i] += weight * x[i];
      }
    }
    return g;
  }

  /**
   * Draws a batch without replacement.
   *
   * @param random source
   * @param size |b|, from 1 to 9
   * @return distinct columns
   */
  static int[] batch(Random random, int size) {
    int[] columns = new int[SIZE];
    for (int i = 0; i < SIZE; i++) {
      columns[i] = i;
    }
    for (int i = 0; i < size; i++) {
      int j = i + random.nextInt(SIZE - i);
      int other = columns[j];
      columns[j] = columns[i];
      columns[i] = other;
    }
    return Arrays.copyOf(columns, size);
  }

  /** Row i of V f(Λ) Vᵀ, v[j] being the j-th eigenvector. */
  private static double[] combine(double[][] v, int i, DoubleUnaryOperator f, double[] lambda) {
    double[] row = new double[SIZE];
    for (int j = 0; j < SIZE; j++) {
      double weight = f.applyAsDouble(lambda[j]) * v[j][i];
      for (int k = 0; k < SIZE; k++) {
        row[k] += weight * v[j][k];
      }
    }
    return row;
  }

  /** Nine orthonormal vectors, three uniformly rotated ones a block. */
  private static double[][] eigenvectors(Random random) {
    double[][] v = new double[SIZE][SIZE];
    for (int block = 0; block < SIZE; block += BLOCK) {
      for (int j = block; j < block + BLOCK; j++) {
        for (int i = block; i < block + BLOCK; i++) {
          v[j][i] = random.nextGaussian();
        }
        RandomQuadratic.makeOrthogonal(v, block, j);
        v[j] = Lanes.times(v[j], 1 / Math.sqrt(dot(v[j], v[j])));
      }
    }
    return v;
  }
}
