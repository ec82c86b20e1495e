package io.adamant.measure;

import io.adamant.theory.SignumWeightRms;
import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Updates of &plusmn;1: SignSGD, Signum, Lion. Their RMS is 1 exactly, less only where gradients
 * are exactly zero.
 *
 * @param average of the state m, if there is one
 * @param signBeta1 coefficient of the average whose sign is taken; empty where the sign is of
 *     something else, so that the weights are not predicted
 */
record SignModel(Optional<GradientAverage> average, OptionalDouble signBeta1)
    implements UpdateModel {

  @Override
  public OptionalDouble meanSquare(OptionalDouble snr, double gradientSquare, long step) {
    return OptionalDouble.of(UpdateRms.signType());
  }

  @Override
  public OptionalDouble freeRms() {
    return OptionalDouble.of(UpdateRms.signType());
  }

  @Override
  public Optional<WeightRmsRecursion> weights(double initialRms) {
    return signBeta1.isPresent()
        ? Optional.of(WeightRmsRecursion.signum(signBeta1.getAsDouble(), 0, initialRms))
        : Optional.empty();
  }

  @Override
  public OptionalDouble equilibriumWeightRms(double lr, double weightDecay) {
    return signBeta1.isPresent() && lr > 0 && weightDecay > 0 && lr * weightDecay < 1
        ? OptionalDouble.of(
            SignumWeightRms.exactStationary(signBeta1.getAsDouble(), 0, lr, weightDecay))
        : OptionalDouble.empty();
  }
}
