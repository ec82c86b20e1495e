package io.adamant.simulate;

import io.adamant.theory.EffectiveBatch;
import io.adamant.theory.SoftSign;
import io.adamant.theory.Values;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The best learning rate of one step at a frozen point, E[φ]ᵀg/E[φᵀHφ], from drawn directions.
 *
 * @param problem the quadratic and the point
 * @param repetitions of {@link #DRAWS} directions each
 * @param blocks threads, seed and progress
 */
record OneStepRate(RandomQuadratic problem, int repetitions, Blocks blocks) {

  private static final int DRAWS = 100; // of a repetition

  OneStepRate(RandomQuadratic problem, Values v, Blocks blocks) {
    this(problem, (int) v.whole("repetitions"), blocks);
  }

  /**
   * A family of directions.
   *
   * @param beta1 of averaged gradients; 0 for a batch's own
   * @param beta2 of Adam's squares; NaN for a function of the momentum
   * @param map from momentum to direction, where there are no squares
   */
  record Method(double beta1, double beta2, DoubleUnaryOperator map) {

    static Method of(double beta1, DoubleUnaryOperator map) {
      return new Method(beta1, Double.NaN, map);
    }

    static Method adam(double beta1, double beta2) {
      return new Method(beta1, beta2, x -> x);
    }
  }

  /** The methods of {@code optimal-lr}, by key. */
  static Map<String, Method> methods(Values v) {
    double beta1 = v.number("beta1");
    double epsilon = v.number("epsilon");
    Map<String, Method> methods = new LinkedHashMap<>();
    methods.put("sgd", Method.of(0, x -> x));
    methods.put("sgdm", Method.of(beta1, x -> x));
    methods.put("sign_sgd", Method.of(0, Math::signum));
    methods.put("signum", Method.of(beta1, Math::signum));
    methods.put("adam", Method.adam(beta1, v.number("beta2")));
    methods.put("soft_sign", Method.of(0, x -> SoftSign.value(x, epsilon)));
    return methods;
  }

  Measurement measure(String key, Method method, double batch) {
    double[][] c = sums(method, batch);
    return Measurement.mean(key, "best rate of one step, " + key, Lanes.quotient(c[0], c[1]));
  }

  /** E[φ]ᵀg and E[φᵀHφ], (2, repetitions). */
  double[][] sums(Method method, double batch) {
    Lanes lanes = new Lanes(blocks, repetitions, 2);
    return Double.isNaN(method.beta2)
        ? lanes.columns((noise, out) -> function(method, batch, noise, out))
        : lanes.columns((noise, out) -> adam(method, batch, noise, out));
  }

  /** A momentum whose gradient does not move is Gaussian: it needs no run to become stationary. */
  private void function(Method method, double batch, GaussianSource noise, double[] out) {
    double effective = EffectiveBatch.effectiveBatch(method.beta1, batch);
    for (int k = 0; k < DRAWS; k++) {
      double[] phi = problem.gradient(noise, effective);
      Arrays.setAll(phi, i -> method.map.applyAsDouble(phi[i]));
      add(phi, out);
    }
  }

  private void adam(Method method, double batch, GaussianSource noise, double[] out) {
    double beta1 = method.beta1;
    double beta2 = method.beta2;
    double[] m = problem.gradient().clone();
    double[] v = new double[m.length];
    for (int i = 0; i < v.length; i++) {
      v[i] = m[i] * m[i] + problem.sigma()[i] * problem.sigma()[i] / batch;
    }
    double[] phi = new double[v.length];
    int settling = (int) Math.ceil(10 / (1 - Math.max(beta1, beta2)));
    int apart = (int) Math.ceil(1 / (1 - beta1));
    for (int t = 0; t < settling + DRAWS * apart; t++) {
      double[] g = problem.gradient(noise, batch);
      for (int i = 0; i < v.length; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      }
      if (t >= settling && (t - settling) % apart == 0) {
        Arrays.setAll(phi, i -> m[i] / Math.sqrt(v[i]));
        add(phi, out);
      }
    }
  }

  private void add(double[] phi, double[] out) {
    out[0] += RandomQuadratic.dot(phi, problem.gradient()) / DRAWS;
    out[1] += problem.curvature(phi) / DRAWS;
  }
}
