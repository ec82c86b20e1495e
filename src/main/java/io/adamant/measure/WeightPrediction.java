package io.adamant.measure;

import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.theory.WeightRmsRecursion;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The weight RMS of a cell on pure noise, a pure function of initial RMS, schedule and step. It is
 * brought up to date when it is asked, so that measuring seldom predicts the same as measuring
 * often.
 */
final class WeightPrediction {

  private final Optional<WeightRmsRecursion> recursion;
  private final LearningRate learningRate;
  private final double lrScale;
  private final double weightDecay;
  private boolean leftTheory; // lr * decay reached 1: a step flips every weight

  WeightPrediction(ParameterGroup group, double initialRms, LearningRate learningRate) {
    this.recursion =
        Double.isFinite(initialRms)
            ? Predictions.of(group.optimizer()).weights(initialRms)
            : Optional.empty();
    this.learningRate = learningRate;
    this.lrScale = group.lrScale();
    this.weightDecay = group.weightDecay();
  }

  /** The mean square after a step, asked in rising order of steps. */
  OptionalDouble meanSquare(long step) {
    if (recursion.isEmpty()) {
      return OptionalDouble.empty();
    }
    WeightRmsRecursion weights = recursion.get();
    while (!leftTheory && weights.steps() < step) {
      double lr = learningRate.at(weights.steps()) * lrScale;
      leftTheory = !(lr >= 0 && lr < Double.POSITIVE_INFINITY && lr * weightDecay < 1);
      if (!leftTheory) {
        weights.advance(lr, weightDecay);
      }
    }
    double rms = weights.rms();
    return leftTheory ? OptionalDouble.empty() : OptionalDouble.of(rms * rms);
  }
}
