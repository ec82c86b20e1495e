package io.adamant.measure;

import io.adamant.theory.MomentumStart;
import io.adamant.theory.NoiseUpdate;
import io.adamant.theory.RatioUpdate;
import io.adamant.theory.SignUpdate;
import io.adamant.theory.UpdateRms;
import io.adamant.theory.WeightRmsRecursion;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * A rule whose update on pure noise is a formula of theory.md &sect;12.
 *
 * <p>Weights: those of averages from zero, and for the others of a stationary covariance
 * &sigma;&sup2;q^k with q = (c &minus; 1)/(c + 1), which has the sum c = 1 + 2&nbsp;&Sigma;&rho;_k.
 */
final class NoiseModel implements UpdateModel {

  private final NoiseUpdate update;
  private final Optional<GradientAverage> average;
  private final Optional<SnrGrid> meanSquares;

  /**
   * A model.
   *
   * @param update on pure noise
   * @param average of the state m, if there is one
   * @param meanSquare E u&sup2; by the snr, stationary; empty where only pure noise is known
   */
  NoiseModel(
      NoiseUpdate update,
      Optional<GradientAverage> average,
      Optional<DoubleUnaryOperator> meanSquare) {
    this.update = update;
    this.average = average;
    meanSquares = meanSquare.map(SnrGrid::new);
  }

  @Override
  public Optional<GradientAverage> average() {
    return average;
  }

  @Override
  public OptionalDouble meanSquare(OptionalDouble snr, double gradientSquare, long step) {
    if (update instanceof SignUpdate sign && sign.kept() == 1) {
      return OptionalDouble.of(UpdateRms.signType()); // whatever the snr
    }
    OptionalDouble stationary =
        meanSquares.isPresent()
            ? meanSquares.get().at(snr, update.rms() * update.rms())
            : OptionalDouble.empty();
    return stationary.isPresent() && update instanceof RatioUpdate ratio
        ? OptionalDouble.of(
            ratio.meanSquare(Math.max(0, snr.getAsDouble()), step, stationary.getAsDouble()))
        : stationary;
  }

  @Override
  public OptionalDouble freeRms() {
    return OptionalDouble.of(update.rms());
  }

  @Override
  public Optional<WeightRmsRecursion> weights(double initialRms) {
    if (update instanceof RatioUpdate ratio) {
      return Optional.of(WeightRmsRecursion.ratio(ratio, initialRms));
    }
    double c = Math.max(1, update.spread());
    return Optional.of(
        WeightRmsRecursion.movingAverage(
            (c - 1) / (c + 1), update.rms(), 0, initialRms, MomentumStart.STATIONARY));
  }

  @Override
  public OptionalDouble equilibriumWeightRms(double lr, double weightDecay) {
    return lr > 0 && weightDecay > 0 && lr * weightDecay < 1
        ? OptionalDouble.of(update.weightRms(lr, weightDecay))
        : OptionalDouble.empty();
  }
}
