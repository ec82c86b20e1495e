package io.adamant.measure;

import io.adamant.optim.LearningRate;
import io.adamant.optim.ParameterGroup;
import io.adamant.theory.WeightRmsRecursion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * The weight RMS of a cell on pure noise, a pure function of initial RMS, schedule and step. It is
 * brought up to date when it is asked, so that measuring seldom predicts the same as measuring
 * often.
 */
final class WeightPrediction {

  private static final double NO_NOISE = 1e15; // an snr

  private final Optional<WeightRmsRecursion> recursion;
  private final List<WeightRmsRecursion> parts; // from weights of zero: noise alone, signal alone
  private final LearningRate learningRate;
  private final double lrScale;
  private final DoubleUnaryOperator decay; // of the rate
  private boolean leftTheory; // lr * decay reached 1: a step flips every weight

  WeightPrediction(ParameterGroup group, double initialRms, LearningRate learningRate) {
    this.recursion =
        Double.isFinite(initialRms) && group.optimizer().shrinksAlike()
            ? Predictions.of(group.optimizer()).weights(initialRms)
            : Optional.empty();
    this.parts =
        recursion
            .flatMap(weights -> Predictions.of(group.optimizer()).adam())
            .map(adam -> List.of(adam.weights(0, 0), adam.weights(0, NO_NOISE)))
            .orElse(List.of());
    this.learningRate = learningRate;
    this.lrScale = group.lrScale();
    this.decay = rate -> group.optimizer().perRate(group.weightDecay(), rate);
  }

  /**
   * The mean square after a step if the gradient's mean had one direction from the first step on,
   * for AdamW and its kin. The recursion is linear in the squared mean s/(s + 1) and the variance
   * 1/(s + 1) of the update, so three runs of it hold for every snr s.
   *
   * @param snr ‖μ‖²/‖σ‖² of the whole time; below zero it counts as zero
   */
  OptionalDouble meanSquareWithSignal(long step, double snr) {
    if (parts.isEmpty() || !Double.isFinite(snr) || meanSquare(step).isEmpty()) {
      return OptionalDouble.empty();
    }
    for (WeightRmsRecursion part : parts) {
      advance(part, step);
    }
    double s = Math.max(0, snr);
    double noise = square(parts.get(0));
    double drift = square(parts.get(1));
    double start = square(recursion.get()) - noise;
    return OptionalDouble.of(start + s / (s + 1) * drift + noise / (s + 1));
  }

  private static double square(WeightRmsRecursion weights) {
    return weights.rms() * weights.rms();
  }

  /** The mean square after a step, asked in rising order of steps. */
  OptionalDouble meanSquare(long step) {
    if (recursion.isEmpty()) {
      return OptionalDouble.empty();
    }
    advance(recursion.get(), step);
    return leftTheory ? OptionalDouble.empty() : OptionalDouble.of(square(recursion.get()));
  }

  private void advance(WeightRmsRecursion weights, long step) {
    while (!leftTheory && weights.steps() < step) {
      double lr = learningRate.at(weights.steps()) * lrScale;
      double weightDecay = decay.applyAsDouble(lr);
      leftTheory = !(lr >= 0 && lr < Double.POSITIVE_INFINITY && lr * weightDecay < 1);
      if (!leftTheory) {
        weights.advance(lr, weightDecay);
      }
    }
  }
}
