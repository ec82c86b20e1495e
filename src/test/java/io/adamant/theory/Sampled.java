package io.adamant.theory;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** A small seeded Monte Carlo: the mean of independent draws, with its standard error. */
record Sampled(double mean, double standardError) {

  static Sampled of(long seed, int draws, ToDoubleFunction<SplittableRandom> draw) {
    SplittableRandom random = new SplittableRandom(seed);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < draws; i++) {
      double x = draw.applyAsDouble(random);
      sum += x;
      squares += x * x;
    }
    double mean = sum / draws;
    double variance = (squares / draws - mean * mean) * draws / (draws - 1.0);
    return new Sampled(mean, Math.sqrt(variance / draws));
  }

  /** Half width of an interval of four standard errors: a right value falls out once in 16,000. */
  double interval() {
    return 4 * standardError;
  }
}
