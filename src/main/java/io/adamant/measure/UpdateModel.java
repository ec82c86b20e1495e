package io.adamant.measure;

import io.adamant.theory.WeightRmsRecursion;
import java.util.Optional;
import java.util.OptionalDouble;

/** What theory says about one optimizer with certain settings; empty where it says nothing. */
interface UpdateModel {

  /** Nothing is known. */
  UpdateModel UNKNOWN = new UpdateModel() {};

  /** The averages of g over the root of averages of g² that the update is, if it is that. */
  default Optional<AdamModel> adam() {
    return Optional.empty();
  }

  /** How the state tensor {@code m} averages gradients. */
  default Optional<GradientAverage> average() {
    return Optional.empty();
  }

  /**
   * The self-consistent mean field: E u² from what the run itself measured.
   *
   * @param snr ‖μ‖²/‖σ‖², if it is known; below zero it counts as zero
   * @param gradientSquare mean square of the gradient's coordinates
   * @param step t, 1 after the first update
   * @return E u² over coordinates
   */
  default OptionalDouble meanSquare(OptionalDouble snr, double gradientSquare, long step) {
    return OptionalDouble.empty();
  }

  /** The stationary update RMS on pure noise, from the settings alone. */
  default OptionalDouble freeRms() {
    return OptionalDouble.empty();
  }

  /**
   * The weight RMS on pure noise, step by step.
   *
   * @param initialRms RMS of the weights before the first step
   */
  default Optional<WeightRmsRecursion> weights(double initialRms) {
    return Optional.empty();
  }

  /**
   * The weight RMS where decay and updates on pure noise balance, at a constant rate.
   *
   * @param lr learning rate
   * @param weightDecay decay; 0 has no balance
   */
  default OptionalDouble equilibriumWeightRms(double lr, double weightDecay) {
    return OptionalDouble.empty();
  }
}
