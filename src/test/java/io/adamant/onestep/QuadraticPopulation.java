package io.adamant.onestep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.simulate.RandomQuadratic;
import java.util.Random;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * A quadratic whose samples have, coordinate by coordinate, the quantiles of a normal distribution
 * in an order of their own: mean and variance of the population are those asked for, exactly.
 */
final class QuadraticPopulation implements Population {

  private final NDManager manager = NDManager.newBaseManager();
  private final RandomQuadratic problem;
  private final NDArray gradients;
  private final NDArray hessian;
  private final NDArray mean;
  private final int samples;

  QuadraticPopulation(RandomQuadratic problem, int samples, long seed) {
    this.problem = problem;
    this.samples = samples;
    int d = problem.gradient().length;
    float[] all = new float[samples * d];
    double[] quantiles = new double[samples];
    double square = 0;
    for (int n = 0; n < samples; n++) {
      quantiles[n] = new NormalDistribution().inverseCumulativeProbability((n + 0.5) / samples);
      square += quantiles[n] * quantiles[n] / samples;
    }
    Random random = new Random(seed);
    for (int i = 0; i < d; i++) {
      for (int n = samples - 1; n > 0; n--) {
        int other = random.nextInt(n + 1);
        double swapped = quantiles[n];
        quantiles[n] = quantiles[other];
        quantiles[other] = swapped;
      }
      for (int n = 0; n < samples; n++) {
        double noise = problem.sigma()[i] * quantiles[n] / Math.sqrt(square);
        all[n * d + i] = (float) (problem.gradient()[i] + noise);
      }
    }
    float[] flat = new float[d * d];
    float[] g = new float[d];
    for (int i = 0; i < d; i++) {
      g[i] = (float) problem.gradient()[i];
      for (int j = 0; j < d; j++) {
        flat[i * d + j] = (float) problem.hessian()[i][j];
      }
    }
    gradients = manager.create(all, new Shape(samples, d));
    hessian = manager.create(flat, new Shape(d, d));
    mean = manager.create(g);
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public NDArray gradients() {
    return gradients;
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public long coordinates() {
    return mean.size();
  }

  @Override
  public double scale() {
    return 400; // a quadratic has no third derivative: a long step, for the rounding of float32
  }

  @Override
  public NDArray gradient(NDManager owner, NDArray direction, double factor, int[] which) {
    NDArray moved = hessian.matMul(direction).muli(factor).addi(mean);
    moved.attach(owner);
    return moved;
  }

  @Override
  public double loss(NDArray direction, double factor, int[] which) {
    float[] u = direction.toFloatArray();
    double loss = 0;
    for (int i = 0; i < u.length; i++) {
      loss += factor * u[i] * problem.gradient()[i];
      for (int j = 0; j < u.length; j++) {
        loss += factor * factor * u[i] * problem.hessian()[i][j] * u[j] / 2;
      }
    }
    return loss;
  }

  @Override
  public void close() {
    manager.close();
  }
}
