package io.adamant.simulate;

import io.adamant.theory.EffectiveBatch;
import io.adamant.theory.SoftSign;
import io.adamant.theory.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** The best learning rate of one step at a frozen point, E[φ]ᵀg/E[φᵀHφ], from drawn directions. */
final class OneStepRate {

  private static final int DRAWS = 100; // of a repetition

  private OneStepRate() {}

  /**
   * A family of directions.
   *
   * @param momentum whether gradients are averaged with beta1
   * @param beta2 of Adam's squares; NaN for a function of the momentum
   * @param map from momentum to direction, where there are no squares
   */
  record Method(boolean momentum, double beta2, DoubleUnaryOperator map) {}

  /** The methods of {@code optimal-lr}, by key. */
  static Map<String, Method> methods(Values v) {
    double epsilon = v.number("epsilon");
    Map<String, Method> methods = new LinkedHashMap<>();
    methods.put("sgd", new Method(false, Double.NaN, x -> x));
    methods.put("sgdm", new Method(true, Double.NaN, x -> x));
    methods.put("sign_sgd", new Method(false, Double.NaN, Math::signum));
    methods.put("signum", new Method(true, Double.NaN, Math::signum));
    methods.put("adam", new Method(true, v.number("beta2"), x -> x));
    methods.put("soft_sign", new Method(false, Double.NaN, x -> SoftSign.value(x, epsilon)));
    return methods;
  }

  static Measurement measure(
      String key,
      RandomQuadratic problem,
      Method method,
      double batch,
      double beta1,
      int repetitions,
      Blocks blocks) {
    double[][] c = sums(problem, method, batch, beta1, repetitions, blocks);
    return Measurement.mean(
        key, "best rate of one step, " + key, StepExperiments.quotient(c[0], c[1]));
  }

  /** E[φ]ᵀg and E[φᵀHφ], (2, repetitions). */
  static double[][] sums(
      RandomQuadratic problem,
      Method method,
      double batch,
      double beta1,
      int repetitions,
      Blocks blocks) {
    return Lanes.columns(
        blocks,
        repetitions,
        2,
        (noise, out) -> {
          if (Double.isNaN(method.beta2)) {
            function(problem, method, batch, beta1, noise, out);
          } else {
            adam(problem, batch, beta1, method.beta2, noise, out);
          }
          return out;
        });
  }

  /** A momentum whose gradient does not move is Gaussian: it needs no run to become stationary. */
  private static void function(
      RandomQuadratic problem,
      Method method,
      double batch,
      double beta1,
      GaussianSource noise,
      double[] out) {
    double effective = method.momentum ? EffectiveBatch.effectiveBatch(beta1, batch) : batch;
    for (int k = 0; k < DRAWS; k++) {
      double[] phi = problem.gradient(noise, effective);
      for (int i = 0; i < phi.length; i++) {
        phi[i] = method.map.applyAsDouble(phi[i]);
      }
      add(problem, phi, out);
    }
  }

  private static void adam(
      RandomQuadratic problem,
      double batch,
      double beta1,
      double beta2,
      GaussianSource noise,
      double[] out) {
    int d = problem.gradient().length;
    double[] m = problem.gradient().clone();
    double[] v = new double[d];
    for (int i = 0; i < d; i++) {
      v[i] = m[i] * m[i] + problem.sigma()[i] * problem.sigma()[i] / batch;
    }
    double[] phi = new double[d];
    int settling = (int) Math.ceil(10 / (1 - Math.max(beta1, beta2)));
    int apart = (int) Math.ceil(1 / (1 - beta1));
    for (int t = 0; t < settling + DRAWS * apart; t++) {
      double[] g = problem.gradient(noise, batch);
      for (int i = 0; i < d; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      }
      if (t >= settling && (t - settling) % apart == 0) {
        for (int i = 0; i < d; i++) {
          phi[i] = m[i] / Math.sqrt(v[i]);
        }
        add(problem, phi, out);
      }
    }
  }

  private static void add(RandomQuadratic problem, double[] phi, double[] out) {
    out[0] += RandomQuadratic.dot(phi, problem.gradient()) / DRAWS;
    out[1] += problem.curvature(phi) / DRAWS;
  }
}
