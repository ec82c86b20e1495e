package io.adamant.measure;

/**
 * Sums of squares over coordinates after a step.
 *
 * @param coordinates how many
 * @param update of the direction u
 * @param weight of the weights
 * @param gradient of the gradient, as the optimizer got it
 * @param momentum of the state m; not a number where the optimizer has none
 */
record Sums(long coordinates, double update, double weight, double gradient, double momentum) {

  static final Sums ZERO = new Sums(0, 0, 0, 0, 0);

  Sums plus(Sums other) {
    return new Sums(
        coordinates + other.coordinates,
        update + other.update,
        weight + other.weight,
        gradient + other.gradient,
        momentum + other.momentum);
  }

  /** The root mean square over coordinates that belongs to a sum of squares. */
  double rms(double sum) {
    return Math.sqrt(sum / coordinates);
  }
}
