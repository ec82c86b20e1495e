package io.adamant.theory;

import io.adamant.base.InputException;
import java.util.List;

/** All quantities, from the classes that compute them: one makes one {@code theory NAME}. */
public final class Quantities {

  private static final List<Quantity> ALL =
      List.of(
          UpdateRms.UPDATE_RMS,
          UpdateRms.SNR_BEHIND,
          ScaleDrift.SCALE_DRIFT,
          UpdateSupremum.SUP_UPDATE,
          WeightRmsRecursion.WEIGHT_RMS,
          TotalUpdateContribution.TOTAL_UPDATE,
          LongRun.ANGLE,
          Equilibrium.EQUILIBRIUM,
          DecaySums.DECAY_SUMS,
          SignAutocorrelation.SIGN_CORRELATION,
          NoiseScale.NOISE_SCALE,
          EffectiveBatch.BATCH_MAGNIFICATION,
          OptimalLearningRate.OPTIMAL_LR,
          SurgeThreshold.SURGE,
          SoftSign.SOFTSIGN,
          OptimalLearningRate.SOFTSIGN_LR,
          LongRun.SGDM_VARIANCE,
          VariationalMomentum.EQUAL_BETAS,
          SignalOperator.SIGNAL);

  private Quantities() {}

  /** All of them, in the order of the documentation. */
  public static List<Quantity> all() {
    return ALL;
  }

  /**
   * One by its name.
   *
   * @param name such as {@code update-rms}
   * @throws InputException with one line that names them all
   */
  public static Quantity named(String name) {
    return Topic.named("quantity", ALL, name);
  }
}
