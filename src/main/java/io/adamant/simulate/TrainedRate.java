package io.adamant.simulate;

/**
 * The best constant peak rate of a whole training run on a random quadratic: fixed steps from w_0,
 * cosine to 0, least mean log loss over seeds. Rates are searched by factors of 2, then √2, then by
 * a parabola in the logarithm; all rates see the same noise, so that the search is smooth.
 *
 * @param problem the quadratic and its start
 * @param method which
 * @param batch B
 * @param steps of a run
 * @param seed of the noise
 */
record TrainedRate(
    RandomQuadratic problem, SurgeMethod method, double batch, int steps, long seed) {

  private static final int SEEDS = 24;
  private static final double LEAST = 1e-12; // a loss below counts as this

  /** The best rate, begun at a guess. */
  double best(double guess) {
    double rate = guess;
    double here = loss(rate);
    double below = loss(rate / 2);
    double above = loss(rate * 2);
    for (int tries = 0; tries < 40 && (below < here || !(here <= above)); tries++) {
      if (below < here || !Double.isFinite(here)) {
        rate /= 2;
        above = here;
        here = below;
        below = loss(rate / 2);
      } else {
        rate *= 2;
        below = here;
        here = above;
        above = loss(rate * 2);
      }
    }
    double root = Math.sqrt(2);
    double lower = loss(rate / root);
    double upper = loss(rate * root);
    if (lower < here && lower <= upper) {
      return vertex(rate / root, below, lower, here);
    }
    if (upper < here) {
      return vertex(rate * root, here, upper, above);
    }
    return vertex(rate, lower, here, upper);
  }

  /** The vertex of a parabola through three values a factor √2 apart. */
  private static double vertex(double rate, double lower, double middle, double upper) {
    double bend = lower - 2 * middle + upper;
    if (!(bend > 0) || !Double.isFinite(bend)) {
      return rate;
    }
    double shift = Math.max(-1, Math.min(1, (lower - upper) / (2 * bend)));
    return rate * Math.pow(2, shift / 2);
  }

  /** Mean over seeds of the logarithm of the last loss; +∞ if one diverges. */
  private double loss(double peak) {
    double sum = 0;
    for (int k = 0; k < SEEDS; k++) {
      double loss = run(peak, new GaussianSource(Seeds.mix(seed, k)));
      if (!(loss < 1e8)) {
        return Double.POSITIVE_INFINITY;
      }
      sum += Math.log(Math.max(loss, LEAST));
    }
    return sum / SEEDS;
  }

  private double run(double peak, GaussianSource noise) {
    double[] w = problem.start().clone();
    int d = w.length;
    double[] m = new double[d];
    double[] v = new double[d];
    double[] z = new double[d];
    double shrink = 1 / Math.sqrt(batch);
    double left1 = 1;
    double left2 = 1;
    for (int t = 0; t < steps; t++) {
      double lr = peak * (1 + StrictMath.cos(Math.PI * t / steps)) / 2;
      double[] g = RandomQuadratic.times(problem.hessian(), w);
      noise.fill(z);
      left1 *= method.beta1();
      left2 *= method.beta2();
      for (int i = 0; i < d; i++) {
        double x = g[i] + problem.sigma()[i] * shrink * z[i];
        m[i] = method.beta1() * m[i] + (1 - method.beta1()) * x;
        v[i] = method.beta2() * v[i] + (1 - method.beta2()) * x * x;
        w[i] -= lr * method.direction(m[i] / (1 - left1), v[i] / (1 - left2));
      }
    }
    return problem.curvature(w) / 2;
  }
}
