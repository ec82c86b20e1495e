package io.adamant.measure;

/**
 * Sums over coordinates after a step.
 *
 * @param coordinates how many
 * @param update squares of the direction u
 * @param weight squares of the weights
 * @param gradient squares of the gradient, as the optimizer got it
 * @param momentum squares of the state m; not a number where the optimizer has none
 * @param moments mixed sums of m, v and g
 */
record Sums(
    long coordinates,
    double update,
    double weight,
    double gradient,
    double momentum,
    MixedMoments moments) {

  static final Sums ZERO = new Sums(0, 0, 0, 0, 0, MixedMoments.ZERO);

  Sums plus(Sums other) {
    return new Sums(
        coordinates + other.coordinates,
        update + other.update,
        weight + other.weight,
        gradient + other.gradient,
        momentum + other.momentum,
        moments.plus(other.moments));
  }

  /** The root mean square over coordinates that belongs to a sum of squares. */
  double rms(double sum) {
    return Math.sqrt(sum / coordinates);
  }
}
